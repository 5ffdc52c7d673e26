import { rmSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { ringDurable, ringRefused, ringState, whenDurable } from "../ring/durable.ts";
import { failingFs } from "../testing/failing-fs.ts";
import { body, codeOf, testLog } from "../testing/logs.ts";
import { bench, events, numbersOf } from "../testing/recorders.ts";
import { type SmallDisk, smallDisk } from "../testing/small-disk.ts";
import { verifyLog } from "../verify/verify.ts";
import { Reserve } from "./reserve.ts";

describe("a recorder whose disk fails", () => {
  it("says so in every ring and takes nothing more", async () => {
    const log = testLog();
    const { fs, failing } = failingFs();
    const { recorder, rings, writers } = bench(2, { log: log.open({ fs }) }, log);
    writers[0]!.pushText(body(1));
    const wait = whenDurable(rings[0]!, 1);
    failing.set("fdatasyncSync", "EIO");
    recorder.step();
    await expect(wait).rejects.toMatchObject({ code: "ERR_AUDIT_FAILED" });
    expect(rings.map(ringState)).toEqual(["failed", "failed"]);
    failing.clear();
    expect(recorder.step()).toBe(0);
    expect(rings.map(ringDurable)).toEqual([0, 0]);
    await recorder.wait(1);
    expect(codeOf(() => recorder.stop())).toBe("ERR_AUDIT_FAILED");
  });

  it("passes on what is no error of the log", () => {
    const log = testLog();
    const { recorder, writers } = bench(1, { now: log.clock.now }, log);
    writers[0]!.pushText(body(1));
    Object.defineProperty(recorder.log, "append", {
      value: () => {
        throw new TypeError("a defect");
      },
    });
    expect(() => recorder.step()).toThrow(TypeError);
  });
});

describe("a recorder whose disk is full", () => {
  let disk: SmallDisk | undefined;

  afterEach(() => {
    disk?.remove();
    disk = undefined;
  });

  it("keeps what it took, refuses the rest, and goes on when there is room again", async ({ skip }) => {
    const made = smallDisk();
    if (typeof made === "string") return skip(made);
    disk = made;
    const log = testLog(disk.folder);
    const { dir, clock, recorder, rings, writers } = bench(1, {}, log);
    const ballast = `${disk.folder}/ballast`;
    writeFileSync(ballast, new Uint8Array(900 * 1024));
    const [ring] = rings;
    const [writer] = writers;
    let number = 0;
    while (recorder.state === "working" && number < 10_000) {
      while (writer!.pushText(body(number, "x".repeat(300)))) number++;
      recorder.step();
    }
    expect(recorder.state).toBe("stuck");
    expect(ringState(ring!)).toBe("stuck");
    const durable = ringDurable(ring!);
    expect(durable).toBeLessThan(number);
    await expect(whenDurable(ring!, number)).rejects.toMatchObject({ code: "ERR_AUDIT_FULL" });
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
    while (writer!.pushText(body(number, "x".repeat(300)))) number++;
    expect(recorder.step()).toBe(0);
    clock.ms += 250;
    expect(recorder.step()).toBe(0);
    expect(recorder.state).toBe("stuck");
    expect(ringDurable(ring!)).toBe(durable);
    rmSync(ballast);
    expect(recorder.step()).toBe(0);
    clock.ms += 250;
    while (recorder.step() > 0) expect(recorder.state).toBe("working");
    expect(recorder.state).toBe("working");
    expect(ringDurable(ring!)).toBe(number);
    recorder.stop();
    expect(numbersOf(dir)).toEqual(Array.from({ length: number }, (_, index) => index));
    expect(events(dir)).toContainEqual({ event: "resumed", stuckMs: 500 });
    expect(events(dir)).toContainEqual({ event: "refused", ring: 0, reason: "room", records: ringRefused(ring!) });
    expect(verifyLog({ dir })).toMatchObject({ ok: true, pending: 0 });
  });

  it("gives its reserve up, so that what happens meanwhile is still recorded", ({ skip }) => {
    const made = smallDisk();
    if (typeof made === "string") return skip(made);
    disk = made;
    const log = testLog(disk.folder);
    const reserve = new Reserve(`${disk.folder}/audit-reserve`, 128 * 1024);
    expect(reserve.restore()).toBe(true);
    const { dir, clock, recorder, rings, writers } = bench(1, { reserve, warnBelowBytes: 300_000 }, log);
    const [ring, writer] = [rings[0]!, writers[0]!];
    const ballast = `${disk.folder}/ballast`;
    writeFileSync(ballast, new Uint8Array(600 * 1024));
    clock.ms += 1000;
    recorder.step();
    expect([recorder.low, recorder.state]).toEqual([true, "working"]);
    let number = 0;
    while (recorder.state === "working" && number < 10_000) {
      while (writer.pushText(body(number, "x".repeat(300)))) number++;
      recorder.step();
    }
    expect(ringState(ring)).toBe("stuck");
    expect(ringDurable(ring)).toBeLessThan(number);
    clock.ms += 250;
    recorder.step();
    expect([ringState(ring), ringDurable(ring), reserve.held]).toEqual(["stuck", number, false]);
    expect(writer.pushText(body(number++, "a refusal"))).toBe(true);
    clock.ms += 250;
    recorder.step();
    expect([ringState(ring), ringDurable(ring)]).toEqual(["stuck", number]);
    rmSync(ballast);
    clock.ms += 1000;
    recorder.step();
    expect([ringState(ring), reserve.held]).toEqual(["working", true]);
    clock.ms += 1000;
    recorder.step();
    expect(recorder.low).toBe(false);
    recorder.stop();
    expect(numbersOf(dir)).toEqual(Array.from({ length: number }, (_, index) => index));
    for (const event of ["low-room", "full", "resumed", "room"]) {
      expect(events(dir)).toContainEqual(expect.objectContaining({ event }));
    }
    expect(verifyLog({ dir })).toMatchObject({ ok: true, pending: 0 });
  });

  it("says what was not made durable when it is stopped meanwhile", () => {
    const log = testLog();
    const { fs, failing } = failingFs();
    const { recorder, rings, writers } = bench(1, { log: log.open({ fs }) }, log);
    writers[0]!.pushText(body(1));
    failing.set("writeSync", "ENOSPC");
    recorder.step();
    expect(recorder.state).toBe("stuck");
    expect(codeOf(() => recorder.stop())).toBe("ERR_AUDIT_FULL");
    expect(rings.map(ringState)).toEqual(["stopped"]);
    expect(rings.map(ringDurable)).toEqual([0]);
  });
});
