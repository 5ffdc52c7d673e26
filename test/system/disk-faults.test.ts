/** What clients see of a log whose disk fails: full, I/O errors of a write and of a sync, and a disk that is slow. */
import { describe, expect, it } from "vitest";
import { type FaultyRig, startFaultyRig } from "./faults/rig.ts";

const READS = 400;

type Answer = "done" | number | "nothing";

async function answerOf(request: Promise<unknown>): Promise<Answer> {
  try {
    await request;
    return "done";
  } catch (error) {
    const { exception } = error as { readonly exception?: number };
    return exception ?? "nothing";
  }
}

const write = ({ client }: FaultyRig, value: number): Promise<Answer> => answerOf(client.writeRegister(1, value));
/** Outside what the policy permits. */
const refused = ({ client }: FaultyRig, value: number): Promise<Answer> => answerOf(client.writeRegister(100, value));
const read = ({ client }: FaultyRig): Promise<Answer> => answerOf(client.readHoldingRegisters(0, 4));

/** The 99th percentile of permitted reads, one after the other, in milliseconds. */
async function p99(rig: FaultyRig): Promise<number> {
  const tookMs: number[] = [];
  for (let count = 0; count < READS; count += 1) {
    const began = performance.now();
    expect(await read(rig)).toBe("done");
    tookMs.push(performance.now() - began);
  }
  tookMs.sort((left, right) => left - right);
  return tookMs[Math.floor(READS * 0.99)] ?? Number.NaN;
}

/** Refusals on record: those of their own, and those that are counted. */
function refusalsOn(records: readonly Record<string, unknown>[]): number {
  let count = 0;
  for (const record of records) {
    const { permit } = (record["decision"] ?? {}) as { readonly permit?: boolean };
    if (record["kind"] === "transaction" && permit === false) count += 1;
    if (record["kind"] === "rollup" && record["of"] === "refusals") count += Number(record["count"]);
  }
  return count;
}

const writesOn = (records: readonly Record<string, unknown>[]): number =>
  records.filter(({ kind, decision }) => kind === "transaction" && (decision as { permit?: boolean }).permit).length;

describe("a disk that is full", () => {
  it("has writes refused and reads forwarded; no refusal is lost, and it goes on when there is room", async () => {
    const rig = await startFaultyRig();
    expect([await write(rig, 1), await refused(rig, 1)]).toEqual(["done", 1]);
    const undisturbedMs = await p99(rig);
    rig.fail("full");
    // It is noticed when something has to be written.
    const noticed = await refused(rig, 2);
    expect(noticed).toBe(1);
    expect([await write(rig, 2), await refused(rig, 3), await read(rig)]).toEqual([4, 1, "done"]);
    const fullMs = await p99(rig);
    rig.fail("none");
    await expect.poll(() => write(rig, 3), { timeout: 10_000 }).toBe("done");
    expect(rig.written).toEqual([1, 3]);
    const { records, verified } = await rig.stop();
    expect(verified).toBe(true);
    const unrecorded = records.filter(({ decision }) => (decision as { because?: string })?.because === "audit");
    // Those of the policy, and the writes that were refused because of the log.
    expect(refusalsOn(records)).toBe(3 + unrecorded.length);
    expect(unrecorded.length).toBeGreaterThan(0);
    expect(writesOn(records)).toBe(2);
    expect(records).toContainEqual(expect.objectContaining({ kind: "system", event: "resumed" }));
    console.log(`full disk: p99 of reads ${undisturbedMs.toFixed(2)} ms undisturbed, ${fullMs.toFixed(2)} ms full`);
  });

  it("has writes forwarded and reads refused where the site says so", async () => {
    const rig = await startFaultyRig({ onFailure: { write: "forward", read: "refuse" } });
    rig.fail("full");
    expect(await refused(rig, 1)).toBe(1);
    expect([await write(rig, 2), await read(rig)]).toEqual(["done", 4]);
    rig.fail("none");
    await expect.poll(() => read(rig), { timeout: 10_000 }).toBe("done");
    expect(rig.written).toEqual([2]);
    const { records, verified } = await rig.stop();
    expect(verified).toBe(true);
    expect(writesOn(records)).toBe(1);
  });
});

describe.each(["write error", "sync error"] as const)("a disk with a %s", (fault) => {
  it("is trusted no more: what was durable is there, writes are refused, reads forwarded", async () => {
    const rig = await startFaultyRig({ writeAhead: fault === "sync error" });
    for (let value = 0; value < 5; value += 1) expect(await refused(rig, value)).toBe(1);
    expect(await write(rig, 1)).toBe("done");
    const undisturbedMs = await p99(rig);
    rig.fail(fault);
    expect(await refused(rig, 6)).toBe(1);
    expect([await write(rig, 2), await read(rig)]).toEqual([4, "done"]);
    rig.fail("none");
    // The disk works again, but nobody knows what became of what it did not write.
    expect([await write(rig, 3), await read(rig)]).toEqual([4, "done"]);
    const failedMs = await p99(rig);
    expect(rig.written).toEqual([1]);
    const { records, verified } = await rig.stop();
    expect(verified).toBe(true);
    expect(refusalsOn(records)).toBeGreaterThanOrEqual(5);
    expect(records.at(-2)).toMatchObject({ kind: "system", event: "start", clean: false });
    console.log(`${fault}: p99 of reads ${undisturbedMs.toFixed(2)} ms undisturbed, ${failedMs.toFixed(2)} ms after`);
  });
});

describe("a slow disk", () => {
  it("delays what waits for it, and nothing else", async () => {
    const rig = await startFaultyRig();
    const rounds: (readonly [number, number])[] = [];
    for (let round = 0; round < 3; round += 1) {
      rig.fail("none");
      const undisturbedMs = await p99(rig);
      rig.fail("slow");
      const writing = (async (): Promise<void> => {
        for (let value = 0; value < 20; value += 1) {
          expect(await answerOf(rig.other.writeRegister(100, value))).toBe(1);
          expect(await answerOf(rig.other.writeRegister(1, value))).toBe("done");
        }
      })();
      rounds.push([undisturbedMs, await p99(rig)]);
      await writing;
    }
    const { records, verified } = await rig.stop();
    expect(verified).toBe(true);
    expect(refusalsOn(records)).toBe(60);
    expect(writesOn(records)).toBe(60);
    console.log(`slow disk: p99 of reads, undisturbed and slow, by round: ${JSON.stringify(rounds)} ms`);
  });

  it("delays a write that must be on record before it leaves, which still leaves once", async () => {
    const rig = await startFaultyRig({ writeAhead: true });
    rig.fail("slow");
    const began = performance.now();
    expect(await write(rig, 1)).toBe("done");
    const tookMs = performance.now() - began;
    const { records } = await rig.stop();
    expect(rig.written).toEqual([1]);
    expect(writesOn(records)).toBe(2);
    console.log(`slow disk: a write that is on record first took ${tookMs.toFixed(0)} ms`);
  });
});
