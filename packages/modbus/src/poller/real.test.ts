import { expect, test } from "vitest";
import { createClient } from "../client/client.ts";
import { connect } from "../client/connect.ts";
import { createMemoryLink } from "../link/memory.ts";
import { noReply, ServerException } from "../server/handler.ts";
import { createMemoryHandler } from "../server/memory-handler.ts";
import { createServer } from "../server/server.ts";
import { createPoller } from "./poller.ts";

test("polls a server over TCP, and a caller of the same client gets in between", async () => {
  const memory = createMemoryHandler();
  memory.tables.inputRegisters.set([0x4366, 0x3333], 0);
  memory.tables.coils[3] = 1;
  await using server = createServer(memory);
  await using client = await connect(await server.listen("modbus+tcp://127.0.0.1:0"));
  await using poller = createPoller(client, {
    everyMs: 5,
    points: [
      { id: "voltage", table: "input", address: 0, type: "f32" },
      { id: "pump", table: "coil", address: 3 },
    ],
  });
  poller.start();
  const seen = new Map<string, unknown>();
  for await (const { id, value, quality } of poller.updates()) {
    expect(quality).toBe("good");
    seen.set(id, value);
    if (seen.size === 1) await client.writeRegister(9, 1);
    if (seen.size === 2) break;
  }
  expect(seen).toEqual(
    new Map<string, unknown>([
      ["voltage", Math.fround(230.2)],
      ["pump", true],
    ]),
  );
});

test("a server that ends takes every point with it, and says so", async () => {
  const link = createMemoryLink();
  await using server = createServer(
    {
      "read-holding-registers": ({ kind, address, quantity }) => {
        if (address + quantity > 2) throw new ServerException(2);
        return { kind, registers: new Uint16Array(quantity).fill(7) };
      },
    },
    {},
  );
  server.accept(link.server);
  await using client = createClient(link.client);
  await using poller = createPoller(client, {
    everyMs: 5,
    points: [
      { id: "there", table: "holding", address: 1 },
      { id: "missing", table: "holding", address: 2 },
    ],
  });
  poller.start();
  const until = async (id: string, reason: string | undefined): Promise<void> => {
    for await (const reading of poller.updates()) if (reading.id === id && reading.reason === reason) return;
  };
  await Promise.all([until("there", undefined), until("missing", "ERR_MODBUS_EXCEPTION")]);
  const down = until("there", "ERR_MODBUS_CLOSED");
  await server.close();
  await down;
  expect(poller.reading("there")).toMatchObject({ value: 7, quality: "bad", reason: "ERR_MODBUS_CLOSED" });
});

test("a client that reconnects brings every point back by itself", async () => {
  const memory = createMemoryHandler();
  const first = createServer(memory);
  const url = await first.listen("modbus+tcp://127.0.0.1:0");
  await using client = await connect(url, { reconnect: { minMs: 5, maxMs: 10 } });
  const heard: string[] = [];
  await using poller = createPoller(client, {
    everyMs: 5,
    backOff: { minMs: 5 },
    points: [{ id: "speed", table: "holding", address: 1 }],
    onReading: ({ quality }) => {
      if (heard.at(-1) !== quality) heard.push(quality);
    },
  });
  poller.start();
  await expect.poll(() => heard, { interval: 2 }).toEqual(["good"]);
  memory.tables.holdingRegisters[1] = 7;
  await first.close();
  await expect.poll(() => heard, { interval: 2 }).toEqual(["good", "bad"]);
  await using second = createServer(memory);
  await second.listen(url);
  await expect.poll(() => heard, { interval: 2 }).toEqual(["good", "bad", "good"]);
  expect(poller.reading("speed")?.value).toBe(7);
});

test("on a line a silent unit does not spoil what the others say", async () => {
  const link = createMemoryLink();
  await using server = createServer((request, { unit }) => {
    if (unit === 2) return noReply;
    if (request.kind !== "read-holding-registers") throw new ServerException(1);
    return { kind: request.kind, registers: new Uint16Array(request.quantity).fill(unit) };
  }, {});
  server.accept(link.server, { framing: "rtu" });
  await using client = createClient(link.client, { framing: "rtu", timeoutMs: 20 });
  const points = [1, 2, 3].map((unit) => ({ id: `${unit}`, unit, table: "holding" as const, address: 0 }));
  await using poller = createPoller(client, { everyMs: 10, timeoutMs: 20, backOff: { minMs: 40 }, points });
  poller.start();
  const seen = { good: 0, bad: 0 };
  for await (const { id, value, quality } of poller.updates()) {
    if (quality === "good") expect(value).toBe(Number(id));
    else expect(id).toBe("2");
    seen[quality === "good" ? "good" : "bad"] += 1;
    if (seen.good >= 20 && seen.bad >= 3) break;
  }
  expect(poller.reading("2")).toMatchObject({ value: undefined, reason: "ERR_MODBUS_TIMEOUT" });
});
