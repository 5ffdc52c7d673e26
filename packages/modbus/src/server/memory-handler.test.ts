import { decodeRequest, parseHex, type Request, type Response } from "@modwarden/protocol";
import { describe, expect, test } from "vitest";
import { type HandlerFunction, type RequestContext, ServerException } from "./handler.ts";
import { createMemoryHandler, type MemoryHandler } from "./memory-handler.ts";

const context: RequestContext = {
  unit: 1,
  broadcast: false,
  signal: new AbortController().signal,
  transport: "memory",
  peer: "test",
  certificate: undefined,
  role: null,
  roleProblem: undefined,
  setDelimiter: () => undefined,
  disconnect: () => undefined,
};

function ask(handler: MemoryHandler, pdu: string): Response {
  const bytes = parseHex(pdu);
  const request: Request = decodeRequest(bytes, 0, bytes.length);
  const method = handler[request.kind] as HandlerFunction | undefined;
  if (method === undefined) throw new ServerException(1);
  return method.call(handler, request, context) as Response;
}

function exceptionOf(call: () => unknown): number {
  try {
    call();
  } catch (error) {
    if (error instanceof ServerException) return error.exception;
    throw error;
  }
  return 0;
}

describe("createMemoryHandler", () => {
  test("has everything by default, zero at first, up to the last address", () => {
    const handler = createMemoryHandler();
    expect(ask(handler, "03 ffff 0001")).toEqual({ kind: "read-holding-registers", registers: Uint16Array.of(0) });
    expect(ask(handler, "04 ff83 007d")).toMatchObject({ registers: new Uint16Array(125) });
    expect(ask(handler, "01 f830 07d0")).toMatchObject({ bytes: new Uint8Array(250) });
    expect(ask(handler, "02 0000 0009")).toMatchObject({ bytes: new Uint8Array(2) });
  });

  test("keeps what is written, in the arrays it was given", () => {
    const holdingRegisters = new Uint16Array(8);
    const coils = new Uint8Array(16);
    const handler = createMemoryHandler({ holdingRegisters, coils });
    ask(handler, "06 0001 1234");
    ask(handler, "10 0002 0002 04 0005 0006");
    ask(handler, "05 0003 ff00");
    ask(handler, "0f 0004 0004 01 0b");
    expect([...holdingRegisters]).toEqual([0, 0x1234, 5, 6, 0, 0, 0, 0]);
    expect(ask(handler, "01 0000 0009")).toMatchObject({ bytes: Uint8Array.of(0b1011_1000, 0) });
    ask(handler, "05 0003 0000");
    expect(coils[3]).toBe(0);
    handler.tables.inputRegisters[7] = 77;
    expect(ask(handler, "04 0007 0001")).toMatchObject({ registers: Uint16Array.of(77) });
  });

  test("masks as the specification's example does, and writes before it reads", () => {
    const handler = createMemoryHandler({ holdingRegisters: Uint16Array.of(0x12, 1, 2) });
    // MODBUS Application Protocol V1.1b3 § 6.16: 12 AND F2 OR (25 AND NOT F2) = 17
    ask(handler, "16 0000 00f2 0025");
    expect(handler.tables.holdingRegisters[0]).toBe(0x17);
    expect(ask(handler, "17 0000 0003 0001 0001 02 0063")).toMatchObject({ registers: Uint16Array.of(0x17, 0x63, 2) });
  });

  test.each(["01 0004 0001", "02 0000 0001", "03 0001 0003", "04 0000 0001", "05 0004 ff00", "06 0003 0000"])(
    "refuses an address it does not have: %s",
    (pdu) => {
      const handler = createMemoryHandler({ coils: 4, discreteInputs: 0, holdingRegisters: 3, inputRegisters: 0 });
      expect(exceptionOf(() => ask(handler, pdu))).toBe(2);
    },
  );

  test.each(["0f 0003 0002 01 03", "10 0002 0002 04 00010002", "16 0003 0000 0000", "17 0000 0001 0003 0001 02 0001"])(
    "a write that does not fit changes nothing: %s",
    (pdu) => {
      const handler = createMemoryHandler({ coils: 4, holdingRegisters: Uint16Array.of(1, 2, 3) });
      expect(exceptionOf(() => ask(handler, pdu))).toBe(2);
      expect([...handler.tables.holdingRegisters]).toEqual([1, 2, 3]);
      expect([...handler.tables.coils]).toEqual([0, 0, 0, 0]);
    },
  );

  test("refuses sizes and objects that cannot be", () => {
    const bad = expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" });
    expect(() => createMemoryHandler({ coils: 65_537 })).toThrow(bad);
    expect(() => createMemoryHandler({ identification: new Map([[256, "x"]]) })).toThrow(bad);
    expect(() => createMemoryHandler({ identification: new Map([[0, "x".repeat(245)]]) })).toThrow(bad);
    expect(() => new ServerException(0)).toThrow(bad);
  });
});

