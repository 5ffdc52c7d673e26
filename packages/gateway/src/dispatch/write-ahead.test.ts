import { createMemoryHandler } from "@modwarden/modbus";
import { afterEach, describe, expect, it } from "vitest";
import { adu, type Rig, type RigOptions, type RigRecord, startRig } from "../testing/rig.ts";
import { done, pdu, policyText, reached, refused, SETPOINT, setpointDevice, write } from "../testing/setpoint.ts";

/** Writes that are on record, durably, before they leave. */
let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  expect(rig?.line.slots.inUse ?? 0).toBe(0);
  rig = undefined;
});

const free = policyText(["free", "functions: [6, 15, 16, 22], addresses: [0-199]"]);
const stepped = policyText(["setpoint", "functions: [6], addresses: [16], maxStep: 10"]);
const read = adu(9, 1, "03 0010 0001");

async function start(policy: string = free, options: RigOptions = {}): Promise<Rig> {
  rig = await startRig({
    role: "Operator",
    policy,
    handler: setpointDevice(),
    ...options,
    audit: { writeAhead: true, ...options.audit },
  });
  return rig;
}

const outcomeOf = (record: RigRecord | undefined): Record<string, unknown> =>
  record?.["outcome"] as Record<string, unknown>;
const writes = ({ records }: Rig): readonly RigRecord[] =>
  records.filter(({ operation }) => (operation as { function?: number } | undefined)?.function === 6);

/** Sends a write whose intent is not durable yet. */
async function waiting(policy?: string, options?: RigOptions) {
  const { open } = await start(policy, options);
  rig!.durable = false;
  const client = await open();
  client.send(write(1, 50));
  await expect.poll(() => writes(rig!).length).toBe(1);
  return client;
}

describe("a write", () => {
  it("leaves when it is durable that it will, and refers to that when it is answered", async () => {
    const client = await waiting();
    const other = await rig!.open();
    other.send(read);
    expect(pdu(await other.reply())).toBe("03020028");
    expect(reached(rig!)).toEqual(["read"]);
    rig!.durable = true;
    expect(pdu(await client.reply())).toBe(done(50));
    await expect.poll(() => writes(rig!).length).toBe(2);
    const [intent, answered] = writes(rig!);
    expect(intent).toMatchObject({
      kind: "transaction",
      subject: { id: "hmi" },
      accesses: [{ address: SETPOINT, values: [50] }],
      decision: { permit: true, rules: ["free"] },
      outcome: { result: "pending" },
      findings: [],
    });
    const { intent: number } = outcomeOf(intent);
    expect(number).toBeGreaterThan(1.7e15);
    expect(outcomeOf(answered)).toEqual({ intent: number, before: [40], latencyUs: expect.any(Number) });
  });

  it("keeps its place before what its client asks behind it; those of several clients leave as they came", async () => {
    const { open, records } = await start();
    rig!.durable = false;
    const clients = [await open(), await open()];
    clients[0]!.send(Buffer.concat([write(1, 50), read]));
    await expect.poll(() => records.length).toBe(1);
    clients[1]!.send(write(2, 60));
    await expect.poll(() => records.length).toBe(2);
    rig!.durable = true;
    expect((await clients[0]!.replies(2)).map(pdu)[0]).toBe(done(50));
    expect(pdu(await clients[1]!.reply())).toBe(done(60));
    expect(reached(rig!).filter((one) => one !== "read")).toEqual([50, 60]);
    const intents = writes(rig!).filter((record) => outcomeOf(record)["result"] === "pending");
    expect(new Set(intents.map((record) => outcomeOf(record)["intent"])).size).toBe(2);
  });

  it("is decided as it leaves: two never pass on one old value, and the intent of the second is closed", async () => {
    const { open } = await start(stepped);
    const clients = [await open(), await open()];
    clients[0]!.send(write(1, 50));
    clients[1]!.send(write(2, 30));
    expect([pdu(await clients[0]!.reply()), pdu(await clients[1]!.reply())]).toEqual([done(50), refused]);
    expect(reached(rig!)).toEqual(["read", 50]);
    const pending = writes(rig!).filter((record) => outcomeOf(record)["result"] === "pending");
    for (const intent of pending) {
      const same = writes(rig!).filter((record) => outcomeOf(record)["intent"] === outcomeOf(intent)["intent"]);
      expect(same).toHaveLength(2);
    }
  });

  it("that may not be any more when it is durable is not sent", async () => {
    const client = await waiting();
    rig!.apply({ policy: { text: policyText(["free", "functions: [6], addresses: [100]"]), file: "other.yaml" } });
    rig!.durable = true;
    expect(pdu(await client.reply())).toBe(refused);
    expect(reached(rig!)).toEqual([]);
    const [intent, ended] = writes(rig!);
    expect(ended).toMatchObject({ decision: { permit: false }, outcome: { intent: outcomeOf(intent)["intent"] } });
    expect(outcomeOf(ended)).not.toHaveProperty("before");
  });

  it("whose client has gone meanwhile is not sent", async () => {
    const client = await waiting(stepped);
    client.socket.resetAndDestroy();
    await expect.poll(() => writes(rig!).length).toBe(2);
    rig!.durable = true;
    const [intent, ended] = writes(rig!);
    expect(outcomeOf(ended)).toMatchObject({ result: "closed", intent: outcomeOf(intent)["intent"] });
    expect(reached(rig!)).toEqual(["read"]);
  });

  it("that waits as the line stops is not sent, and its record says so", async () => {
    await waiting();
    await rig!.stop();
    const [intent, ended] = writes(rig!);
    expect(outcomeOf(ended)).toMatchObject({ result: "closed", intent: outcomeOf(intent)["intent"] });
    expect(reached(rig!)).toEqual([]);
    rig = undefined;
  });
});

describe("a log that fails while a write waits for it", () => {
  it.each(["failed", "stuck"] as const)("(%s) has it refused with 04, and not sent", async (state) => {
    const client = await waiting();
    rig!.recorder(state);
    expect(pdu(await client.reply())).toBe("8604");
    expect(reached(rig!)).toEqual([]);
  });

  it("has it sent where the site says so", async () => {
    const client = await waiting(free, { audit: { onFailure: { write: "forward", read: "forward" } } });
    rig!.recorder("failed");
    expect(pdu(await client.reply())).toBe(done(50));
    expect(reached(rig!)).toEqual([50]);
  });
});

describe("what stood there before", () => {
  it("is what the line last saw of each register, and null where that is nothing", async () => {
    const memory = createMemoryHandler();
    memory.tables.holdingRegisters.set([7, 8], 20);
    const { open, records } = await start(free, { handler: memory, audit: { writeAhead: false } });
    const client = await open();
    client.send(Buffer.concat([adu(1, 1, "03 0014 0002"), adu(2, 1, "10 0013 0003 06 0001 0002 0003")]));
    await client.replies(2);
    client.send(Buffer.concat([adu(3, 1, "10 0013 0002 04 0005 0006"), adu(4, 1, "0f 0000 0002 01 03")]));
    await client.replies(2);
    await expect.poll(() => records.length).toBe(4);
    expect(records.map((record) => outcomeOf(record)["before"])).toEqual([undefined, [null, 7, 8], [1, 2], undefined]);
  });
});
