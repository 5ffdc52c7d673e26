import { expect, test } from "vitest";
import { createClient } from "../client/client.ts";
import { connect } from "../client/connect.ts";
import { createMemoryLink } from "../link/memory.ts";
import { ServerException } from "../server/handler.ts";
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
