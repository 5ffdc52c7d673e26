import { createRing, RingReader, RingWriter } from "@modwarden/audit";
import { afterEach, describe, expect, it } from "vitest";
import { RecorderWatch } from "./recorder-watch.ts";
import { adu, type Rig, type RigOptions, startRig } from "./testing/rig.ts";

/** What the line does when the log cannot take records: unsure means no for writes, and nobody waits for ever. */
let rig: Rig | undefined;
afterEach(async () => {
  rig?.recorder("working");
  await rig?.stop();
  expect(rig?.line.slots.inUse ?? 0).toBe(0);
  rig = undefined;
});

async function start(options: RigOptions = {}): Promise<Rig> {
  rig = await startRig({ role: "Operator", ...options });
  return rig;
}

const read = adu(1, 1, "03 0010 0001");
const write = adu(2, 1, "06 0010 03e8");
const refused = adu(3, 1, "08 0001 0000");

describe("RecorderWatch", () => {
  it("takes a recorder that takes nothing for five seconds for failed, until it goes on", () => {
    const buffer = createRing(1 << 16);
    const watch = new RecorderWatch(buffer, 5_000);
    const writer = new RingWriter(buffer);
    const reader = new RingReader(buffer);
    const push = (): void => {
      writer.pushText("x".repeat(92));
      watch.pushed(writer.pushed, 100);
    };
    let nowMs = 1_000;
    const pass = (ms: number): void => {
      for (const end = nowMs + ms; nowMs < end; nowMs += 20) watch.look(nowMs);
    };
    pass(10_000);
    expect(watch.failed).toBe(false);
    push();
    pass(4_900);
    expect(watch.failed).toBe(false);
    pass(200);
    expect(watch.failed).toBe(true);
    reader.drain(() => undefined, 10);
    reader.publishDurable(reader.drained);
    pass(40);
    expect(watch.failed).toBe(false);
    // A machine that slept is no recorder that hangs.
    push();
    nowMs += 3_600_000;
    pass(40);
    expect(watch.failed).toBe(false);
  });

  it("never takes the ring for emptier than it is", () => {
    const buffer = createRing(1 << 16);
    const watch = new RecorderWatch(buffer, 5_000);
    const writer = new RingWriter(buffer);
    const reader = new RingReader(buffer);
    let held = 0;
    for (let nowMs = 1; nowMs < 3_000; nowMs += 1) {
      if ((nowMs * 7) % 5 < 3 && writer.pushText("x".repeat(92))) {
        watch.pushed(writer.pushed, 100);
        held += 1;
      }
      if (nowMs % 3 === 0) {
        held -= reader.drain(() => undefined, nowMs % 4);
        reader.publishDurable(reader.drained);
      }
      if (nowMs % 2 === 0) watch.look(nowMs);
      expect(watch.fill).toBeGreaterThanOrEqual((held * 100) / buffer.byteLength);
    }
  });
});

describe.each(["stuck", "failed", "stopped"] as const)("a recorder that is %s", (state) => {
  it("does not keep refusals waiting, nor reads; writes are answered 04 and reach no device", async () => {
    const { open, reached, recorder, line } = await start();
    const client = await open();
    client.send(read);
    await client.reply();
    recorder(state);
    client.send(Buffer.concat([refused, write, read]));
    expect(await client.replies(3)).toEqual(["000300000003018801", "000200000003018604", "0001000000050103020000"]);
    expect(reached.map(({ kind }) => kind)).toEqual(["read-holding-registers", "read-holding-registers"]);
    expect(line.counters.refusedAudit).toBe(1);
  });

  it("refuses what the site says, and forwards what it says", async () => {
    const { open, reached, recorder } = await start({ audit: { onFailure: { write: "forward", read: "refuse" } } });
    const client = await open();
    recorder(state);
    client.send(Buffer.concat([write, read]));
    expect(await client.replies(2)).toEqual(["000200000006" + "0106001003e8", "000100000003018304"]);
    expect(reached.map(({ kind }) => kind)).toEqual(["write-single-register"]);
  });

  it("releases who waits already", async () => {
    const { open, recorder, records } = await start();
    rig!.durable = false;
    const client = await open();
    client.send(refused);
    await expect.poll(() => records.length).toBe(1);
    expect(client.unread).toBe(0);
    recorder(state);
    expect(await client.reply()).toBe("000300000003018801");
  });
});

describe("a ring that fills up", () => {
  it("refuses writes before their record could be lost, answers refusals, and goes on when it is emptied", async () => {
    const { open, reached, line, records } = await start({ ringBytes: 16_384, limits: { recorderStallMs: 200 } });
    rig!.draining = false;
    const client = await open();
    const replies: string[] = [];
    for (let count = 0; count < 60; count += 1) {
      client.send(write);
      replies.push(await client.reply());
    }
    const permitted = replies.filter((reply) => reply.endsWith("0106001003e8")).length;
    expect(permitted).toBeGreaterThan(5);
    expect(replies.slice(permitted)).toEqual(Array(60 - permitted).fill("000200000003018604"));
    expect(reached).toHaveLength(permitted);
    client.send(read);
    expect(await client.reply()).toBe("00010000000501030203e8");
    rig!.draining = true;
    await expect
      .poll(async () => {
        client.send(write);
        return await client.reply();
      })
      .toBe("000200000006" + "0106001003e8");
    // No permitted write is without its record.
    await expect
      .poll(() => records.filter(({ decision }) => (decision as { permit?: boolean })?.permit === true).length)
      .toBeGreaterThanOrEqual(reached.filter(({ kind }) => kind === "write-single-register").length);
    expect(line.counters.refusedAudit).toBeGreaterThan(0);
  });
});
