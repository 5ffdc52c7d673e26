import { createServer as createNetServer, type Server } from "node:net";
import { noReply, ServerException } from "@modwarden/modbus";
import { afterEach, describe, expect, it } from "vitest";
import { adu, type Rig, type RigOptions, startRig } from "./testing/rig.ts";

/** What becomes of a request at the device, and of the device's lies. */
let rig: Rig | undefined;
let fake: Server | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
  fake?.close();
  fake = undefined;
});

async function start(options: RigOptions = {}): Promise<Rig> {
  rig = await startRig({ role: "Operator", ...options });
  return rig;
}

/** A device that answers every chunk with the bytes that `answer` makes of it. */
async function lyingDevice(answer: (request: Buffer) => Buffer | undefined): Promise<number> {
  const server = createNetServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      const reply = answer(chunk);
      if (reply !== undefined) socket.write(reply);
    });
  });
  fake = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

/** The request's header with another PDU behind it. */
function withPdu(request: Buffer, pdu: string): Buffer {
  return adu(request.readUInt16BE(0), request.readUInt8(6), pdu);
}

const outcomes = ({ records }: Rig): unknown[] =>
  records.filter(({ kind }) => kind === "transaction").map((record) => record["outcome"]);
const findings = ({ records }: Rig): unknown[] =>
  records.flatMap((record) => (record["findings"] as { rule: string }[] | undefined) ?? []).map(({ rule }) => rule);

describe("an answer", () => {
  it("comes back under the client's transaction id and unit; the device sees its own unit", async () => {
    const { open } = await start();
    const client = await open();
    client.send(adu(0xbeef, 1, "06 0010 03e8"));
    expect(await client.reply()).toBe("beef0000000601060010" + "03e8");
    client.send(adu(0, 1, "03 0010 0001"));
    expect(await client.reply()).toBe("000000000005010302" + "03e8");
    expect(
      rig!.line.values({ device: "device", ranges: [{ table: "holding", address: 16, quantity: 1 }] }).values,
    ).toMatchObject([{ address: 16, value: 1000 }]);
  });

  it("that is an exception of the device is passed on and recorded as the device's", async () => {
    const { open } = await start({
      handler: () => {
        throw new ServerException(2);
      },
    });
    const client = await open();
    client.send(adu(1, 1, "03 0010 0001"));
    expect(await client.reply()).toBe("000100000003018302");
    await expect.poll(() => outcomes(rig!)).toMatchObject([{ exception: 2, from: "device" }]);
  });

  it.each([
    ["another function", "04 02 0001", "reply-function", "8304"],
    ["a byte count that is not the quantity's", "03 04 0001 0002", "reply-mismatch", "8304"],
    ["an exception to another function", "84 02", "reply-function", "8304"],
    ["exception code 9", "83 09", "reply-exception", "8304"],
    ["exception code 0", "83 00", "reply-mismatch", "8304"],
    ["no PDU at all", "", "", "830b"],
  ])("with %s is a lie and not passed on", async (_name, pdu, rule, reply) => {
    const port = await lyingDevice((request) => withPdu(request, pdu));
    const { open } = await start({ device: { port, timeoutMs: 200 } });
    const client = await open();
    client.send(adu(1, 1, "03 0010 0001"));
    expect(await client.reply()).toBe(`00010000000301${reply}`);
    if (rule !== "") expect(findings(rig!)).toContain(rule);
  });

  it("to a write whose echo differs makes the outcome unknown, and the last value too", async () => {
    const port = await lyingDevice((request) => withPdu(request, "06 0010 0001"));
    const { open } = await start({ device: { port } });
    const client = await open();
    client.send(adu(1, 1, "06 0010 03e8"));
    expect(await client.reply()).toBe("000100000003018604");
    await expect.poll(() => outcomes(rig!)).toMatchObject([{ result: "unknown", exception: 4 }]);
    expect(
      rig!.line.values({ device: "device", ranges: [{ table: "holding", address: 16, quantity: 1 }] }).values,
    ).toEqual([]);
  });

  it("from another unit is tolerated and noticed", async () => {
    const port = await lyingDevice((request) => adu(request.readUInt16BE(0), 77, "03 02 0007"));
    const { open } = await start({ device: { port } });
    const client = await open();
    client.send(adu(1, 1, "03 0010 0001"));
    expect(await client.reply()).toBe("0001000000050103020007");
    expect(findings(rig!)).toEqual(["reply-unit"]);
  });

  it("under an unknown transaction id is dropped and noticed", async () => {
    const port = await lyingDevice((request) =>
      Buffer.concat([adu(0x7777, 9, "03 02 0666"), withPdu(request, "03 02 0007")]),
    );
    const { open } = await start({ device: { port } });
    const client = await open();
    client.send(adu(1, 1, "03 0010 0001"));
    expect(await client.reply()).toBe("0001000000050103020007");
  });
});

