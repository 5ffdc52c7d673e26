import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LAUNCHER = fileURLToPath(new URL("../../apps/cli/bin/modwarden.mjs", import.meta.url));
const WAIT_MS = 30_000;

export interface RunOptions {
  /** `source` runs the sources as they are; `built` the launcher as a user has it, under any Node. Default `source`. */
  readonly from?: "source" | "built";
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Every line of stdout, parsed; throws where a line is not JSON. */
  readonly json: readonly unknown[];
}

/** Runs the command to its end. */
export async function modwarden(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const running = startModwarden(args, options);
  running.child.stdin.end(options.input ?? "");
  return running.finished;
}

/** The command while it runs. */
export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly finished: Promise<Finished>;
  /** Resolves to the URL of the listener that `--json` announces under this name; rejects when the command ends first. */
  ready(name: string): Promise<string>;
  /** Resolves to the first line of stdout that `matches`, also one that has passed. */
  line(matches: (line: string) => boolean): Promise<string>;
  /** Sends the signal (default SIGTERM) and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Finished>;
}

export function startModwarden(args: readonly string[], options: RunOptions = {}): Running {
  const source = (options.from ?? "source") === "source";
  const node = source ? ["--conditions=@modwarden/source"] : [];
  const env = { ...process.env, MODWARDEN_SOURCE: source ? "1" : undefined, NO_COLOR: "1", ...options.env };
  const child = spawn(process.execPath, [...node, LAUNCHER, ...args], {
    cwd: options.cwd ?? ROOT,
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => undefined); // the command may end before it has read everything
  const output = collect(child);
  const finished = finish(child, output);
  return {
    child,
    finished,
    line: (matches) => output.line(matches, finished),
    async ready(name) {
      const line = await output.line((text) => text.startsWith(`{"ready":${JSON.stringify(name)}`), finished);
      const { url } = JSON.parse(line) as { url?: string };
      return url ?? "";
    },
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      return finished;
    },
  };
}

interface Output {
  readonly text: { stdout: string; stderr: string };
  line(matches: (line: string) => boolean, finished: Promise<Finished>): Promise<string>;
}

function collect(child: Running["child"]): Output {
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text.stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text.stderr += chunk;
  });
  return {
    text,
    async line(matches, finished) {
      const deadline = AbortSignal.timeout(WAIT_MS);
      for (;;) {
        const found = text.stdout.split("\n").slice(0, -1).find(matches);
        if (found !== undefined) return found;
        const ended = await Promise.race([
          once(child.stdout, "data", { signal: deadline }).then(() => undefined),
          finished,
        ]);
        if (ended === undefined) continue;
        const last = text.stdout.split("\n").find(matches);
        if (last !== undefined) return last;
        throw new Error(`modwarden ended with ${ended.code ?? ended.signal} before the line came\n${ended.stderr}`);
      }
    },
  };
}

async function finish(child: Running["child"], output: Output): Promise<Finished> {
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  const { stdout, stderr } = output.text;
  return {
    code,
    signal,
    stdout,
    stderr,
    get json() {
      return stdout
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as unknown);
    },
  };
}
