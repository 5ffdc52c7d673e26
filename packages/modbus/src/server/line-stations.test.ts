import { asciiFrame, parseHex, rtuFrame } from "@modwarden/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Client, createClient } from "../client/client.ts";
import { createMemoryLink, type MemoryLink } from "../link/memory.ts";
import { createMemoryHandler, type MemoryHandler } from "./memory-handler.ts";
import { routeUnits } from "./routes.ts";
import { createServer, type ModbusServer } from "./server.ts";

/** Two stations of one server on a line, and a client that asks them. */
describe.each(["rtu", "ascii"] as const)("stations on a line in %s", (framing) => {
  const line = { turnaroundMs: 1, silenceMs: 1, gapMs: 5 };
  let one: MemoryHandler;
  let two: MemoryHandler;
  let link: MemoryLink;
  let server: ModbusServer;
  let client: Client;

  beforeEach(() => {
    one = createMemoryHandler({ holdingRegisters: 4 });
    two = createMemoryHandler({ holdingRegisters: 4 });
    server = createServer(routeUnits({ 1: one, 2: two }));
    link = createMemoryLink();
    server.accept(link.server, { framing, line });
    client = createClient(link.client, { framing, line, timeoutMs: 200 });
  });
  afterEach(async () => {
    await client.close();
    await server.close();
  });

  const counters = (unit: number) => Object.values(server.station(unit).counters);

  test("count what they hear and answer, and tell it", async () => {
    await client.readHoldingRegisters(0, 1, { unit: 1 });
    await client.writeRegister(0, 7, { unit: 0 });
    await expect(client.readHoldingRegisters(4, 1, { unit: 2 })).rejects.toMatchObject({ exception: 2 });
    expect([one.tables.holdingRegisters[0], two.tables.holdingRegisters[0]]).toEqual([7, 7]);
    expect(counters(1)).toEqual([3, 0, 0, 2, 1, 0, 0, 0]);
    expect(counters(2)).toEqual([3, 0, 1, 2, 1, 0, 0, 0]);
    const { diagnostics } = client.unit(2);
    expect(await diagnostics.busExceptionErrorCount()).toBe(1);
    expect(await diagnostics.busMessageCount()).toBe(5);
    expect((await client.unit(1).getCommEventCounter()).eventCount).toBe(2);
  });

  test("one that nobody has named counts from the message that it begins with", async () => {
    await server.close();
    server = createServer(one);
    link = createMemoryLink();
    server.accept(link.server, { framing, line });
    client = createClient(link.client, { framing, line });
    expect(await client.unit(1).diagnostics.busMessageCount()).toBe(1);
    expect(await client.unit(2).diagnostics.busMessageCount()).toBe(1);
    expect(counters(1)).toEqual([2, 0, 0, 1, 0, 0, 0, 0]);
  });

  test("a broadcast that one of them cannot carry out is carried out by the other", async () => {
    const small = createMemoryHandler({ holdingRegisters: 1 });
    await server.close();
    server = createServer(routeUnits({ 1: one, 2: small }));
    link = createMemoryLink();
    server.accept(link.server, { framing, line });
    client = createClient(link.client, { framing, line });
    await client.writeRegisters(2, [5, 6], { unit: 0 });
    expect([...one.tables.holdingRegisters]).toEqual([0, 0, 5, 6]);
  });

  test("listen-only: silent until restarted, and the neighbour is not", async () => {
    const first = client.unit(1);
    await first.diagnostics.forceListenOnly({ timeoutMs: 30 });
    await expect(first.readHoldingRegisters(0, 1, { timeoutMs: 30 })).rejects.toMatchObject({
      code: "ERR_MODBUS_TIMEOUT",
    });
    await client.writeRegister(1, 9, { unit: 0 });
    expect([one, two].map(({ tables }) => tables.holdingRegisters[1])).toEqual([0, 9]);
    expect((await client.readHoldingRegisters(1, 1, { unit: 2 }))[0]).toBe(9);
    await first.diagnostics.restartCommunications({ listenOnly: true, timeoutMs: 30 });
    await first.readHoldingRegisters(1, 1);
    expect(server.station(1)).toMatchObject({ listenOnly: false, eventCount: 1 });
  });

  test("a request that is too long is answered with 03, not with silence", async () => {
    const heard: Uint8Array[] = [];
    const asking = createMemoryLink();
    server.accept(asking.server, { framing, line });
    asking.client.open({
      received: (chunk) => void heard.push(Uint8Array.from(chunk)),
      finished: () => undefined,
      drained: () => undefined,
      closed: () => undefined,
    });
    const frame = framing === "rtu" ? rtuFrame : asciiFrame;
    asking.client.write(frame(1, parseHex("06 0000 0001 00")));
    await expect.poll(() => heard).toEqual([frame(1, parseHex("86 03"))]);
  });

  test("what nobody here is asked is heard, damage is counted", async () => {
    await expect(client.readCoils(0, 1, { unit: 9, timeoutMs: 30 })).rejects.toMatchObject({
      code: "ERR_MODBUS_TIMEOUT",
    });
    expect(counters(1)).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    const damaged =
      framing === "rtu" ? parseHex("01 03 0000 0001 ffff") : new TextEncoder().encode(":010300000001FF\r\n");
    link.client.write(damaged);
    await expect.poll(() => server.station(2).counters.busCommunicationErrors).toBe(1);
    expect(server.station(2).events[0]).toBe(0x82);
    await client.readCoils(0, 1, { unit: 1 });
  });

  if (framing === "ascii") {
    test("the delimiter changes for both sides", async () => {
      await client.unit(1).diagnostics.changeAsciiDelimiter("!");
      expect(await client.readCoils(0, 2, { unit: 2 })).toEqual([false, false]);
    });
  }
});