describe("no answer", () => {
  it("is 0B at the time-out, a write of unknown outcome, sent once", async () => {
    const { open, reached } = await start({ handler: () => noReply, device: { timeoutMs: 80 } });
    const client = await open();
    client.send(adu(1, 1, "06 0010 03e8"));
    expect(await client.reply()).toBe("00010000000301860b");
    expect(reached).toHaveLength(1);
    await expect.poll(() => outcomes(rig!)).toMatchObject([{ result: "unknown", exception: 11 }]);
  });

  it("of a device that cannot be reached is a quick 0B, for a write with nothing unknown", async () => {
    const { open } = await start({ device: { port: 1 } });
    const client = await open();
    client.send(adu(1, 1, "06 0010 03e8"));
    expect(await client.reply()).toBe("00010000000301860b");
    client.send(adu(2, 1, "03 0010 0001"));
    expect(await client.reply()).toBe("00020000000301830b");
    await expect.poll(() => outcomes(rig!).length).toBe(2);
    const [write] = outcomes(rig!);
    expect(write).toMatchObject({ exception: 11 });
    expect(write).not.toHaveProperty("result");
  });

  it("because the device died after the write is unknown, and the write is not sent again", async () => {
    let connections = 0;
    const server = createNetServer((socket) => {
      connections += 1;
      socket.on("error", () => undefined);
      socket.once("data", () => socket.resetAndDestroy());
    });
    fake = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const { open } = await start({
      device: { port: address !== null && typeof address === "object" ? address.port : 0 },
    });
    const client = await open();
    client.send(adu(1, 1, "06 0010 03e8"));
    expect(await client.reply()).toBe("00010000000301860b");
    await expect.poll(() => outcomes(rig!)).toMatchObject([{ result: "unknown", exception: 11 }]);
    expect(connections).toBe(1);
  });

  it("is asked again over a new connection after the device closed the old one", async () => {
    const server = createNetServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (request) => {
        socket.end(withPdu(request, "03 02 0007"));
      });
    });
    fake = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const { open } = await start({
      device: { port: address !== null && typeof address === "object" ? address.port : 0 },
    });
    const client = await open();
    for (const transaction of [1, 2, 3]) {
      await expect.poll(() => rig!.line.devices()[0]?.state).toBe("idle");
      client.send(adu(transaction, 1, "03 0010 0001"));
      expect(await client.reply()).toBe(`000${transaction}000000050103020007`);
    }
  });

  it("late answers never reach a later request", async () => {
    let calls = 0;
    const { open } = await start({
      device: { timeoutMs: 80 },
      handler: async () => {
        calls += 1;
        const call = calls;
        if (call === 1) await new Promise((resolve) => setTimeout(resolve, 150));
        return { kind: "read-holding-registers", registers: Uint16Array.of(call) };
      },
    });
    const client = await open();
    client.send(adu(1, 1, "03 0010 0001"));
    expect(await client.reply()).toBe("00010000000301830b");
    client.send(adu(2, 1, "03 0010 0001"));
    expect(["0002000000050103020002", "00020000000301830b"]).toContain(await client.reply());
    await expect.poll(() => rig!.line.counters.lateAnswers).toBeGreaterThan(0);
  });
});
