import { asciiFrame, parseHex, rtuFrame } from "@modwarden/protocol";
import { describe, expect, test } from "vitest";
import { createClient } from "../client/client.ts";
import { createMemoryLink } from "../link/memory.ts";
import { createMemoryHandler } from "../server/memory-handler.ts";
import { createServer } from "../server/server.ts";
import { Tap } from "../testing/tap.ts";
import type { TraceEvent } from "./event.ts";
import { formatTrace } from "./format.ts";

const lineOf = (event: TraceEvent): string =>
  formatTrace(event)
    .replace(/^\S+ /, "")
    .replace(/ memory:\w+/, "")
    .replace(/after \d+\.\d ms/, "after T ms");

describe.each(["rtu", "ascii"] as const)("a trace of a line that speaks %s", (framing) => {
  const wire = (unit: number, pdu: string): Uint8Array =>
    framing === "rtu" ? rtuFrame(unit, parseHex(pdu)) : asciiFrame(unit, parseHex(pdu));
  const hex = (unit: number, pdu: string): string => Buffer.from(wire(unit, pdu)).toString("hex");

  test("shows requests, responses and broadcasts on both sides, without a transaction", async () => {
    const link = createMemoryLink();
    await using server = createServer(createMemoryHandler({ holdingRegisters: 10 }));
    server.accept(link.server, { framing });
    await using client = createClient(link.client, { framing, line: { turnaroundMs: 1 } });
    const seen: TraceEvent[] = [];
    const served: TraceEvent[] = [];
    using _client = client.trace((event) => seen.push(event));
    using _server = server.trace((event) => served.push(event));
    await client.writeRegister(1, 42, { unit: 0 });
    await client.readHoldingRegisters(0, 2, { unit: 7 });
    await client.unit(7).diagnostics.returnQueryData(parseHex("0102030405060708"));
    await expect(client.readHoldingRegisters(9, 2, { unit: 7 })).rejects.toMatchObject({ exception: 2 });
    const lines = seen.map(lineOf);
    expect(lines).toEqual([
      `-> unit 0: write register 1 := 42 [${hex(0, "06 0001 002a")}]`,
      `-> unit 7: read 2 holding registers from 0 [${hex(7, "03 0000 0002")}]`,
      `<- unit 7: 2 holding registers = 0 42; after T ms [${hex(7, "03 04 0000 002a")}]`,
      expect.stringContaining(`[${hex(7, "08 0000 0102030405060708")}]`),
      expect.stringMatching(/^<- unit 7: .*; after T ms \[/),
      `-> unit 7: read 2 holding registers from 9 [${hex(7, "03 0009 0002")}]`,
      expect.stringMatching(/^<- unit 7: .*illegal data address.*; after T ms \[/),
    ]);
    expect(served.map(({ kind }) => kind)).toEqual(seen.map(({ kind }) => kind));
    for (const [index, event] of served.entries()) {
      const other = seen[index]!;
      if (event.kind === "closed" || other.kind === "closed") throw new Error("it is open");
      expect([...event.bytes]).toEqual([...other.bytes]);
      expect(event.outgoing).toBe(!other.outgoing);
    }
  });

  test("a server hears what is said to others, and says what is noise", async () => {
    const link = createMemoryLink();
    await using server = createServer(createMemoryHandler({ holdingRegisters: 10 }));
    server.accept(link.server, { framing, units: [3] });
    const master = new Tap(link.client);
    const served: TraceEvent[] = [];
    using _server = server.trace((event) => served.push(event));
    const own = wire(3, "06 0001 0007");
    master.write(wire(5, "06 0001 0007"));
    master.write(wire(5, "06 0001 0007"));
    master.write(parseHex("ff 00 13 37 aa"));
    master.write(own);
    await master.take(own.length);
    master.write(own);
    await master.take(own.length);
    expect(served.map((event) => ("unit" in event ? `${event.kind} ${event.unit}` : event.kind))).toEqual([
      "request 5",
      "response 5",
      "noise",
      "request 3",
      "response 3",
      "request 3",
      "response 3",
    ]);
    expect(served[1]).toMatchObject({ outgoing: false, elapsedMs: expect.any(Number), fault: undefined });
    expect(served[2]).toMatchObject({ bytes: parseHex("ff 00 13 37 aa") });
    master.link.destroy();
  });

  test("an answer to something else is told as such", async () => {
    const link = createMemoryLink();
    await using client = createClient(link.client, { framing, timeoutMs: 30 });
    const device = new Tap(link.server);
    const seen: TraceEvent[] = [];
    using _client = client.trace((event) => seen.push(event));
    const read = client.readHoldingRegisters(0, 1);
    await device.take(wire(1, "03 0000 0001").length);
    device.write(wire(1, "04 02 0009"));
    device.write(wire(1, "03 02 0007"));
    expect([...(await read)]).toEqual([7]);
    expect(seen.map(({ kind }) => kind)).toEqual(["request", "response", "response"]);
    expect(seen[1]).toMatchObject({ request: undefined, elapsedMs: undefined });
    expect(seen[2]).toMatchObject({ elapsedMs: expect.any(Number) });
    device.link.destroy();
  });
});

test("a delimiter that is changed is followed", async () => {
  const link = createMemoryLink();
  await using server = createServer(createMemoryHandler());
  server.accept(link.server, { framing: "ascii", units: [1] });
  await using client = createClient(link.client, { framing: "ascii" });
  const seen: TraceEvent[] = [];
  using _client = client.trace((event) => seen.push(event));
  await client.diagnostics.changeAsciiDelimiter("$");
  await client.readCoils(0, 1);
  expect(seen.map(({ kind }) => kind)).toEqual(["request", "response", "request", "response"]);
  const ends = seen.map((event) => ("bytes" in event ? String.fromCharCode(event.bytes.at(-1)!) : ""));
  expect(ends.slice(2)).toEqual(["$", "$"]);
});
