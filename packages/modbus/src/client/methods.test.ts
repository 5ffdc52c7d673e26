import { defineFunction, type ModbusErrorCode, parseHex, toHex } from "@modwarden/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMemoryLink } from "../link/memory.ts";
import { adu } from "../testing/adu.ts";
import { Tap } from "../testing/tap.ts";
import { type Client, createClient } from "./client.ts";

/** Every method against a device in the hands of the test: what goes out, what comes back, what it means. */
let client: Client;
let device: Tap;
let transaction = 0;

beforeAll(() => {
  const link = createMemoryLink();
  client = createClient(link.client, { outstanding: 4, unit: 9 });
  device = new Tap(link.server);
});
afterAll(async () => {
  await client.close();
});

const words = (text: string) => [...parseHex(text)];
const latin = (text: string) => toHex(new TextEncoder().encode(text));

async function exchange<Result>(call: Promise<Result>, request: string, response: string, unit = 9): Promise<Result> {
  // A call that rejects before it is answered must not go unhandled.
  call.catch(() => undefined);
  const asked = adu(transaction, unit, request);
  expect(toHex(await device.take(asked.length))).toBe(toHex(asked));
  device.write(adu(transaction, unit, response));
  transaction += 1;
  return call;
}

type Case = readonly [name: string, call: (on: Client) => Promise<unknown>, asked: string, answer: string, is: unknown];

