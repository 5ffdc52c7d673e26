import { createServer as createNetServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { adu, type Rig, type RigOptions, startRig } from "./testing/rig.ts";

/** Devices that are silent, strange or gone for a while. */
let rig: Rig | undefined;
let fake: Server | undefined;
const devices = new Set<Socket>();
afterEach(async () => {
  await rig?.stop();
  expect(rig?.line.slots.inUse ?? 0).toBe(0);
  rig = undefined;
  for (const socket of devices) socket.destroy();
  devices.clear();
  fake?.close();
  fake = undefined;
});

/** A device that does with every chunk what `answer` says; resolves with its port. */
async function device(answer: (request: Buffer, socket: Socket) => void): Promise<number> {
  const server = createNetServer((socket) => {
    devices.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => devices.delete(socket));
    socket.on("data", (chunk) => answer(chunk, socket));
  });
  fake = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

async function start(options: RigOptions = {}): Promise<Rig> {
  rig = await startRig({ role: "Operator", ...options });
  return rig;
}

const seven = (request: Buffer, unit = request.readUInt8(6)): Buffer =>
  adu(request.readUInt16BE(0), unit, "03 02 0007");
const read = (transaction: number): Buffer => adu(transaction, 1, "03 0010 0001");

describe("a device that falls silent", () => {
  it("costs three time-outs, then quick 0B; its connection is made anew, and one answer makes it well", async () => {
    let connections = 0;
    let awake = false;
    const port = await device((request, socket) => {
      if (awake) socket.write(seven(request));
    });
    fake!.on("connection", () => {
      connections += 1;
    });
    const { open, line } = await start({ device: { port, timeoutMs: 60 } });
    const client = await open();
    for (const transaction of [1, 2, 3]) {
      client.send(read(transaction));
      expect((await client.reply()).slice(14)).toBe("830b");
    }
    await expect.poll(() => line.devices()[0]?.state).toBe("back-off");
    client.send(read(4));
    expect((await client.reply()).slice(14)).toBe("830b");
    expect(line.counters.deviceTimeouts).toBe(3);
    awake = true;
    await expect
      .poll(
        async () => {
          client.send(read(5));
          return (await client.reply()).slice(14);
        },
        { timeout: 4_000 },
      )
      .toBe("03020007");
    expect(connections).toBe(2);
    expect(line.devices()[0]).toMatchObject({ state: "up", silent: 0 });
  });

  it("with several requests at once has been silent once, not several times", async () => {
    const port = await device(() => undefined);
    const { open, line } = await start({ device: { port, timeoutMs: 60, outstanding: 8 } });
    const client = await open();
    client.send(Buffer.concat([1, 2, 3, 4, 5].map(read)));
    await client.replies(5);
    expect(line.devices()[0]).toMatchObject({ state: "up", silent: 1 });
  });
});

describe("a device with a habit that is noticed every time", () => {
  it("does not fill the log, nor make its readers wait for it", async () => {
    const port = await device((request, socket) => socket.write(seven(request, 77)));
    const { open, records } = await start({ device: { port } });
    const client = await open();
    for (let transaction = 1; transaction <= 60; transaction += 1) {
      client.send(read(transaction));
      expect((await client.reply()).slice(14)).toBe("03020007");
    }
    expect(records.length).toBeLessThanOrEqual(40);
    await rig!.stop();
    const counted = records.filter(({ kind }) => kind === "rollup").reduce((sum, { count }) => sum + Number(count), 0);
    expect(records.filter(({ kind }) => kind === "transaction").length + counted).toBe(60);
  });

  it("of answers that nobody asked for is counted", async () => {
    const port = await device((request, socket) => {
      for (let stray = 0; stray < 50; stray += 1) socket.write(adu(0x7000 + stray, 9, "03 02 0666"));
      socket.write(seven(request));
    });
    const { open, records, line } = await start({ device: { port } });
    const client = await open();
    client.send(read(1));
    expect((await client.reply()).slice(14)).toBe("03020007");
    expect(line.counters.unsolicitedAnswers).toBe(50);
    expect(line.counters.lateAnswers).toBe(0);
    await expect.poll(() => records.filter(({ kind }) => kind === "finding").length).toBe(20);
  });
});

describe("a device that takes several requests at once", () => {
  it("gets those of one turn in one write, others one by one", async () => {
    for (const [outstanding, most] of [
      [1, 12],
      [4, 48],
    ] as const) {
      const chunks: number[] = [];
      const port = await device((chunk, socket) => {
        chunks.push(chunk.length);
        for (let at = 0; at < chunk.length; at += 12) socket.write(seven(chunk.subarray(at, at + 12)));
      });
      const { open } = await start({ device: { port, outstanding } });
      const client = await open();
      client.send(Buffer.concat([1, 2, 3, 4, 5, 6].map(read)));
      const replies = await client.replies(6);
      expect(replies.map((reply) => reply.slice(0, 4))).toEqual(["0001", "0002", "0003", "0004", "0005", "0006"]);
      expect(new Set(replies.map((reply) => reply.slice(14)))).toEqual(new Set(["03020007"]));
      expect(Math.max(...chunks)).toBe(most);
      await rig!.stop();
      fake?.close();
    }
    rig = undefined;
  });
});

describe("a device that ends its connections", () => {
  it("after some answers is asked again at once: only what it was asked at that moment gets 0B", async () => {
    let connections = 0;
    let answers = 0;
    const port = await device((request, socket) => {
      answers += 1;
      if (answers % 3 === 0) socket.end(seven(request));
      else socket.write(seven(request));
    });
    fake!.on("connection", () => {
      connections += 1;
    });
    const { open, line } = await start({ device: { port } });
    const client = await open();
    client.send(Buffer.concat([1, 2, 3, 4, 5, 6, 7, 8, 9].map(read)));
    const replies = (await client.replies(9)).map((reply) => reply.slice(14));
    expect(replies.filter((reply) => reply === "03020007").length).toBeGreaterThanOrEqual(6);
    expect(connections).toBeGreaterThan(1);
    expect(line.devices()[0]?.state).not.toBe("back-off");
  });

  it("without an answer is left alone for a while", async () => {
    let connections = 0;
    const port = await device((_request, socket) => socket.end());
    fake!.on("connection", () => {
      connections += 1;
    });
    const { open, line } = await start({ device: { port } });
    const client = await open();
    client.send(Buffer.concat([1, 2, 3, 4, 5, 6, 7, 8, 9].map(read)));
    expect(new Set((await client.replies(9)).map((reply) => reply.slice(14)))).toEqual(new Set(["830b"]));
    expect(connections).toBe(1);
    expect(line.devices()[0]?.state).toBe("back-off");
  });
});

describe("a device whose stream is no Modbus", () => {
  it("is left alone for a while; what waits for it gets 0B", async () => {
    const port = await device((_request, socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const { open, records, line } = await start({ device: { port } });
    const client = await open();
    client.send(Buffer.concat([read(1), read(2)]));
    expect((await client.replies(2)).map((reply) => reply.slice(14))).toEqual(["830b", "830b"]);
    expect(line.devices()[0]?.state).toBe("back-off");
    await expect
      .poll(() => records.flatMap(({ finding }) => (finding === undefined ? [] : [(finding as { rule: string }).rule])))
      .toEqual(["device-frame"]);
  });
});
