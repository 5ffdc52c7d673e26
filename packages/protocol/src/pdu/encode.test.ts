import { describe, expect, test } from "vitest";
import { toHex } from "../hex.ts";
import { refusal } from "../testing/refusal.ts";
import type { ExceptionResponse, Request, Response } from "./messages.ts";
import { encodeRequest, encodeResponse } from "./pdu.ts";

describe("encode", () => {
  const room = new Uint8Array(300);
  const words = (length: number): Uint16Array => new Uint16Array(length);
  const bytes = (length: number): Uint8Array => new Uint8Array(length);

  test.each<[string, Request, number]>([
    ["address", { kind: "read-coils", address: 65536, quantity: 1 }, 3],
    ["address that is no whole number", { kind: "write-single-register", address: 0.5, value: 1 }, 3],
    ["quantity 0", { kind: "read-coils", address: 0, quantity: 0 }, 3],
    ["quantity 126", { kind: "read-holding-registers", address: 0, quantity: 126 }, 3],
    ["value", { kind: "write-single-register", address: 0, value: -1 }, 3],
    ["no coils", { kind: "write-multiple-coils", address: 0, coils: [] }, 3],
    ["124 registers", { kind: "write-multiple-registers", address: 0, values: words(124) }, 3],
    ["mask", { kind: "mask-write-register", address: 0, andMask: 65536, orMask: 0 }, 3],
    [
      "122 registers",
      { kind: "read-write-multiple-registers", readAddress: 0, readQuantity: 1, writeAddress: 0, values: words(122) },
      3,
    ],
    ["code 5", { kind: "read-device-identification", readDeviceIdCode: 5, objectId: 0 }, 3],
    ["253 bytes of data", { kind: "user-defined", functionCode: 65, data: bytes(253) }, 3],
    ["user-defined under a public code", { kind: "user-defined", functionCode: 3, data: bytes(0) }, 1],
    ["user-defined under an unassigned code", { kind: "user-defined", functionCode: 99, data: bytes(0) }, 1],
    ["unknown sub-function", { kind: "diagnostics", subFunction: 5, data: bytes(2) }, 1],
    ["counter with data", { kind: "diagnostics", subFunction: 11, data: Uint8Array.of(0, 1) }, 3],
    ["252 bytes of query data", { kind: "diagnostics", subFunction: 0, data: bytes(252) }, 3],
    ["no records", { kind: "read-file-record", records: [] }, 3],
    ["answer too long", { kind: "read-file-record", records: [{ file: 1, record: 0, length: 122 }] }, 3],
    ["file 0", { kind: "read-file-record", records: [{ file: 0, record: 0, length: 1 }] }, 3],
    ["record and length", { kind: "read-file-record", records: [{ file: 1, record: 9999, length: 2 }] }, 2],
    ["write no records", { kind: "write-file-record", records: [] }, 3],
    ["write 123 registers", { kind: "write-file-record", records: [{ file: 1, record: 0, values: words(123) }] }, 3],
    ["252 bytes for CANopen", { kind: "canopen-general-reference", data: bytes(252) }, 3],
  ])("a request outside the limits never becomes bytes: %s", (_, message, exception) => {
    expect(refusal(() => encodeRequest(message, room, 0))).toBe(exception);
    expect(toHex(room)).toBe("00".repeat(room.length));
  });

  const identity = {
    kind: "read-device-identification",
    readDeviceIdCode: 1,
    conformityLevel: 1,
    moreFollows: false,
    nextObjectId: 0,
    objects: [],
  } as const;

  test.each<[string, Response | ExceptionResponse]>([
    ["no bits", { kind: "read-coils", bytes: bytes(0) }],
    ["126 registers", { kind: "read-input-registers", registers: words(126) }],
    ["nothing written", { kind: "write-multiple-coils", address: 0, quantity: 0 }],
    ["exception 0", { kind: "exception", functionCode: 3, exception: 0 }],
    ["exception 256", { kind: "exception", functionCode: 3, exception: 256 }],
    ["level 4", { ...identity, conformityLevel: 4 }],
    ["next without more", { ...identity, nextObjectId: 1 }],
    ["object 256", { ...identity, objects: [{ id: 256, value: bytes(0) }] }],
    ["254 bytes", { ...identity, objects: [{ id: 0, value: bytes(245) }] }],
    ["status 256", { kind: "read-exception-status", status: 256 }],
    ["half busy", { kind: "get-comm-event-counter", status: 1, eventCount: 0 }],
    ["65 events", { kind: "get-comm-event-log", status: 0, eventCount: 0, messageCount: 0, events: bytes(65) }],
    ["empty id", { kind: "report-server-id", data: bytes(0) }],
    ["listen only", { kind: "diagnostics", subFunction: 4, data: bytes(2) }],
    ["no records", { kind: "read-file-record", records: [] }],
    ["empty record", { kind: "read-file-record", records: [words(0)] }],
    ["records too long", { kind: "read-file-record", records: [words(61), words(61)] }],
    ["32 registers queued", { kind: "read-fifo-queue", values: words(32) }],
  ])("nor does a response: %s", (_, message) => {
    expect(refusal(() => encodeResponse(message, room, 0))).toBe(3);
    expect(toHex(room)).toBe("00".repeat(room.length));
  });

  test("a buffer without room is told so before anything is written", () => {
    const code = expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" });
    const out = new Uint8Array(6);
    const read: Request = { kind: "read-coils", address: 0xffff, quantity: 1 };
    for (const at of [2, 6, -1]) expect(() => encodeRequest(read, out, at)).toThrow(code);
    expect(() => encodeResponse({ kind: "exception", functionCode: 1, exception: 1 }, out, 5)).toThrow(code);
    expect(() => encodeResponse({ kind: "read-coils", bytes: bytes(5) }, out, 0)).toThrow(code);
    expect(out).toEqual(new Uint8Array(6));
    expect(encodeRequest(read, out, 1)).toBe(6);
  });
});
