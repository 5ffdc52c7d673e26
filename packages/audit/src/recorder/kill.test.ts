import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { countRecords } from "../read/tail.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { testLog } from "../testing/logs.ts";
import { verifyLog } from "../verify/verify.ts";

const CHILD = fileURLToPath(new URL("../testing/kill-child.ts", import.meta.url));
const TIMES = 20;

interface Printed {
  readonly covered: number;
  readonly durable: number;
}

/** Runs until the child has printed `lines` lines, kills it with signal 9, and returns the last line it printed. */
async function runAndKill(dir: string, cache: string, lines: number, meanwhile: () => void): Promise<Printed> {
  const child: ChildProcess = spawn(process.execPath, ["--conditions=@modwarden/source", CHILD, dir], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  const exit = once(child, "exit");
  let last: Printed = { covered: 0, durable: 0 };
  let count = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    last = JSON.parse(line) as Printed;
    if (++count === 2) meanwhile();
    if (count === lines) child.kill("SIGKILL");
  }
  const [, signal] = (await exit) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
  return last;
}

describe("kill -9 of a recorder under load", () => {
  it(`loses nothing that a checkpoint covered, ${TIMES} times over`, { timeout: 180_000 }, async () => {
    const { dir, open } = testLog();
    const cache = temporaryFolder();
    for (let time = 0; time < TIMES; time++) {
      const { covered, durable } = await runAndKill(dir, cache, 3 + (time % 7), () => {
        expect(verifyLog({ dir })).toMatchObject({ ok: true });
      });
      expect(covered).toBeGreaterThan(0);
      expect(countRecords(dir)).toBeGreaterThanOrEqual(Math.max(covered, durable));
      const before = verifyLog({ dir });
      expect(before).toMatchObject({ ok: true });
      expect(before.ok && before.records - before.pending).toBeGreaterThanOrEqual(covered);
    }
    open().close();
    expect(verifyLog({ dir })).toMatchObject({ ok: true, pending: 0 });
  });
});
