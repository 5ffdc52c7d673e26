/** Servers and load generators as processes of their own. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** On a machine that is busy with other things as well. */
const startMs = 30_000;
const loadMs = 120_000;

/** What a bench program is started with: a native program, or a TypeScript file of the bench. */
export interface Program {
  readonly name: string;
  readonly native?: string;
  /** Relative to bench/. */
  readonly file?: string;
  readonly arguments?: readonly string[];
  readonly flags?: readonly string[];
  /** What it says on standard error is of no interest. */
  readonly quiet?: boolean;
}

export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface RunningServer extends Running {
  readonly port: number;
}

/** What a load generator reports. */
export interface LoadResult {
  readonly perSecond: number;
  /** Processor time of the server per request, in microseconds, read from the operating system. */
  readonly cpuUs: number;
  readonly serverCores: number;
  readonly loadCores: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export function start({ native, file, arguments: rest = [], flags = [], quiet = false }: Program): Running {
  const isNode = native === undefined;
  const command = isNode ? process.execPath : native;
  const args = isNode ? [...flags, fileURLToPath(new URL(`../${file}`, import.meta.url)), ...rest] : rest;
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", quiet ? "ignore" : "inherit", ...(isNode ? ["ipc" as const] : [])],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  return { child, pid: child.pid!, stop };
}

/** A server that prints its port as its first line. */
export async function startServer(program: Program): Promise<RunningServer> {
  const running = start(program);
  const lines = createInterface(running.child.stdout!);
  const line = await within(startMs, `${program.name} did not start`, running, once(lines, "line"));
  return { ...running, port: Number(line[0]) };
}

/** Rejects with what the load generator says when the server answers wrongly, hangs up or goes silent. */
export function runLoad(native: string, args: readonly (string | number)[]): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    execFile(native, args.map(String), { timeout: loadMs }, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout) as LoadResult);
      else reject(new Error(stderr.trim().replace(/^load: /, "") || error.message));
    });
  });
}

/** What `awaited` resolves to; the process is stopped when that takes too long or it ends before. */
export async function within<Value>(
  ms: number,
  what: string,
  running: Running,
  awaited: Promise<Value>,
): Promise<Value> {
  const failed = Promise.withResolvers<never>();
  const timer = setTimeout(() => failed.reject(new Error(`${what} within ${ms} ms`)), ms);
  const onExit = (code: number | null): void => failed.reject(new Error(`${what}: it ended with ${code}`));
  running.child.once("exit", onExit);
  try {
    return await Promise.race([awaited, failed.promise]);
  } catch (error) {
    await running.stop();
    throw error;
  } finally {
    clearTimeout(timer);
    running.child.off("exit", onExit);
  }
}
