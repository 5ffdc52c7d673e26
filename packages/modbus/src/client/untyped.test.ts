import type { ModbusErrorCode } from "@modwarden/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMemoryLink } from "../link/memory.ts";
import { noReply } from "../server/handler.ts";
import { createServer, type ModbusServer } from "../server/server.ts";
import { type Client, createClient } from "./client.ts";
import { connect } from "./connect.ts";

/** Programs without types, and those that read their arguments from a file, give what the compiler would refuse. */
const untyped = <T>(value: unknown): T => value as T;

let server: ModbusServer;
let client: Client;
let served = 0;

beforeAll(() => {
  const link = createMemoryLink();
  server = createServer(() => {
    served += 1;
    return noReply;
  });
  server.accept(link.server);
  client = createClient(link.client);
});
afterAll(async () => {
  await client.close();
  await server.close();
});

describe("is refused before anything is sent:", () => {
  test.each<[string, ModbusErrorCode, () => Promise<unknown>]>([
    ["a coil that is 1", "ERR_MODBUS_BAD_REQUEST", () => client.writeCoil(0, untyped(1))],
    ['a coil that is "false"', "ERR_MODBUS_BAD_REQUEST", () => client.writeCoil(0, untyped("false"))],
    ["coils of 0 and 1", "ERR_MODBUS_BAD_REQUEST", () => client.writeCoils(0, untyped([1, 0]))],
    ["a register that is true", "ERR_MODBUS_BAD_REQUEST", () => client.writeRegister(0, untyped(true))],
    ["an address that is text", "ERR_MODBUS_BAD_REQUEST", () => client.readCoils(untyped("0"), 1)],
    ["a quantity that is missing", "ERR_MODBUS_BAD_REQUEST", () => client.readCoils(0, untyped(undefined))],
    ["a type of another library", "ERR_MODBUS_BAD_VALUE", () => client.read(0, untyped<"f32">("float"))],
    ["an order in lower case", "ERR_MODBUS_BAD_VALUE", () => client.writeFloat32(0, 1, { order: untyped("cdab") })],
    ["an order for the answer", "ERR_MODBUS_BAD_VALUE", () => client.readFloat32(0, { order: untyped("cdab") })],
    ["a table that is misspelt", "ERR_MODBUS_BAD_VALUE", () => client.readInt16(0, { table: untyped("inputs") })],
    ["a signal that is none", "ERR_MODBUS_BAD_VALUE", () => client.readCoils(0, 1, { signal: untyped(5) })],
    ["a unit that is text", "ERR_MODBUS_BAD_VALUE", () => client.readCoils(0, 1, { unit: untyped("3") })],
    ["half a value", "ERR_MODBUS_BAD_VALUE", () => client.readArray(0, "f32", 1.5)],
    ["a number of values that is text", "ERR_MODBUS_BAD_VALUE", () => client.readArray(0, "f32", untyped("2"))],
    ['a bit that is "false"', "ERR_MODBUS_BAD_VALUE", () => client.writeBit(0, 3, untyped("false"))],
    ["a PDU that is an array", "ERR_MODBUS_BAD_VALUE", () => client.raw(untyped([3, 0, 0, 0, 1]))],
    ["a PDU of words", "ERR_MODBUS_BAD_VALUE", () => client.raw(untyped(Uint16Array.of(3)))],
    ["a time-out that is text", "ERR_MODBUS_BAD_VALUE", () => client.readCoils(0, 1, { timeoutMs: untyped("500") })],
    ["a signal that is null", "ERR_MODBUS_BAD_VALUE", () => client.readCoils(0, 1, { signal: untyped(null) })],
    ["nobody to tell of states", "ERR_MODBUS_BAD_VALUE", async () => client.onState(untyped(undefined))],
    ["nobody to watch", "ERR_MODBUS_BAD_VALUE", async () => client.trace(untyped("console.log"))],
    ["a URL that is none", "ERR_MODBUS_BAD_URL", () => connect(untyped(undefined))],
    ["an address for a URL", "ERR_MODBUS_BAD_URL", () => connect("192.168.1.5")],
    ["a place to listen that is none", "ERR_MODBUS_BAD_URL", () => server.listen(untyped({ port: 502 }))],
  ])("%s", async (_, code, call) => {
    await expect(Promise.resolve().then(call)).rejects.toMatchObject({ code });
    expect(served).toBe(0);
  });
});

describe("an option that cannot be kept is refused before anybody is asked to connect:", () => {
  test.each<[string, object]>([
    ["a time-out that is text", { timeoutMs: "500" }],
    ["a time-out of nothing", { timeoutMs: 0 }],
    ["a time-out for connecting that is text", { connectTimeoutMs: "500" }],
    ["nothing outstanding", { outstanding: 0 }],
    ["any transaction and several outstanding", { anyTransaction: true, outstanding: 2 }],
    ["a queue without a bound", { queue: Number.POSITIVE_INFINITY }],
    ["a queue that is no number", { queue: Number.NaN }],
    ["a queue that is text", { queue: "5" }],
    ["another way to write", { adusPerWrite: "many" }],
    ["another framing", { framing: "tcp" }],
    ["another way to use sockets", { sockets: "fast" }],
    ["a keep-alive that is none", { keepAliveMs: Number.NaN }],
    ["a keep-alive that the system would take for two hours", { keepAliveMs: 500 }],
    ["a unit that no device has", { unit: 256 }],
    ["less than no silence", { silentLimit: -1 }],
    ["a signal that is none", { signal: {} }],
    ["reconnecting by number", { reconnect: 5 }],
    ["reconnecting that is null", { reconnect: null }],
    ["a wait that is text", { reconnect: { minMs: "20" } }],
    ["a queue time that is text", { reconnect: { queueWhileDownMs: "20" } }],
  ])("%s", async (_, options) => {
    // Nobody listens at port 1, so that a connection would fail otherwise.
    for (const more of [{}, { reconnect: true }, { reconnect: { lazy: true } }]) {
      await expect(connect("modbus+tcp://127.0.0.1:1", untyped({ ...more, ...options }))).rejects.toMatchObject({
        code: "ERR_MODBUS_BAD_VALUE",
      });
    }
  });

  test("the timing of a line", async () => {
    const reconnect = { lazy: true };
    const connecting = connect("modbus+rtutcp://127.0.0.1:1", { reconnect, line: { gapMs: -1 } });
    await expect(connecting).rejects.toMatchObject({ code: "ERR_MODBUS_BAD_VALUE" });
  });
});
