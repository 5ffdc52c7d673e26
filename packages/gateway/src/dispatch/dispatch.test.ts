import { type AddressInfo, createServer } from "node:net";
import { createMemoryHandler, noReply, ServerException } from "@modwarden/modbus";
import { afterEach, describe, expect, it } from "vitest";
import { adu, type Rig, type RigOptions, startRig } from "../testing/rig.ts";
import {
  decisions,
  done,
  pdu,
  policyText,
  reached,
  refused,
  SETPOINT,
  setpointDevice,
  write,
} from "../testing/setpoint.ts";

/** What is judged just before a request leaves: by what is known of the device at that moment. */
let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  expect(rig?.line.slots.inUse ?? 0).toBe(0);
  rig = undefined;
});

const setpoint = ["setpoint", "functions: [6, 16, 22], addresses: [16], maxStep: 10"] as const;
const free = ["free", "functions: [6, 16], addresses: [100-199]"] as const;
const stepped = policyText(setpoint, free);

async function start(policy: string, options: RigOptions = {}): Promise<Rig> {
  rig = await startRig({ role: "Operator", policy, handler: setpointDevice(), ...options });
  return rig;
}

describe("two writes that wait together", () => {
  describe.each([1, 2, 4])("with %i requests at the device at once", (outstanding) => {
    it("are each judged on the value that the one before has left", async () => {
      const { open } = await start(stepped, { device: { outstanding } });
      const clients = [await open(), await open()];
      clients[0]!.send(write(1, 50));
      clients[1]!.send(write(2, 60));
      expect([pdu(await clients[0]!.reply()), pdu(await clients[1]!.reply())]).toEqual([done(50), done(60)]);
      expect(reached(rig!)).toEqual(["read", 50, 60]);
    });

    it("never both pass on one old value", async () => {
      const { open } = await start(stepped, { device: { outstanding } });
      const clients = [await open(), await open()];
      clients[0]!.send(write(1, 50));
      clients[1]!.send(write(2, 30));
      expect([pdu(await clients[0]!.reply()), pdu(await clients[1]!.reply())]).toEqual([done(50), refused]);
      expect(reached(rig!)).toEqual(["read", 50]);
      expect(decisions(rig!)).toContainEqual(
        expect.objectContaining({ permit: false, because: "step", rules: ["setpoint"] }),
      );
    });

    it("of one client keep their order, in one segment", async () => {
      const { open } = await start(stepped, { device: { outstanding } });
      const client = await open();
      client.send(Buffer.concat([write(1, 50), write(2, 60), write(3, 49), adu(4, 1, "03 0010 0001")]));
      expect((await client.replies(4)).map(pdu)).toEqual([done(50), done(60), refused, "0302003c"]);
    });
  });
});

