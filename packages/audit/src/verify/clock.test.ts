import { createPrivateKey } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Checkpoint, checkpointLine, parseCheckpoint, signCheckpoint } from "../log/checkpoint.ts";
import { serialiseRecord } from "../record/record.ts";
import { formatTime } from "../record/time.ts";
import { lines, NOON, testLog } from "../testing/logs.ts";
import { ClockCheck } from "./clock-check.ts";
import { verifyLog } from "./verify.ts";

const DAY_MS = 86_400_000;
const finding = (ms: number): string => serialiseRecord(formatTime(ms), "finding", { text: "x" });

const epoch = (number: number) => ({ number, first: 0, count: 0, since: formatTime(NOON + number) });

/** The checkpoints of a log, and putting others in their place. */
function book(dir: string): { readonly list: Checkpoint[]; put(list: readonly Checkpoint[]): void } {
  const file = `${dir}/checkpoints.jsonl`;
  return {
    list: lines(file).map((line) => parseCheckpoint(Buffer.from(line))!),
    put: (list) => writeFileSync(file, list.map((one) => `${checkpointLine(one)}\n`).join("")),
  };
}

/** What a thief of today's key does: dates a checkpoint anew and signs it. */
function redated(dir: string, checkpoint: Checkpoint, t: string): Checkpoint {
  const [name = ""] = readdirSync(`${dir}-keys`).filter((file) => file.startsWith("epoch-"));
  const { private: key } = JSON.parse(readFileSync(`${dir}-keys/${name}`, "utf8")) as { private: string };
  return signCheckpoint(
    { ...checkpoint, t },
    createPrivateKey({ key: Buffer.from(key, "base64"), format: "der", type: "pkcs8" }),
  );
}

describe("times", () => {
  it("of records are held against the beginning of their epoch and against their checkpoint, with some slack", () => {
    const { dir, clock, open } = testLog();
    const log = open();
    clock.ms += DAY_MS;
    log.checkpoint();
    const since = formatTime(clock.ms);
    for (const ms of [clock.ms - 119_000, clock.ms + 119_000]) log.append(finding(ms));
    log.checkpoint();
    expect(verifyLog({ dir })).not.toHaveProperty("clock");
    for (const ms of [clock.ms - 121_000, NOON, clock.ms + 121_000]) log.append(finding(ms));
    clock.ms += 500;
    log.close();
    expect(verifyLog({ dir })).toMatchObject({
      ok: true,
      clock: [
        { epoch: 1, seq: 5, t: formatTime(NOON + DAY_MS - 121_000), records: 2, before: since },
        { epoch: 1, seq: 7, t: formatTime(NOON + DAY_MS + 121_000), records: 1, after: formatTime(clock.ms) },
      ],
    });
  });

  it("are told of a hundred epochs, and no more", () => {
    const chain = { last: undefined, epochBefore: epoch(0), epoch: epoch(0), expectOrder: () => undefined };
    const check = new ClockCheck(chain);
    const line = Buffer.from(`{"seq":7,${finding(NOON - DAY_MS)}`);
    for (let number = 0; number < 105; number++) {
      chain.epoch = epoch(number);
      check.expect(formatTime(NOON));
      check.take(line, 7, true);
    }
    expect(check.doubts).toHaveLength(100);
  });

  it("of checkpoints do not go back with the clock, and an epoch does not end at each of them", () => {
    const { dir, clock, open } = testLog();
    let log = open();
    clock.ms -= 3 * DAY_MS;
    for (let number = 0; number < 4; number++) {
      log.append(finding(NOON));
      log.checkpoint();
    }
    expect(log.epoch).toBe(1);
    log.close();
    log = open();
    log.close();
    const times = book(dir).list.map(({ t }) => t);
    expect(times).toEqual([...times].sort());
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
  });

  it("of a checkpoint that a thief of the key dates back are damage", () => {
    const { dir, clock, open } = testLog();
    const log = open();
    clock.ms += DAY_MS;
    log.checkpoint();
    log.append(finding(clock.ms));
    log.checkpoint();
    const { list, put } = book(dir);
    const at = list.length - 1;
    put(list.with(at, redated(dir, list[at]!, formatTime(clock.ms))));
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
    put(list.with(at, redated(dir, list[at]!, formatTime(NOON))));
    expect(verifyLog({ dir })).toMatchObject({ ok: false, seq: list[at - 1]!.size });
  });
});

describe("checkpoints", () => {
  it("cannot be taken out: the log counts them on record", () => {
    const { dir, clock, open } = testLog();
    let log = open();
    for (let number = 0; number < 12; number++) {
      log.append(finding(clock.ms));
      log.checkpoint();
      if (number === 3) clock.ms += DAY_MS;
      if (number === 6) log.close();
      // A crash: the one before is not closed.
      if (number === 6 || number === 9) log = open();
    }
    log.close();
    const { list, put } = book(dir);
    expect(verifyLog({ dir })).toMatchObject({ ok: true, checkpoints: list.length });
    expect(list.at(-1)!.epoch).toBe(3);
    for (const [at, { size }] of list.entries()) {
      put(list.toSpliced(at, 1));
      const result = verifyLog({ dir });
      expect(result.ok, `checkpoint ${at}`).toBe(at === list.length - 1);
      if (!result.ok) expect(result.seq).toBeLessThanOrEqual(size);
    }
  });

  it("are counted by records of the log's own only", () => {
    const { dir, clock, open } = testLog();
    const log = open();
    log.append(`${finding(clock.ms).slice(0, -1)},"checkpoints":7}`);
    log.append(serialiseRecord(formatTime(clock.ms), "system", { event: "other", checkpoints: "no number" }));
    log.checkpoint();
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
    log.append(serialiseRecord(formatTime(clock.ms), "system", { event: "other", checkpoints: 7 }));
    log.commit();
    expect(verifyLog({ dir })).toMatchObject({ ok: false, seq: 4 });
  });
});
