import { afterEach, describe, expect, test } from "vitest";
import { createClient } from "../client/client.ts";
import { ReconnectingClient } from "../client/reconnecting.ts";
import type { Link } from "../link/link.ts";
import { createMemoryHandler } from "../server/memory-handler.ts";
import { createServer, type ModbusServer } from "../server/server.ts";
import { adu, join } from "../testing/adu.ts";
import { type Place, streams } from "../testing/carriers.ts";
import { MemoryDialler } from "../testing/dialler.ts";
import { Tap } from "../testing/tap.ts";
import type { TraceEvent } from "./event.ts";
import { formatTrace } from "./format.ts";

/** Without what differs from run to run. */
const lineOf = (event: TraceEvent): string =>
  formatTrace(event)
    .replace(/^\d\d:\d\d:\d\d\.\d{6} /, "")
    .replace(/after \d+\.\d ms/, "after T ms")
    .replace(event.peer, "PEER");

describe.each(streams)("a trace over $name", (carrier) => {
  const places: Place[] = [];
  const servers: ModbusServer[] = [];

  async function setUp(): Promise<{ server: ModbusServer; dial: () => Promise<Link> }> {
    const server = createServer(createMemoryHandler({ holdingRegisters: 10 }));
    servers.push(server);
    const place = await carrier.open((link) => server.accept(link));
    places.push(place);
    return { server, dial: () => place.dial() };
  }

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await Promise.all(places.splice(0).map((place) => place.close()));
  });

  test("shows both directions on both sides, and is switched on and off while requests run", async () => {
    const { server, dial } = await setUp();
    await using client = createClient(await dial());
    await client.writeRegister(1, 42);
    const seen: TraceEvent[] = [];
    const served: TraceEvent[] = [];
    const trace = client.trace((event) => seen.push(event));
    const serverTrace = server.trace((event) => served.push(event));
    await client.unit(7).readHoldingRegisters(0, 3);
    await expect(client.readHoldingRegisters(8, 3)).rejects.toEqual(
      expect.objectContaining({ code: "ERR_MODBUS_EXCEPTION" }),
    );
    trace[Symbol.dispose]();
    serverTrace[Symbol.dispose]();
    await client.readCoils(0, 1);
    expect(seen.map(lineOf)).toEqual([
      "-> PEER tx 1 unit 7: read 3 holding registers from 0 [000100000006070300000003]",
      "<- PEER tx 1 unit 7: 3 holding registers = 0 42 0; after T ms [0001000000090703060000002a0000]",
      "-> PEER tx 2 unit 1: read 3 holding registers from 8 [000200000006010300080003]",
      expect.stringMatching(/^<- PEER tx 2 unit 1: .*illegal data address.*; after T ms \[000200000003018302\]$/),
    ]);
    const turned = (line: string): string => line.replace(/^../, (arrow) => (arrow === "->" ? "<-" : "->"));
    expect(served.map(lineOf).map(turned)).toEqual(seen.map(lineOf).map((line) => expect.stringMatching(asText(line))));
    expect(seen[1]).toMatchObject({
      kind: "response",
      outgoing: false,
      unit: 7,
      transaction: 1,
      transport: carrier.name,
      request: { kind: "read-holding-registers", address: 0, quantity: 3 },
      message: { registers: Uint16Array.of(0, 42, 0) },
      fault: undefined,
    });
    for (const [index, { time, gapMs }] of seen.entries()) {
      expect(Math.abs(Date.now() - time)).toBeLessThan(60_000);
      expect(gapMs).toEqual(index === 0 ? undefined : expect.any(Number));
    }
  });

  test("a server shows all of its connections or one, those that come later too", async () => {
    const { server, dial } = await setUp();
    await using first = createClient(await dial());
    await first.readCoils(0, 1);
    const all: TraceEvent[] = [];
    using _all = server.trace((event) => all.push(event));
    await using second = createClient(await dial());
    await first.readCoils(0, 1);
    await second.readCoils(0, 1);
    expect(all).toHaveLength(4);
    const peers = [...new Set(all.map(({ peer }) => peer))];
    const one: TraceEvent[] = [];
    using _one = server.trace((event) => one.push(event), { peer: peers[0]! });
    await first.readCoils(0, 1);
    await second.readCoils(0, 1);
    expect(one.every(({ peer }) => peer === peers[0])).toBe(true);
    expect(one.length).toBe(peers.length === 1 ? 4 : 2);
    expect(all).toHaveLength(8);
  });

  test("tells of answers to nothing, of wrong answers, of what is no frame and of the end", async () => {
    const accepted = Promise.withResolvers<Link>();
    const place = await carrier.open(accepted.resolve);
    places.push(place);
    const client = createClient(await place.dial(), { outstanding: 4 });
    const device = new Tap(await accepted.promise);
    const seen: TraceEvent[] = [];
    client.trace((event) => seen.push(event));
    const wrong = expect(client.readHoldingRegisters(0, 2)).rejects.toEqual(
      expect.objectContaining({ code: "ERR_MODBUS_BAD_RESPONSE" }),
    );
    const coils = client.readCoils(0, 10);
    await device.take(24);
    device.write(join(adu(9, 1, "03 02 0007"), adu(0, 1, "03 02 0007"), adu(1, 1, "01 02 0502")));
    await wrong;
    await coils;
    const broken = expect(client.raw(Uint8Array.of(99, 1))).rejects.toEqual(
      expect.objectContaining({ code: "ERR_MODBUS_CLOSED" }),
    );
    await device.take(9);
    device.write([0, 0, 1, 1, 0, 3, 1]);
    await broken;
    await client.closed;
    expect(seen.map(lineOf)).toEqual([
      "-> PEER tx 0 unit 1: read 2 holding registers from 0 [000000000006010300000002]",
      "-> PEER tx 1 unit 1: read 10 coils from 0 [00010000000601010000000a]",
      "<- PEER tx 9 unit 1: 1 holding registers = 7; to no request that was seen [0009000000050103020007]",
      expect.stringMatching(/^<- PEER tx 0 unit 1: 1 holding registers = 7; fault: .*; after T ms \[/),
      expect.stringMatching(/^<- PEER tx 1 unit 1: .* = 1 0 1 0 0 0 0 0 0 1; after T ms \[/),
      expect.stringMatching(/^-> PEER tx 2 unit 1: fault: .*99.* \[000200000003016301\]$/),
      expect.stringMatching(/^<- PEER no frame: .* \[00000101000301\]$/),
      "-- PEER closed",
    ]);
    device.link.destroy();
  });

  test("one that is switched on in the middle of a frame finds the next one", async () => {
    const accepted = Promise.withResolvers<Link>();
    const place = await carrier.open(accepted.resolve);
    places.push(place);
    await using client = createClient(await place.dial(), { outstanding: 2 });
    const device = new Tap(await accepted.promise);
    const reads = [client.readHoldingRegisters(0, 4), client.readHoldingRegisters(1, 1)];
    await device.take(24);
    const answer = adu(0, 1, "03 08 1111 2222 3333 4444");
    device.write(answer.subarray(0, 8));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const seen: TraceEvent[] = [];
    using _trace = client.trace((event) => seen.push(event));
    device.write(answer.subarray(8));
    await reads[0];
    device.write(adu(1, 1, "03 02 0007"));
    await reads[1];
    expect(seen.map(({ kind }) => kind)).toEqual(["noise", "response"]);
    device.link.destroy();
  });

  test("a listener that fails is not called again, and the connection goes on", async () => {
    const { dial } = await setUp();
    await using client = createClient(await dial());
    const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
    let calls = 0;
    client.trace(() => {
      calls += 1;
      throw new Error("the trace of this test fails");
    });
    await client.readCoils(0, 1);
    await client.readCoils(0, 1);
    expect(calls).toBe(1);
    expect((await warned).message).toBe("the trace of this test fails");
  });
});

/** The text itself, as a pattern. */
function asText(line: string): RegExp {
  return new RegExp(`^${line.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}

test("a client that reconnects shows all of its connections", async () => {
  const dialler = new MemoryDialler();
  await using client = new ReconnectingClient(dialler, {}, { minMs: 2, maxMs: 4 });
  await client.first();
  const kinds: string[] = [];
  using _trace = client.trace(({ kind }) => kinds.push(kind));
  dialler.device.link.end();
  await expect.poll(() => dialler.dials, { interval: 1 }).toBe(2);
  await expect.poll(() => client.state, { interval: 1 }).toBe("connected");
  const read = client.readCoils(0, 1);
  await dialler.device.take(12);
  dialler.device.write(adu(0, 1, "01 01 01"));
  await read;
  expect(kinds).toEqual(["closed", "request", "response"]);
});
