import { createMemoryHandler } from "@modwarden/modbus";
import { afterEach, describe, expect, it } from "vitest";
import { adu, type Rig, type RigOptions, startRig } from "./testing/rig.ts";

/** What is on record of a transaction, and when. */
let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

async function start(options: RigOptions = {}): Promise<Rig> {
  rig = await startRig({ role: "Operator", ...options });
  return rig;
}

describe("the record", () => {
  it("of a refusal is durable before the reply", async () => {
    const { open } = await start({ role: "Viewer" });
    rig!.durable = false;
    const client = await open();
    client.send(adu(1, 1, "06 0010 03e8"));
    await expect.poll(() => rig!.records.length).toBe(1);
    await expect(client.reply(100)).rejects.toThrow("nothing came");
    rig!.durable = true;
    expect(await client.reply()).toBe("000100000003018601");
  });

  it("of a permitted read is rolled up and comes when the line stops", async () => {
    const { open, records } = await start({ audit: { reads: "rollup" } });
    const client = await open();
    for (let transaction = 1; transaction <= 5; transaction += 1) {
      client.send(adu(transaction, 1, "03 0010 0002"));
      await client.reply();
    }
    // What it read for the first time is on record at once.
    await expect.poll(() => records.length).toBe(1);
    await rig!.stop();
    rig = undefined;
    expect(records).toMatchObject([{ kind: "state" }, { kind: "rollup", count: 5 }]);
  });

  it("of a value that changed comes at once; what a write has told is not told again", async () => {
    const memory = createMemoryHandler();
    const { open, records } = await start({ audit: { reads: "rollup" }, handler: memory });
    const client = await open();
    const read = async (): Promise<void> => {
      client.send(adu(1, 1, "03 0010 0002"));
      await client.reply();
    };
    await read();
    client.send(adu(2, 1, "06 0010 03e8"));
    await client.reply();
    await read();
    memory.tables.holdingRegisters[17] = 5;
    await read();
    await rig!.stop();
    rig = undefined;
    const [first, write, second, ...others] = records;
    expect(others.map(({ kind }) => kind)).toEqual(["rollup"]);
    expect(first).toMatchObject({ kind: "state", address: 16, values: [0, 0], before: [null, null] });
    expect(write).toMatchObject({ kind: "transaction", outcome: { before: [0] } });
    const location = { site: "test", gateway: "gw1" };
    const what = { device: "device", unit: 1, table: "holding", address: 17, values: [5], before: [0] };
    expect(second).toEqual({ t: expect.any(String), kind: "state", location, ...what });
  });

  it("of refusals beyond the first twenty of a minute is one that counts them", async () => {
    const { open, records } = await start({ role: "Viewer" });
    const client = await open();
    for (let transaction = 1; transaction <= 30; transaction += 1) {
      client.send(adu(transaction, 1, "06 0010 03e8"));
      expect(await client.reply()).toMatch(/8601$/);
    }
    await rig!.stop();
    rig = undefined;
    expect(records.filter(({ kind }) => kind === "transaction").length).toBeLessThanOrEqual(40);
    const counted = records
      .filter(({ kind }) => kind === "rollup")
      .reduce((sum, record) => sum + Number(record["count"]), 0);
    expect(records.filter(({ kind }) => kind === "transaction").length + counted).toBe(30);
  });

  it("of strangers are two hundred in a minute, from however many addresses; all are counted", async () => {
    const { open, records, line } = await start();
    for (let host = 10; host < 22; host += 1) {
      await Promise.all(Array.from({ length: 20 }, async () => (await open(`127.0.0.${host}`)).end()));
    }
    expect(line.counters.closedSources).toBe(240);
    await rig!.stop();
    rig = undefined;
    const counted = records.filter(({ kind }) => kind === "rollup");
    const singles = records.filter(({ kind }) => kind === "finding").length;
    // A minute may have begun meanwhile.
    expect(singles).toBeLessThanOrEqual(400);
    expect(counted.reduce((sum, record) => sum + Number(record["count"]), singles)).toBe(240);
  });

  it("says when, in order, and how long it took", async () => {
    const { open, records } = await start({
      handler: async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { kind: "read-holding-registers", registers: Uint16Array.of(1) };
      },
    });
    const client = await open();
    const fromMs = Date.now();
    client.send(Buffer.concat([adu(1, 1, "03 0010 0001"), adu(2, 1, "03 0010 0001"), adu(3, 9, "03 0010 0001")]));
    await client.replies(3);
    await expect.poll(() => records.length).toBe(3);
    const times = records.map(({ t }) => String(t));
    expect(times).toEqual(times.toSorted());
    for (const time of times) {
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(Math.abs(Date.parse(time) - fromMs)).toBeLessThan(5_000);
    }
    const latencies = records.map(({ outcome }) => (outcome as { latencyUs: number }).latencyUs);
    // The refusal waited for nobody; the second read waited for the first.
    expect(latencies[0]).toBeLessThan(45_000);
    expect(latencies[1]).toBeGreaterThanOrEqual(45_000);
    expect(latencies[2]).toBeGreaterThanOrEqual(95_000);
  });
});
