import { describe, expect, it } from "vitest";
import { ringDurable, ringState, whenDurable } from "../ring/durable.ts";
import { failingFs } from "../testing/failing-fs.ts";
import { body, testLog } from "../testing/logs.ts";
import { bench, events, numbersOf } from "../testing/recorders.ts";
import { verifyLog } from "../verify/verify.ts";

describe("the recorder", () => {
  it("writes what was pushed, in fair turns, and says what is durable", () => {
    const { dir, recorder, rings, writers } = bench(2, { batchRecords: 4 });
    for (let number = 0; number < 6; number++) writers[0]!.pushText(body(number));
    for (let number = 100; number < 102; number++) writers[1]!.pushText(body(number));
    expect(rings.map(ringDurable)).toEqual([0, 0]);
    expect(recorder.step()).toBe(4);
    expect(rings.map(ringDurable)).toEqual([2, 2]);
    expect(recorder.step()).toBe(4);
    expect(rings.map(ringDurable)).toEqual([6, 2]);
    expect(recorder.step()).toBe(0);
    expect(numbersOf(dir)).toEqual([0, 1, 100, 101, 2, 3, 4, 5]);
    expect(verifyLog({ dir })).toMatchObject({ ok: true, pending: 8 });
  });

  it("signs a checkpoint when a second has passed and there is anything new", () => {
    const { dir, clock, recorder, writers } = bench(1);
    const { log } = recorder;
    writers[0]!.pushText(body(1));
    clock.ms += 999;
    recorder.step();
    expect(log.covered).toBe(2);
    clock.ms += 1;
    recorder.step();
    expect(log.covered).toBe(3);
    clock.ms += 5000;
    recorder.step();
    expect(verifyLog({ dir })).toMatchObject({ ok: true, checkpoints: 3, pending: 0 });
  });

  it("signs one before the second is over when there is much that is new", () => {
    const { recorder, writers } = bench(1, { checkpointRecords: 3 });
    const { log } = recorder;
    for (let number = 0; number < 2; number++) writers[0]!.pushText(body(number));
    recorder.step();
    expect(log.covered).toBe(2);
    writers[0]!.pushText(body(2));
    recorder.step();
    expect(log.covered).toBe(5);
  });

  it("signs one at once when it is asked to, and says when it cannot", () => {
    const log = testLog();
    const { fs, failing } = failingFs();
    const { recorder, writers } = bench(1, { log: log.open({ fs }) }, log);
    writers[0]!.pushText(body(1));
    expect(recorder.checkpoint()).toBe(true);
    expect(recorder.log.covered).toBe(3);
    writers[0]!.pushText(body(2));
    failing.set("writeSync", "ENOSPC");
    expect(recorder.checkpoint()).toBe(false);
    expect(recorder.state).toBe("stuck");
  });

  it("begins an epoch with the day, also when there is nothing new", () => {
    const { clock, recorder } = bench(1);
    clock.ms += 86_400_000;
    recorder.step();
    expect(recorder.log.epoch).toBe(1);
  });

  it("records what its rings refused, once, and that the clock was set", () => {
    let skewMs = 0;
    const log = testLog();
    const now = () => new Date(log.clock.ms + skewMs);
    const { dir, clock, recorder, writers } = bench(2, { now }, log);
    while (writers[1]!.pushText(body(1, "x".repeat(500)))) expect(writers[1]!.pushed).toBeLessThan(10);
    skewMs = -5000;
    for (let round = 0; round < 3; round++) {
      clock.ms += 1000;
      recorder.step();
    }
    expect(events(dir)).toEqual([
      { event: "start", epoch: 0, clean: true, checkpoints: 0 },
      { event: "clock", jumpMs: -5000 },
      { event: "refused", ring: 1, reason: "room", records: 1 },
    ]);
  });

  it("records why something was refused without being tried, also what only the stop brings", () => {
    const { dir, clock, recorder, writers } = bench(1);
    writers[0]!.pushText(body(1, "x".repeat(4000)));
    writers[0]!.refuse("reserve");
    writers[0]!.refuse("state", 5);
    clock.ms += 1000;
    recorder.step();
    writers[0]!.refuse("reserve", 2);
    recorder.stop();
    expect(events(dir).filter((event) => (event as { event: string }).event === "refused")).toEqual([
      { event: "refused", ring: 0, reason: "reserve", records: 1 },
      { event: "refused", ring: 0, reason: "size", records: 1 },
      { event: "refused", ring: 0, reason: "state", records: 5 },
      { event: "refused", ring: 0, reason: "reserve", records: 2 },
    ]);
  });

  it("does not let a malformed record into the log, and counts it there", () => {
    const { dir, recorder, rings, writers } = bench(1);
    for (const text of ["hello", body(1), "bad\n"]) writers[0]!.pushText(text);
    recorder.step();
    expect(ringDurable(rings[0]!)).toBe(3);
    expect(events(dir)).toContainEqual({ event: "bad-records", records: 2 });
    expect(verifyLog({ dir })).toMatchObject({ ok: true, records: 4 });
  });

  it("takes records of its own thread, and works without rings", async () => {
    const { dir, recorder } = bench(0);
    const wait = recorder.wait(60_000);
    expect(recorder.append(body(1))).toBe(2);
    await wait;
    recorder.step();
    expect(recorder.log.size).toBe(3);
    expect(numbersOf(dir)).toEqual([1]);
    recorder.stop();
  });

  it("wakes when a record is pushed, and otherwise when the time is over", async () => {
    const { recorder, rings, writers } = bench(2);
    const wait = recorder.wait(60_000);
    writers[1]!.pushText(body(1));
    await wait;
    await recorder.wait(60_000);
    const durable = whenDurable(rings[1]!, 1);
    recorder.step();
    await durable;
    await recorder.wait(1);
    expect(recorder.step()).toBe(0);
  });

  it("takes everything that is left when it stops", async () => {
    const { dir, recorder, rings, writers } = bench(2, { batchRecords: 3 });
    for (let number = 0; number < 10; number++) writers[number % 2]!.pushText(body(number));
    recorder.stop();
    expect(rings.map(ringDurable)).toEqual([5, 5]);
    expect(rings.map(ringState)).toEqual(["stopped", "stopped"]);
    expect(recorder.step()).toBe(0);
    await expect(whenDurable(rings[0]!, 6)).rejects.toMatchObject({ code: "ERR_AUDIT_CLOSED" });
    expect(verifyLog({ dir })).toMatchObject({ ok: true, records: 13, pending: 0 });
    expect(events(dir).at(-1)).toEqual({ event: "stop", checkpoints: 2 });
  });

  it("compresses sealed segments when there is nothing else to do, and goes on when that fails", () => {
    const log = testLog();
    const { fs, failing } = failingFs();
    const { dir, recorder, writers } = bench(1, { log: log.open({ fs, segmentBytes: 300 }) }, log);
    writers[0]!.pushText(body(1, "x".repeat(400)));
    recorder.step();
    failing.set("renameSync", "EIO");
    recorder.step();
    recorder.step();
    failing.clear();
    recorder.step();
    expect(recorder.state).toBe("working");
    expect(events(dir)).toContainEqual({ event: "compression-failed", code: "ERR_AUDIT_FAILED" });
    writers[0]!.pushText(body(2, "x".repeat(400)));
    for (let round = 0; round < 9; round++) recorder.step();
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
  });
});
