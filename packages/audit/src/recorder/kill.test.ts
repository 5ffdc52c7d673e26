import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { listSegments } from "../log/names.ts";
import { readRecords } from "../read/records.ts";
import { countRecords } from "../read/tail.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { testLog } from "../testing/logs.ts";
import { verifyLog } from "../verify/verify.ts";

const CHILD = fileURLToPath(new URL("../testing/kill-child.ts", import.meta.url));
/** A few here, hundreds with `npm run kills`. */
const KILLS = Number(process.env["AUDIT_KILLS"] ?? "20");
/** Kills that one log lives through. */
const PER_LOG = 5;
const LONGEST_MS = 60;

/** Kills the child with signal 9 at a random moment of its work. Returns how many records it had said are durable. */
async function runAndKill(dir: string, run: number, cache: string): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, ["--conditions=@modwarden/source", CHILD, dir, String(run)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  const exit = once(child, "exit");
  let durable = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    if (durable === 0) void delay(Math.random() * LONGEST_MS).then(() => child.kill("SIGKILL"));
    durable = Number(line);
  }
  const [, signal] = (await exit) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
  return durable;
}

/** Bytes of a line that was not finished. */
function tornBytes(dir: string): number {
  const bytes = readFileSync(`${dir}/${listSegments(dir).at(-1)!.file}`);
  return bytes.length - 1 - bytes.lastIndexOf(0x0a);
}

/** What the recovery after a kill has recorded of what it cut off, since record `from`. */
function cutSince(dir: string, from: number): unknown {
  for (const { event, cutBytes } of readRecords(dir, { fromSeq: from })) if (event === "recovery") return cutBytes;
  return undefined;
}

describe("kill -9 of a line and its recorder under full load", () => {
  it(`loses nothing that was said to be durable, ${KILLS} times over`, { timeout: 20_000 * KILLS }, async () => {
    const cache = temporaryFolder();
    const seen = { durable: 0, recorded: 0, torn: 0 };
    for (let kill = 0; kill < KILLS; kill += PER_LOG) {
      const { dir, open } = testLog();
      for (let run = kill; run < Math.min(kill + PER_LOG, KILLS); run++) {
        const from = run === kill ? 0 : countRecords(dir);
        const torn = run === kill ? 0 : tornBytes(dir);
        const durable = await runAndKill(dir, run, cache);
        expect(durable).toBeGreaterThan(0);
        expect(verifyLog({ dir })).toMatchObject({ ok: true });
        const numbers = [...readRecords(dir, { fromSeq: from })].flatMap((record) =>
          record["run"] === run ? [record["number"]] : [],
        );
        expect(numbers.length).toBeGreaterThanOrEqual(durable);
        expect(numbers.every((number, index) => number === index)).toBe(true);
        if (torn > 0) expect(cutSince(dir, from)).toBe(torn);
        seen.durable += durable;
        seen.recorded += numbers.length;
        if (torn > 0) seen.torn += 1;
      }
      open().close();
      expect(verifyLog({ dir })).toMatchObject({ ok: true, pending: 0 });
    }
    if (process.env["AUDIT_KILLS"] !== undefined) {
      process.stdout.write(
        `${KILLS} kills: ${seen.durable} records were said to be durable, ${seen.recorded} are there; ` +
          `${seen.torn} torn tails were cut off and recorded\n`,
      );
    }
  });
});
