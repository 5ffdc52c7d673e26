import type { DeviceFingerprint } from "@modwarden/identity";
import {
  answerIdentification,
  createMemoryHandler,
  type HandlerMethods,
  noReply,
  ServerException,
} from "@modwarden/modbus";
import { afterEach, describe, expect, it } from "vitest";
import type { FingerprintPlan } from "../configuration.ts";
import { adu, type Rig, type RigOptions, startRig } from "../testing/rig.ts";

/** What the gateway reads of a device of its own accord. */
let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

const everything: FingerprintPlan = {
  objects: true,
  serverId: true,
  registers: [{ table: "holding", address: 10, quantity: 2 }],
  everyMs: 3_600_000,
};

function device(objects: Readonly<Record<number, string>>, more: HandlerMethods = {}): HandlerMethods {
  const known = new Map(Object.entries(objects).map(([id, text]) => [Number(id), Buffer.from(text)] as const));
  const memory = createMemoryHandler();
  memory.tables.holdingRegisters[10] = 7;
  return {
    ...memory,
    "read-device-identification": (request) => answerIdentification(request, known),
    ...more,
  };
}

const silent = (): typeof noReply => noReply;
const busy = (): never => {
  throw new ServerException(6);
};

/** Starts a line in front of a device; `seen` fills with what it is read as. */
async function start(
  handler: HandlerMethods,
  fingerprint: FingerprintPlan,
  more: RigOptions = {},
): Promise<DeviceFingerprint[]> {
  const seen: DeviceFingerprint[] = [];
  rig = await startRig({ handler, device: { fingerprint, timeoutMs: 100 }, ...more });
  rig.line.onFingerprint = (_, print) => seen.push(print);
  return seen;
}

describe("a device that is read for what it is", () => {
  it("tells its objects, basic and regular, its server id and its registers; all of it is on record", async () => {
    const seen = await start(device({ 0: "Eastron", 1: "SDM630", 2: "1.4", 5: "three-phase" }), everything);
    const print = {
      objects: { 0: "Eastron", 1: "SDM630", 2: "1.4", 5: "three-phase" },
      // A server of this library answers serial functions on lines only.
      serverId: null,
      registers: { "holding 10 x 2": [7, 0] },
    };
    await expect.poll(() => seen).toEqual([print]);
    const transactions = () => rig!.records.filter(({ kind }) => kind === "transaction");
    await expect.poll(transactions).toHaveLength(4);
    const asked = transactions();
    expect(asked.map((record) => record["operation"])).toMatchObject([
      { function: 43, subfunction: 14 },
      { function: 43, subfunction: 14 },
      { function: 17 },
      { function: 3 },
    ]);
    expect(asked).toMatchObject(asked.map(() => ({ subject: { id: "gw1", role: null }, decision: { permit: true } })));
    expect(rig!.line.slots.inUse).toBe(0);
  });

  it("is known by not offering something, and waits its turn behind nobody for ever", async () => {
    const refuse = (): never => {
      throw new ServerException(1);
    };
    const seen = await start(device({}, { "read-device-identification": refuse }), everything);
    await expect.poll(() => seen).toEqual([{ objects: null, serverId: null, registers: { "holding 10 x 2": [7, 0] } }]);
  });

  it.each([
    ["that is silent", silent],
    ["that is busy", busy],
  ] as const)("%s is not taken for another one", async (_name, answer) => {
    const seen = await start(device({ 0: "Eastron" }, { "read-holding-registers": answer }), everything);
    await expect.poll(() => rig!.records.filter(({ kind }) => kind === "transaction").length).toBe(3);
    await expect.poll(() => rig!.line.slots.inUse).toBe(0);
    expect(seen).toEqual([]);
    // Everybody else is served.
    const client = await rig!.open();
    client.send(adu(1, 1, "01 0000 0001"));
    expect(await client.reply()).toBe("00010000000401010100");
  });

  it("that must not be reached is not asked", async () => {
    const seen = await start(device({ 0: "Eastron" }), everything, {
      skipRegistering: ["device"],
      subjects: [
        { id: "device", kind: "device", role: null, state: "suspended" },
        { id: "hmi", kind: "client", role: "Viewer", state: "active" },
      ],
    });
    const client = await rig!.open();
    client.send(adu(1, 1, "03 000a 0001"));
    expect(await client.reply()).toBe("00010000000301830a");
    expect(rig!.reached).toEqual([]);
    expect(seen).toEqual([]);
  });
});
