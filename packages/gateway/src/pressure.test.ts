import { connect } from "node:net";
import { noReply, ServerException } from "@modwarden/modbus";
import { afterEach, describe, expect, it } from "vitest";
import { adu, type Rig, type RigOptions, startRig } from "./testing/rig.ts";

/** Clients that ask too much, read too little, or go in the middle: everything stays bounded and in order. */
let rig: Rig | undefined;
const warnings: string[] = [];
const onWarning = ({ name }: Error): void => {
  warnings.push(name);
};
afterEach(async () => {
  await rig?.stop();
  expect(rig?.line.slots.inUse).toBe(0);
  rig = undefined;
});

async function start(options: RigOptions = {}): Promise<Rig> {
  rig = await startRig(options);
  return rig;
}

const rules = ({ records }: Rig): unknown[] =>
  records.filter(({ kind }) => kind === "finding").map((record) => (record["finding"] as { rule: string }).rule);
const read = (transaction: number): Buffer => adu(transaction, 1, "03 0000 0001");
const ids = (replies: readonly string[]): number[] => replies.map((reply) => Number.parseInt(reply.slice(0, 4), 16));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("many requests at once", () => {
  it("are all answered, in order: those beyond what may be outstanding with 06", async () => {
    process.on("warning", onWarning);
    const { open, reached } = await start({ limits: { outstandingPerConnection: 16, repliesPerConnection: 64 } });
    const client = await open();
    client.send(Buffer.concat(upTo(500).map(read)));
    const replies = await client.replies(500);
    expect(ids(replies)).toEqual(upTo(500));
    const busy = replies.filter((reply) => reply.endsWith("8306")).length;
    expect(reached.length + busy).toBe(500);
    expect(busy).toBeGreaterThan(100);
    expect(rig!.line.slots.inUse).toBe(0);
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });

  it("that are refused cost no more than their turn: another client is answered meanwhile", async () => {
    const { open } = await start();
    const loud = await open();
    const quiet = await open();
    loud.send(Buffer.concat(upTo(5_000).map((transaction) => adu(transaction, 99, "03 0000 0001"))));
    quiet.send(read(7));
    expect(await quiet.reply()).toBe("0007000000050103020000");
    expect(ids(await loud.replies(5_000))).toEqual(upTo(5_000));
  });

  it("work whatever the pieces they come in, and without end are no unfinished frame", async () => {
    const { open } = await start({ limits: { frameTimeoutMs: 250 } });
    const client = await open();
    // Every piece but the last ends in the middle of a frame, and all of them take longer than one frame may.
    const stream = Buffer.concat(upTo(60).map(read));
    const sent = (async () => {
      for (let at = 0; at < stream.length; at += at === 0 ? 5 : 12) {
        client.send(stream.subarray(at, at + (at === 0 ? 5 : 12)));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    expect(ids(await client.replies(60))).toEqual(upTo(60));
    await sent;
    expect(rules(rig!)).toEqual([]);
  });

  it("of a client that is not read from are not held against it", async () => {
    const { open } = await start({
      device: { timeoutMs: 2_000 },
      limits: { frameTimeoutMs: 100, outstandingPerConnection: 8, repliesPerConnection: 8 },
      handler: async () => {
        await new Promise((resolve) => setTimeout(resolve, 60));
        return { kind: "read-holding-registers", registers: Uint16Array.of(1) };
      },
    });
    const client = await open();
    const stream = Buffer.concat(upTo(8).map(read));
    client.send(stream.subarray(0, stream.length - 3));
    await new Promise((resolve) => setTimeout(resolve, 250));
    client.send(stream.subarray(stream.length - 3));
    expect(ids(await client.replies(8))).toEqual(upTo(8));
    expect(rules(rig!)).toEqual([]);
  });
});

describe("the queue of a device", () => {
  it("is bounded over all clients", async () => {
    const { open, reached } = await start({
      handler: () => noReply,
      device: { timeoutMs: 300 },
      limits: { queuePerDevice: 3 },
    });
    const clients = [await open(), await open(), await open()];
    clients[0]!.send(read(1));
    await expect.poll(() => reached.length).toBe(1);
    // One is with the device, three may wait.
    for (const [index, client] of clients.entries()) {
      client.send(Buffer.concat(index === 0 ? [read(2)] : [read(1), read(2)]));
    }
    const replies = (await Promise.all(clients.map((client) => client.replies(2)))).flat();
    expect(replies.filter((reply) => reply.endsWith("8306"))).toHaveLength(2);
    expect(replies.filter((reply) => reply.endsWith("830b"))).toHaveLength(4);
    expect(rig!.line.counters.refusedQueue).toBe(2);
  });
});

describe("a client that does not read", () => {
  it("is not read from, takes a bounded part of memory, and is closed in the end", async () => {
    const { open, line } = await start({
      audit: { reads: "rollup" },
      limits: { unreadBytes: 4_096, unreadTimeoutMs: 150 },
    });
    const client = await open();
    client.socket.pause();
    const flood = Buffer.concat(upTo(4_000).map((transaction) => adu(transaction, 99, "03 0000 0001")));
    let written = 0;
    // The kernel's buffers on both sides take some; then the gateway stops reading, and the client cannot write.
    await expect
      .poll(
        () => {
          if (!client.socket.writableNeedDrain && !client.closed) {
            client.send(flood);
            written += flood.length;
          }
          return rules(rig!).includes("client-unread");
        },
        { timeout: 15_000, interval: 10 },
      )
      .toBe(true);
    expect(written).toBeLessThan(64 * 1024 * 1024);
    await expect.poll(() => line.sessions).toBe(0);
    expect(line.counters.closedSlow).toBe(1);
  });
});

describe("a client that goes", () => {
  it("having ended its side is answered first", async () => {
    const { open } = await start();
    const client = await open();
    client.socket.end(Buffer.concat(upTo(40).map(read)));
    expect(ids(await client.replies(40))).toEqual(upTo(40));
    await client.end();
    await expect.poll(() => rig!.line.connections()[0]).toBe(0);
  });

  it("having ended its side in the middle of a frame is closed, with a finding", async () => {
    const { open } = await start();
    const client = await open();
    client.socket.end(read(1).subarray(0, 9));
    await client.end();
    await expect.poll(() => rules(rig!)).toEqual(["half-frame"]);
  });

  it("by a reset leaves nothing behind, and its requests that wait are not sent", async () => {
    let answer: () => void = () => undefined;
    const { line, reached, records, port } = await start({
      role: "Operator",
      device: { timeoutMs: 5_000 },
      handler: async () => {
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        throw new ServerException(4);
      },
    });
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => undefined);
    socket.write(Buffer.concat([read(1), adu(2, 1, "06 0001 0002"), read(3)]));
    await expect.poll(() => reached.length).toBe(1);
    await expect.poll(() => line.devices()[0]?.queued).toBe(2);
    socket.resetAndDestroy();
    await expect.poll(() => line.sessions).toBe(0);
    expect(line.devices()[0]?.queued).toBe(0);
    answer();
    await expect
      .poll(() => records.map((record) => record["outcome"]))
      .toMatchObject([{ result: "closed" }, { result: "closed" }]);
    expect(reached).toHaveLength(1);
  });

  it("again and again while its reads wait does not fill the log", async () => {
    const { line, records, port } = await start({ handler: () => noReply, device: { timeoutMs: 5_000 } });
    for (let round = 0; round < 10; round += 1) {
      const socket = connect({ host: "127.0.0.1", port });
      socket.on("error", () => undefined);
      socket.write(Buffer.concat(upTo(10).map(read)));
      await expect.poll(() => line.devices()[0]?.queued).toBeGreaterThan(5);
      socket.resetAndDestroy();
      await expect.poll(() => line.sessions).toBe(0);
    }
    expect(records.length).toBeLessThanOrEqual(20);
  });
});

describe("a line that closes", () => {
  it("reads no further requests: a client that polls does not keep it open", async () => {
    const { open, line } = await start();
    const client = await open();
    client.socket.on("data", () => client.send(read(1)));
    client.send(Buffer.concat(upTo(10).map(read)));
    await client.replies(30);
    await line.close(600_000);
    await client.end();
  });
});
