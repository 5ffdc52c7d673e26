import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import type { Link, LinkListener } from "../link/link.ts";
import { createMemoryLink } from "../link/memory.ts";
import { createMemoryHandler } from "../server/memory-handler.ts";
import { createServer } from "../server/server.ts";
import { createClient } from "./client.ts";
import { connect } from "./connect.ts";

const listeners = ({ signal }: AbortController): number => getEventListeners(signal, "abort").length;

test("a signal that many requests share is left as it was, however they end", async () => {
  const link = createMemoryLink();
  await using server = createServer(createMemoryHandler({ holdingRegisters: 10 }));
  server.accept(link.server);
  const client = createClient(link.client, { outstanding: 2, queue: 4 });
  const controller = new AbortController();
  const { signal } = controller;
  const reads = Array.from({ length: 8 }, (_, at) => client.readHoldingRegisters(2 * at, 1, { signal }));
  expect(listeners(controller)).toBe(6);
  const ends = await Promise.allSettled(reads);
  expect(ends.filter(({ status }) => status === "rejected")).toHaveLength(3);
  expect(listeners(controller)).toBe(0);
  await client.close();
  await expect(client.readCoils(0, 1, { signal })).rejects.toMatchObject({ code: "ERR_MODBUS_CLOSED" });
  expect(listeners(controller)).toBe(0);
});

test("a link that ends while it is written to takes its listener away", async () => {
  let ended: LinkListener | undefined;
  const link: Link = {
    transport: "memory",
    peer: "broken",
    certificate: undefined,
    buffered: 0,
    open: (listener) => {
      ended = listener;
    },
    write: () => {
      ended?.closed(new Error("broken pipe"));
      return true;
    },
    pause: () => undefined,
    resume: () => undefined,
    end: () => undefined,
    destroy: () => undefined,
  };
  const controller = new AbortController();
  const read = createClient(link).readCoils(0, 1, { signal: controller.signal });
  await expect(read).rejects.toMatchObject({ code: "ERR_MODBUS_CLOSED" });
  expect(listeners(controller)).toBe(0);
});

test("connecting leaves nothing at its signal, whether it succeeds or fails", async () => {
  await using server = createServer(createMemoryHandler());
  const url = await server.listen("modbus+tcp://127.0.0.1:0");
  const controller = new AbortController();
  for (const reconnect of [false, true]) {
    await using client = await connect(url, { signal: controller.signal, reconnect });
    expect(client.state).toBe("connected");
    const failing = connect("modbus+tcp://127.0.0.1:1", { signal: controller.signal, reconnect });
    await expect(failing).rejects.toMatchObject({ code: "ERR_MODBUS_NO_CONNECTION" });
    expect(listeners(controller)).toBe(0);
  }
});