describe("device identification", () => {
  const long = "x".repeat(200);
  const handler = createMemoryHandler({
    identification: new Map([
      [0, "vendor"],
      [1, long],
      [2, long],
      [4, "product"],
      [0x80, "own"],
    ]),
  });
  const ids = (pdu: string): unknown => {
    const response = ask(handler, pdu);
    if (response.kind !== "read-device-identification") throw new Error(response.kind);
    return [
      response.objects.map(({ id }) => id),
      response.moreFollows,
      response.nextObjectId,
      response.conformityLevel,
    ];
  };

  test("streams a category, never dividing an object", () => {
    expect(ids("2b 0e 01 00")).toEqual([[0, 1], true, 2, 0x83]);
    expect(ids("2b 0e 01 02")).toEqual([[2], false, 0, 0x83]);
    expect(ids("2b 0e 02 02")).toEqual([[2, 4], false, 0, 0x83]);
    expect(ids("2b 0e 03 02")).toEqual([[2, 4, 0x80], false, 0, 0x83]);
  });

  test("starts again at object 0 for an id it does not have in the category", () => {
    expect(ids("2b 0e 01 04")).toEqual([[0, 1], true, 2, 0x83]);
    expect(ids("2b 0e 03 77")).toEqual([[0, 1], true, 2, 0x83]);
  });

  test("gives one object, or refuses its address", () => {
    expect(ids("2b 0e 04 80")).toEqual([[0x80], false, 0, 0x83]);
    expect(exceptionOf(() => ask(handler, "2b 0e 04 03"))).toBe(2);
  });

  test("answers at its own level when asked for more", () => {
    const basic = createMemoryHandler();
    expect(ask(basic, "2b 0e 03 00")).toMatchObject({ readDeviceIdCode: 3, conformityLevel: 0x81, moreFollows: false });
  });
});

describe("what is there when it is asked for", () => {
  const extras = createMemoryHandler({
    exceptionStatus: () => 0x6d,
    serverId: Uint8Array.of(9, 0xff),
    files: new Map([[4, Uint16Array.of(1, 2, 3)]]),
    queues: new Map([
      [0x04de, [0x01b8, 0x1284]],
      [1, Array(32).fill(0)],
    ]),
    canopen: (data) => data.toReversed(),
  });

  test("status, id, files, queues and CANopen", () => {
    expect(ask(extras, "07")).toEqual({ kind: "read-exception-status", status: 0x6d });
    expect(ask(extras, "11")).toEqual({ kind: "report-server-id", data: Uint8Array.of(9, 0xff) });
    expect(ask(extras, "14 0e 06 0004 0001 0002 06 0004 0000 0001")).toMatchObject({
      records: [Uint16Array.of(2, 3), Uint16Array.of(1)],
    });
    expect(ask(extras, "18 04de")).toMatchObject({ values: Uint16Array.of(0x01b8, 0x1284) });
    expect(ask(extras, "2b 0d 0102")).toMatchObject({ data: Uint8Array.of(2, 1) });
  });

  test("a file keeps what is written, all records or none", () => {
    const file = new Uint16Array(4);
    const handler = createMemoryHandler({ files: new Map([[1, file]]) });
    const beyond = () => ask(handler, "15 12 06 0001 0000 0001 0007 06 0001 0004 0001 0008");
    expect(exceptionOf(beyond)).toBe(2);
    expect([...file]).toEqual([0, 0, 0, 0]);
    expect(ask(handler, "15 0b 06 0001 0002 0002 0007 0008")).toMatchObject({ kind: "write-file-record" });
    expect([...file]).toEqual([0, 0, 7, 8]);
  });

  test.each([
    ["a file that is not there", "14 07 06 0005 0000 0001", 2],
    ["a record beyond its end", "14 07 06 0004 0002 0002", 2],
    ["a queue that is not there", "18 0000", 2],
    ["a queue too long for an answer", "18 0001", 3],
  ])("refuses %s", (_, pdu, exception) => {
    expect(exceptionOf(() => ask(extras, pdu))).toBe(exception);
  });

  test("nothing of it is there by default", () => {
    const plain = createMemoryHandler();
    for (const pdu of ["07", "11", "14 07 06 0004 0000 0001", "18 0000", "2b 0d 01"]) {
      expect(exceptionOf(() => ask(plain, pdu))).toBe(1);
    }
  });

  test("a status that is no byte and an id without content are refused where they are given", () => {
    const wrong: readonly (() => unknown)[] = [
      () => createMemoryHandler({ exceptionStatus: 256 }),
      () => createMemoryHandler({ serverId: new Uint8Array(0) }),
      () => createMemoryHandler({ files: new Map([[0, new Uint16Array(1)]]) }),
      () => createMemoryHandler({ files: new Map([[1, new Uint16Array(10_001)]]) }),
    ];
    for (const make of wrong) expect(make).toThrow(expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" }));
  });
});