const served: readonly Case[] = [
  ["readExceptionStatus", (on) => on.readExceptionStatus(), "07", "07 6d", 0x6d],
  ["getCommEventCounter", (on) => on.getCommEventCounter(), "0b", "0b ffff 0108", { busy: true, eventCount: 264 }],
  [
    "getCommEventLog",
    (on) => on.getCommEventLog(),
    "0c",
    "0c 08 0000 0108 0121 20 00",
    { busy: false, eventCount: 264, messageCount: 289, events: Uint8Array.of(0x20, 0) },
  ],
  [
    "reportServerId",
    (on) => on.reportServerId({ idLength: 2 }),
    "11",
    "11 05 0102 ff 4142",
    {
      id: Uint8Array.of(1, 2),
      running: true,
      additional: Uint8Array.of(0x41, 0x42),
      data: Uint8Array.of(1, 2, 0xff, 0x41, 0x42),
    },
  ],
  [
    "readFileRecord",
    (on) => on.readFileRecord(4, 1, 2),
    "14 07 06 0004 0001 0002",
    "14 06 05 06 0dfe 0020",
    Uint16Array.of(0x0dfe, 0x20),
  ],
  [
    "readFileRecords",
    (on) =>
      on.readFileRecords([
        { file: 4, record: 1, length: 1 },
        { file: 3, record: 9, length: 1 },
      ]),
    "14 0e 06 0004 0001 0001 06 0003 0009 0001",
    "14 08 03 06 0dfe 03 06 33cd",
    [Uint16Array.of(0x0dfe), Uint16Array.of(0x33cd)],
  ],
  [
    "writeFileRecord",
    (on) => on.writeFileRecord(4, 7, [0x06af, 0x04be]),
    "15 0b 06 0004 0007 0002 06af 04be",
    "15 0b 06 0004 0007 0002 06af 04be",
    undefined,
  ],
  [
    "readFifoQueue",
    (on) => on.readFifoQueue(0x04de),
    "18 04de",
    "18 0006 0002 01b8 1284",
    Uint16Array.of(0x1b8, 0x1284),
  ],
  [
    "canopenGeneralReference",
    (on) => on.canopenGeneralReference(Uint8Array.of(1, 2)),
    "2b 0d 0102",
    "2b 0d 030405",
    Uint8Array.of(3, 4, 5),
  ],
  [
    "readDeviceObject",
    (on) => on.readDeviceObject(0x80),
    "2b 0e 04 80",
    `2b 0e 04 83 00 00 01 80 03 ${latin("own")}`,
    "own",
  ],
  [
    "returnQueryData",
    (on) => on.diagnostics.returnQueryData(Uint8Array.of(0xa5, 0x37)),
    "08 0000 a537",
    "08 0000 a537",
    undefined,
  ],
  ["restartCommunications", (on) => on.diagnostics.restartCommunications(), "08 0001 0000", "08 0001 0000", undefined],
  [
    "restartCommunications, log too",
    (on) => on.diagnostics.restartCommunications({ clearLog: true }),
    "08 0001 ff00",
    "08 0001 ff00",
    undefined,
  ],
  [
    "returnDiagnosticRegister",
    (on) => on.diagnostics.returnDiagnosticRegister(),
    "08 0002 0000",
    "08 0002 8001",
    0x8001,
  ],
  ["changeAsciiDelimiter", (on) => on.diagnostics.changeAsciiDelimiter("!"), "08 0003 2100", "08 0003 2100", undefined],
  ["clearCounters", (on) => on.diagnostics.clearCounters(), "08 000a 0000", "08 000a 0000", undefined],
  ["busMessageCount", (on) => on.diagnostics.busMessageCount(), "08 000b 0000", "08 000b 0102", 0x0102],
  [
    "busCommunicationErrorCount",
    (on) => on.diagnostics.busCommunicationErrorCount(),
    "08 000c 0000",
    "08 000c 0001",
    1,
  ],
  ["busExceptionErrorCount", (on) => on.diagnostics.busExceptionErrorCount(), "08 000d 0000", "08 000d 0002", 2],
  ["serverMessageCount", (on) => on.diagnostics.serverMessageCount(), "08 000e 0000", "08 000e 0003", 3],
  ["serverNoResponseCount", (on) => on.diagnostics.serverNoResponseCount(), "08 000f 0000", "08 000f 0004", 4],
  ["serverNakCount", (on) => on.diagnostics.serverNakCount(), "08 0010 0000", "08 0010 0005", 5],
  ["serverBusyCount", (on) => on.diagnostics.serverBusyCount(), "08 0011 0000", "08 0011 0006", 6],
  ["busCharacterOverrunCount", (on) => on.diagnostics.busCharacterOverrunCount(), "08 0012 0000", "08 0012 0007", 7],
  ["clearOverrun", (on) => on.diagnostics.clearOverrun(), "08 0014 0000", "08 0014 0000", undefined],
  ["readInt16", (on) => on.readInt16(1), "03 0001 0001", "03 02 fffe", -2],
  ["readUint16", (on) => on.readUint16(1, { order: "BADC" }), "03 0001 0001", "03 02 0102", 0x0201],
  ["readInt32", (on) => on.readInt32(1, { table: "input" }), "04 0001 0002", "04 04 ffff fffe", -2],
  ["readUint32", (on) => on.readUint32(1, { order: "CDAB" }), "03 0001 0002", "03 04 0002 0001", 0x1_0002],
  ["readInt64", (on) => on.readInt64(1), "03 0001 0004", "03 08 ffff ffff ffff fffe", -2n],
  ["readUint64", (on) => on.readUint64(1), "03 0001 0004", "03 08 ffff ffff ffff fffe", 2n ** 64n - 2n],
  ["readFloat32", (on) => on.readFloat32(1, { order: "DCBA" }), "03 0001 0002", "03 04 0000 ac41", 21.5],
  ["readFloat64", (on) => on.readFloat64(1), "03 0001 0004", "03 08 3ff8 0000 0000 0000", 1.5],
  ["readString", (on) => on.readString(1, 3), "03 0001 0003", "03 06 4142 4300 0000", "ABC"],
  ["readBit", (on) => on.readBit(1, 15, { table: "input" }), "04 0001 0001", "04 02 8000", true],
  ["readBits", async (on) => (await on.readBits(1)).indexOf(true), "03 0001 0001", "03 02 0010", 4],
  ["read", (on) => on.read(1, "bcd", { length: 2 }), "03 0001 0002", "03 04 1234 5678", 12_345_678],
  [
    "readArray",
    (on) => on.readArray(1, "f32", 2, { order: "CDAB" }),
    "03 0001 0004",
    "03 08 0000 41ac 0000 3f80",
    [21.5, 1],
  ],
  ["writeInt16", (on) => on.writeInt16(1, -2), "06 0001 fffe", "06 0001 fffe", undefined],
  [
    "writeUint16, with function 16",
    (on) => on.writeUint16(1, 7, { multiple: true }),
    "10 0001 0001 02 0007",
    "10 0001 0001",
    undefined,
  ],
  ["writeInt32", (on) => on.writeInt32(1, -2), "10 0001 0002 04 ffff fffe", "10 0001 0002", undefined],
  [
    "writeUint32",
    (on) => on.writeUint32(1, 1, { order: "CDAB" }),
    "10 0001 0002 04 0001 0000",
    "10 0001 0002",
    undefined,
  ],
  ["writeInt64", (on) => on.writeInt64(1, -1n), "10 0001 0004 08 ffffffffffffffff", "10 0001 0004", undefined],
  ["writeUint64", (on) => on.writeUint64(1, 1n), "10 0001 0004 08 0000000000000001", "10 0001 0004", undefined],
  ["writeFloat32", (on) => on.writeFloat32(1, 21.5), "10 0001 0002 04 41ac 0000", "10 0001 0002", undefined],
  ["writeFloat64", (on) => on.writeFloat64(1, 1.5), "10 0001 0004 08 3ff8 0000 0000 0000", "10 0001 0004", undefined],
  ["writeString", (on) => on.writeString(1, "ABC", 2), "10 0001 0002 04 4142 4300", "10 0001 0002", undefined],
  ["writeBit", (on) => on.writeBit(1, 3, true), "16 0001 fff7 0008", "16 0001 fff7 0008", undefined],
  ["writeBit, off", (on) => on.writeBit(1, 3, false), "16 0001 fff7 0000", "16 0001 fff7 0000", undefined],
  ["writeArray", (on) => on.writeArray(1, "s16", [-1, 2]), "10 0001 0002 04 ffff 0002", "10 0001 0002", undefined],
];