describe("what is not known", () => {
  it("is read first, once, by the gateway itself, and that is on record", async () => {
    const { open, records } = await start(stepped);
    const client = await open();
    client.send(write(1, 55));
    expect(pdu(await client.reply())).toBe(refused);
    client.send(write(2, 50));
    expect(pdu(await client.reply())).toBe(done(50));
    expect(reached(rig!)).toEqual(["read", 50]);
    await expect.poll(() => records.length).toBe(3);
    expect(records[0]).toMatchObject({
      subject: { id: "gw1", role: null },
      location: { source: "gw1" },
      accesses: [{ device: "device", table: "holding", address: SETPOINT, quantity: 1, write: false }],
      decision: { permit: true, rules: ["gateway:state"] },
      outcome: { values: [40] },
    });
  });

  it("is not read for what nobody may do anyway", async () => {
    const { open } = await start(stepped);
    const client = await open();
    client.send(write(1, 55, 0x11));
    expect(pdu(await client.reply())).toBe(refused);
    expect(reached(rig!)).toEqual([]);
  });

  it("is read again when it is too old", async () => {
    const { open } = await start(stepped);
    const client = await open();
    client.send(write(1, 50));
    await client.reply();
    rig!.pass(6_000);
    client.send(write(2, 60));
    expect(pdu(await client.reply())).toBe(done(60));
    expect(reached(rig!)).toEqual(["read", 50, "read", 60]);
  });

  it.each<readonly [string, () => never | typeof noReply, string]>([
    [
      "an exception",
      () => {
        throw new ServerException(4);
      },
      "8604",
    ],
    ["no answer", () => noReply, "860b"],
  ])("since a write ended with %s is read again before the next one", async (_name, ends, reply) => {
    let ended = false;
    const memory = createMemoryHandler();
    memory.tables.holdingRegisters[SETPOINT] = 40;
    const { open } = await start(stepped, {
      device: { timeoutMs: 80 },
      handler: {
        ...memory,
        // It has done what it was asked to, and does not say so.
        "write-single-register": (request, context) => {
          const answer = memory["write-single-register"](request, context);
          if (ended) return answer;
          ended = true;
          return ends();
        },
      },
    });
    const client = await open();
    client.send(write(1, 50));
    expect(pdu(await client.reply())).toBe(reply);
    client.send(write(2, 60));
    expect(pdu(await client.reply())).toBe(done(60));
    expect(reached(rig!)).toEqual(["read", 50, "read", 60]);
  });

  it("since a write was answered too late is read again: the device did it after what was read meanwhile", async () => {
    let value = 40;
    let finish: (() => void) | undefined;
    const written: number[] = [];
    // It works at several requests at once, as servers of this library do not.
    const device = createServer({ noDelay: true }, (socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        const answer = (text: string): boolean => socket.write(adu(chunk.readUInt16BE(0), 9, text));
        if (chunk[7] === 3) {
          answer(`03 02 ${value.toString(16).padStart(4, "0")}`);
          return;
        }
        const done = (): void => {
          value = chunk.readUInt16BE(10);
          written.push(value);
          answer(chunk.subarray(7).toString("hex"));
        };
        if (chunk.readUInt16BE(10) === 50) finish = done;
        else done();
      });
    });
    await new Promise<void>((resolve) => device.listen(0, "127.0.0.1", resolve));
    const { port } = device.address() as AddressInfo;
    const { open, line } = await start(stepped, { device: { port, timeoutMs: 5_000 } });
    const client = await open();
    client.send(write(1, 50));
    await expect.poll(() => finish).toBeDefined();
    rig!.pass(6_000);
    expect(pdu(await client.reply())).toBe("860b");
    client.send(write(2, 35));
    expect(pdu(await client.reply())).toBe(done(35));
    finish?.();
    await expect.poll(() => line.counters.lateAnswers).toBe(1);
    client.send(Buffer.concat([write(3, 30), write(4, 45)]));
    expect((await client.replies(2)).map(pdu)).toEqual([refused, done(45)]);
    expect(written).toEqual([35, 50, 45]);
    device.close();
  });

  it("and cannot be read refuses, and does not hang", async () => {
    const { open, line } = await start(stepped, {
      handler: {
        "read-holding-registers": () => {
          throw new ServerException(2);
        },
      },
    });
    const client = await open();
    client.send(Buffer.concat([write(1, 50), write(2, 100, 100)]));
    expect((await client.replies(2)).map(pdu)).toEqual([refused, "8601"]);
    expect(decisions(rig!)).toContainEqual(expect.objectContaining({ because: "step" }));
    expect(reached(rig!).filter((one) => one !== "read")).toEqual([100]);
    expect(line.devices()[0]).toMatchObject({ queued: 0, inFlight: 0 });
  });

  it("of a device that cannot be reached refuses what depends on it; the rest gets 0B", async () => {
    const { open } = await start(stepped, { device: { port: 1 } });
    const client = await open();
    client.send(Buffer.concat([write(1, 50), write(2, 7, 100)]));
    expect((await client.replies(2)).map(pdu)).toEqual([refused, "860b"]);
  });
});
