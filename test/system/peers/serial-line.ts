/** Two ends of a serial line that is none: a pair of pseudo terminals, which socat holds together. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/** The paths of both ends. They are gone with the test. `socat` is the path of the program. */
export async function createSerialLine(socat: string): Promise<readonly [ours: string, theirs: string]> {
  const end = "pty,raw,echo=0";
  const child = spawn(socat, ["-d", "-d", end, end], { stdio: ["ignore", "ignore", "pipe"] });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  onTestFinished(async () => {
    child.kill();
    await gone;
  });
  const paths: string[] = [];
  for await (const line of createInterface(child.stderr)) {
    const path = /PTY is (\S+)/.exec(line)?.[1];
    if (path !== undefined) paths.push(path);
    if (paths.length === 2 && line.includes("starting data transfer")) {
      child.stderr.resume();
      return [paths[0]!, paths[1]!];
    }
  }
  throw new Error("socat made no pair of terminals");
}