test.each(served)("%s", async (_, call, request, response, expected) => {
  expect(await exchange(call(client), request, response)).toEqual(expected);
});

test("a view asks with its unit, whatever is asked", async () => {
  const view = client.unit(3);
  expect(await exchange(view.diagnostics.busMessageCount(), "08 000b 0000", "08 000b 0001", 3)).toBe(1);
  expect(await exchange(view.readFloat32(0, { table: "input" }), "04 0000 0002", "04 04 41ac 0000", 3)).toBe(21.5);
});

test("a server id of another layout says nothing of running", async () => {
  const { running } = await exchange(client.reportServerId(), "11", "11 02 01 17");
  expect(running).toBeUndefined();
});

test("another object than the one asked for is no answer", async () => {
  const call = exchange(client.readDeviceObject(0), "2b 0e 04 00", `2b 0e 04 81 00 00 01 01 01 ${latin("x")}`);
  await expect(call).rejects.toMatchObject({ code: "ERR_MODBUS_BAD_RESPONSE" });
});

describe("listen-only", () => {
  const options = { timeoutMs: 20 };
  const silent: readonly [string, (on: Client) => Promise<void>, string][] = [
    ["forced", (on) => on.diagnostics.forceListenOnly(options), "08 0004 0000"],
    ["left", (on) => on.diagnostics.restartCommunications({ ...options, listenOnly: true }), "08 0001 0000"],
  ];

  test.each(silent)("%s: silence is the answer", async (_, call, request) => {
    const done = call(client);
    await device.take(7 + words(request).length);
    transaction += 1;
    await expect(done).resolves.toBeUndefined();
  });

  test.each(silent)("%s: an exception is a refusal", async (_, call, request) => {
    await expect(exchange(call(client), request, "88 01")).rejects.toMatchObject({ exception: 1 });
  });

  test("a restart that should be answered and is not has timed out", async () => {
    const done = client.diagnostics.restartCommunications(options);
    await expect(done).rejects.toMatchObject({ code: "ERR_MODBUS_TIMEOUT" });
    await device.take(12);
    transaction += 1;
  });
});

