/** Servers, clients and the load generator as processes of their own. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ClientResult, ClientTask } from "./clients/measure.ts";

const startMs = 10_000;
const answerMs = 60_000;

/** What a bench program is started with: a native program, or a TypeScript file beside this one. */
export interface Program {
  readonly name: string;
  readonly native?: string;
  readonly file?: string;
  readonly arguments?: readonly string[];
  readonly flags?: readonly string[];
}

export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface RunningServer extends Running {
  readonly port: number;
}

/** What the load generator reports. */
export interface LoadResult {
  readonly perSecond: number;
  /** Processor time of the server per request, in microseconds, read from the operating system. */
  readonly cpuUs: number;
  readonly serverCores: number;
  readonly loadCores: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export interface Load {
  readonly connections: number;
  /** How many of the connections ask; the others are held. */
  readonly active: number;
  readonly depth: number;
  readonly warmMs: number;
  readonly measuredMs: number;
}

function start({ native, file, arguments: rest = [], flags = [] }: Program): Running {
  const isNode = native === undefined;
  const command = isNode ? process.execPath : native;
  const args = isNode ? [...flags, fileURLToPath(new URL(file!, import.meta.url)), ...rest] : rest;
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit", ...(isNode ? ["ipc" as const] : [])] });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  return { child, pid: child.pid!, stop };
}

export async function startServer(program: Program): Promise<RunningServer> {
  const running = start(program);
  const lines = createInterface(running.child.stdout!);
  const line = await within(startMs, `${program.name} did not start`, running, once(lines, "line"));
  return { ...running, port: Number(line[0]) };
}

export async function startClient(program: Program): Promise<Running> {
  const running = start(program);
  await within(startMs, `${program.name} did not start`, running, once(running.child, "message"));
  return running;
}

/** The next message of a process of the bench after it was sent `message`. */
export async function ask<Answer>(running: Running, message: object): Promise<Answer> {
  const answer = once(running.child, "message");
  running.child.send(message);
  const [result] = await within(answerMs, "no answer of a process of the bench", running, answer);
  return result as Answer;
}

export function measureClient(running: Running, task: ClientTask): Promise<ClientResult> {
  return ask<ClientResult>(running, task);
}

/** Rejects with what the load generator says when the server answers wrongly, hangs up or goes silent. */
export function load(native: string, server: RunningServer, how: Load): Promise<LoadResult> {
  const { connections, active, depth, warmMs, measuredMs } = how;
  const args = [server.port, connections, active, depth, warmMs, measuredMs, server.pid].map(String);
  return new Promise((resolve, reject) => {
    execFile(native, args, { timeout: answerMs }, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout) as LoadResult);
      else reject(new Error(stderr.trim().replace(/^load: /, "") || error.message));
    });
  });
}

/** Holds connections that have asked once each and are idle since, until it is stopped. */
export async function hold(native: string, server: RunningServer, connections: number): Promise<Running> {
  const args = [server.port, connections, 0, 1, 0, 0, server.pid].map(String);
  const running = start({ name: "load", native, arguments: args });
  await within(startMs, "the connections were not taken", running, once(running.child.stdout!, "data"));
  return running;
}

async function within<Value>(ms: number, what: string, running: Running, awaited: Promise<Value>): Promise<Value> {
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