describe("a function of one's own", () => {
  const reset = defineFunction<{ code: number }, { left: number }>({
    functionCode: 65,
    name: "reset",
    request: {
      encode: ({ code }) => Uint8Array.of(code),
      decode: ([code = 0]) => ({ code }),
    },
    response: {
      encode: ({ left }) => Uint8Array.of(left),
      decode(data) {
        if (data.length !== 1) throw new Error("one byte is wanted");
        return { left: data[0]! };
      },
    },
  });

  test("is called with its meaning", async () => {
    expect(await exchange(client.call(reset, { code: 7 }), "41 07", "41 02")).toEqual({ left: 2 });
    expect(await exchange(client.unit(4).call(reset, { code: 8 }), "41 08", "41 03", 4)).toEqual({ left: 3 });
  });

  test("rejects for an answer without meaning, and for an exception", async () => {
    const malformed = exchange(client.call(reset, { code: 7 }), "41 07", "41 0203");
    await expect(malformed).rejects.toMatchObject({ code: "ERR_MODBUS_BAD_RESPONSE" });
    await expect(exchange(client.call(reset, { code: 7 }), "41 07", "c1 63")).rejects.toMatchObject({
      exception: 0x63,
    });
  });
});

test.each<[string, (on: Client) => Promise<unknown>, ModbusErrorCode]>([
  ["a bit that a register does not have", (on) => on.readBit(0, 16), "ERR_MODBUS_BAD_VALUE"],
  ["a string without registers", (on) => on.readString(0, 0), "ERR_MODBUS_BAD_VALUE"],
  ["more values than one answer holds", (on) => on.readArray(0, "f64", 32), "ERR_MODBUS_BAD_REQUEST"],
  ["more values than one request holds", (on) => on.writeArray(0, "f64", Array(31).fill(0)), "ERR_MODBUS_BAD_REQUEST"],
  ["no values", (on) => on.writeArray(0, "f64", []), "ERR_MODBUS_BAD_REQUEST"],
  ["a value that does not fit its type", (on) => on.writeInt16(0, 40_000), "ERR_MODBUS_BAD_VALUE"],
  ["text that does not fit", (on) => on.writeString(0, "ABC", 1), "ERR_MODBUS_BAD_VALUE"],
  ["a delimiter beyond ASCII", (on) => on.diagnostics.changeAsciiDelimiter("é"), "ERR_MODBUS_BAD_VALUE"],
  ["two delimiters", (on) => on.diagnostics.changeAsciiDelimiter("ab"), "ERR_MODBUS_BAD_VALUE"],
  [
    "an odd number of bytes to echo",
    (on) => on.diagnostics.returnQueryData(Uint8Array.of(1)),
    "ERR_MODBUS_BAD_REQUEST",
  ],
  ["an id of a length that cannot be", (on) => on.reportServerId({ idLength: 256 }), "ERR_MODBUS_BAD_VALUE"],
  ["a file that does not exist", (on) => on.readFileRecord(0, 0, 1), "ERR_MODBUS_BAD_REQUEST"],
  ["a record beyond the last", (on) => on.writeFileRecord(1, 9999, [1, 2]), "ERR_MODBUS_BAD_REQUEST"],
  ["an object that cannot be", (on) => on.readDeviceObject(256), "ERR_MODBUS_BAD_REQUEST"],
])("refuses %s before anything is sent", async (_, call, code) => {
  await expect(call(client)).rejects.toMatchObject({ code });
  expect(device.waiting).toBe(0);
});
