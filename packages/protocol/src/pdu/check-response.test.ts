import { describe, expect, test } from "vitest";
import { anyRequest } from "../testing/any-request.ts";
import { anyResponse } from "../testing/any-response.ts";
import { Integers } from "../testing/integers.ts";
import { refusal } from "../testing/refusal.ts";
import { checkResponse } from "./check-response.ts";
import type { ExceptionResponse, Request, Response } from "./messages.ts";

const verdict = (request: Request, response: Response | ExceptionResponse): string =>
  refusal(() => checkResponse(request, response)) === "not refused" ? "answers" : "lies";

const bytes = (length: number): Uint8Array => new Uint8Array(length);
const words = (...values: number[]): Uint16Array => Uint16Array.from(values);
const object = (id: number): { id: number; value: Uint8Array } => ({ id, value: bytes(1) });

const coils = { kind: "read-coils", address: 0, quantity: 9 } as const;
const inputs = { kind: "read-discrete-inputs", address: 0, quantity: 8 } as const;
const holding = { kind: "read-holding-registers", address: 10, quantity: 2 } as const;
const input = { kind: "read-input-registers", address: 10, quantity: 1 } as const;
const coil = { kind: "write-single-coil", address: 5, value: true } as const;
const register = { kind: "write-single-register", address: 5, value: 7 } as const;
const manyCoils = { kind: "write-multiple-coils", address: 5, coils: [true, false, true] } as const;
const manyRegisters = { kind: "write-multiple-registers", address: 5, values: words(1, 2) } as const;
const mask = { kind: "mask-write-register", address: 4, andMask: 0xf2, orMask: 0x25 } as const;
const readWrite = {
  kind: "read-write-multiple-registers",
  readAddress: 3,
  readQuantity: 2,
  writeAddress: 14,
  values: words(1, 2, 3),
} as const;
const basic = { kind: "read-device-identification", readDeviceIdCode: 1, objectId: 0 } as const;
const single = { kind: "read-device-identification", readDeviceIdCode: 4, objectId: 2 } as const;
const identity = {
  kind: "read-device-identification",
  readDeviceIdCode: 1,
  conformityLevel: 1,
  moreFollows: false,
  nextObjectId: 0,
  objects: [object(0), object(1)],
} as const;
const user = { kind: "user-defined", functionCode: 65, data: bytes(3) } as const;
const loopback = { kind: "diagnostics", subFunction: 0, data: Uint8Array.of(1, 2) } as const;
const counter = { kind: "diagnostics", subFunction: 11, data: bytes(2) } as const;
const fileRead = { kind: "read-file-record", records: [{ file: 4, record: 1, length: 2 }] } as const;
const fileWrite = { kind: "write-file-record", records: [{ file: 4, record: 7, values: words(1, 2) }] } as const;
const queue = { kind: "read-fifo-queue", address: 1246 } as const;
const canopen = { kind: "canopen-general-reference", data: bytes(2) } as const;

test.each<[string, Request, Response | ExceptionResponse, "answers" | "lies"]>([
  ["9 bits in 2 bytes", coils, { kind: "read-coils", bytes: bytes(2) }, "answers"],
  ["padding bits set", coils, { kind: "read-coils", bytes: bytes(2).fill(0xff) }, "answers"],
  ["9 bits in 1 byte", coils, { kind: "read-coils", bytes: bytes(1) }, "lies"],
  ["9 bits in 3 bytes", coils, { kind: "read-coils", bytes: bytes(3) }, "lies"],
  ["8 inputs in 1 byte", inputs, { kind: "read-discrete-inputs", bytes: bytes(1) }, "answers"],
  ["8 inputs in 2 bytes", inputs, { kind: "read-discrete-inputs", bytes: bytes(2) }, "lies"],
  ["inputs for coils", coils, { kind: "read-discrete-inputs", bytes: bytes(2) }, "lies"],
  ["2 registers", holding, { kind: "read-holding-registers", registers: words(1, 2) }, "answers"],
  ["1 register for 2", holding, { kind: "read-holding-registers", registers: words(1) }, "lies"],
  ["3 registers for 2", holding, { kind: "read-holding-registers", registers: words(1, 2, 3) }, "lies"],
  ["input for holding", holding, { kind: "read-input-registers", registers: words(1, 2) }, "lies"],
  ["1 input register", input, { kind: "read-input-registers", registers: words(1) }, "answers"],
  ["coil echo", coil, coil, "answers"],
  ["coil at another address", coil, { ...coil, address: 6 }, "lies"],
  ["coil with another value", coil, { ...coil, value: false }, "lies"],
  ["register echo", register, register, "answers"],
  ["register at another address", register, { ...register, address: 6 }, "lies"],
  ["register with another value", register, { ...register, value: 8 }, "lies"],
  ["coils written", manyCoils, { kind: "write-multiple-coils", address: 5, quantity: 3 }, "answers"],
  ["fewer coils written", manyCoils, { kind: "write-multiple-coils", address: 5, quantity: 2 }, "lies"],
  ["coils written elsewhere", manyCoils, { kind: "write-multiple-coils", address: 4, quantity: 3 }, "lies"],
  ["registers written", manyRegisters, { kind: "write-multiple-registers", address: 5, quantity: 2 }, "answers"],
  ["more registers written", manyRegisters, { kind: "write-multiple-registers", address: 5, quantity: 3 }, "lies"],
  ["registers written elsewhere", manyRegisters, { kind: "write-multiple-registers", address: 6, quantity: 2 }, "lies"],
  ["mask echo", mask, mask, "answers"],
  ["mask elsewhere", mask, { ...mask, address: 5 }, "lies"],
  ["another AND mask", mask, { ...mask, andMask: 0 }, "lies"],
  ["another OR mask", mask, { ...mask, orMask: 0 }, "lies"],
  ["read after write", readWrite, { kind: "read-write-multiple-registers", registers: words(1, 2) }, "answers"],
  ["as many as written", readWrite, { kind: "read-write-multiple-registers", registers: words(1, 2, 3) }, "lies"],
  ["identification", basic, identity, "answers"],
  ["more to come", basic, { ...identity, moreFollows: true, nextObjectId: 2 }, "answers"],
  ["more of the same", basic, { ...identity, moreFollows: true, nextObjectId: 1 }, "lies"],
  ["back to the start", basic, { ...identity, moreFollows: true, nextObjectId: 0 }, "lies"],
  ["more of nothing", basic, { ...identity, objects: [], moreFollows: true, nextObjectId: 1 }, "lies"],
  ["the object asked for", single, { ...identity, objects: [object(2)] }, "answers"],
  ["another object", single, { ...identity, objects: [object(3)] }, "lies"],
  ["two objects", single, { ...identity, objects: [object(2), object(3)] }, "lies"],
  ["no object", single, { ...identity, objects: [] }, "lies"],
  ["one object and more", single, { ...identity, objects: [object(2)], moreFollows: true, nextObjectId: 3 }, "lies"],
  ["user-defined, other data", user, { ...user, data: bytes(0) }, "answers"],
  ["user-defined, other code", user, { ...user, functionCode: 66 }, "lies"],
  ["loopback", loopback, loopback, "answers"],
  ["loopback changed", loopback, { ...loopback, data: Uint8Array.of(1, 3) }, "lies"],
  ["loopback cut", loopback, { ...loopback, data: Uint8Array.of(1) }, "lies"],
  ["counter", counter, { ...counter, data: Uint8Array.of(1, 2) }, "answers"],
  ["another counter", counter, { ...counter, subFunction: 12 }, "lies"],
  ["exception status", { kind: "read-exception-status" }, { kind: "read-exception-status", status: 1 }, "answers"],
  [
    "event counter",
    { kind: "get-comm-event-counter" },
    { kind: "get-comm-event-counter", status: 0, eventCount: 1 },
    "answers",
  ],
  ["server id", { kind: "report-server-id" }, { kind: "report-server-id", data: bytes(1) }, "answers"],
  ["file read", fileRead, { kind: "read-file-record", records: [words(1, 2)] }, "answers"],
  ["shorter record", fileRead, { kind: "read-file-record", records: [words(1)] }, "lies"],
  ["another record more", fileRead, { kind: "read-file-record", records: [words(1, 2), words(1)] }, "lies"],
  ["file write", fileWrite, fileWrite, "answers"],
  ["other file", fileWrite, { ...fileWrite, records: [{ file: 5, record: 7, values: words(1, 2) }] }, "lies"],
  ["other record", fileWrite, { ...fileWrite, records: [{ file: 4, record: 8, values: words(1, 2) }] }, "lies"],
  ["other registers", fileWrite, { ...fileWrite, records: [{ file: 4, record: 7, values: words(1, 3) }] }, "lies"],
  ["fewer registers", fileWrite, { ...fileWrite, records: [{ file: 4, record: 7, values: words(1) }] }, "lies"],
  ["no record", fileWrite, { ...fileWrite, records: [] }, "lies"],
  ["queue", queue, { kind: "read-fifo-queue", values: words(1) }, "answers"],
  ["CANopen", canopen, canopen, "answers"],
  ["CANopen for identification", basic, canopen, "lies"],
])("%s", (_, request, response, expected) => {
  expect(verdict(request, response)).toBe(expected);
});

describe("every kind against every kind", () => {
  const from = new Integers(1);
  const requests = Object.values(anyRequest).map((any) => any(from));
  const responses = Object.values(anyResponse).map((any) => any(from));

  test.each(requests.map((request) => [request.kind, request] as const))("%s", (kind, request) => {
    for (const response of responses) {
      if (response.kind !== kind && response.kind !== "exception") expect(verdict(request, response)).toBe("lies");
    }
  });

  test.each(requests.map((request) => [request.kind, request] as const))("%s and exceptions", (_, request) => {
    for (let functionCode = 0; functionCode < 128; functionCode++) {
      const exception: ExceptionResponse = { kind: "exception", functionCode, exception: 2 };
      expect(verdict(request, exception)).toBe(codes.get(request.kind)?.has(functionCode) ? "answers" : "lies");
    }
  });

  /** Written out here, so that the table of the room is not compared with itself. */
  const codes = new Map<string, ReadonlySet<number>>(
    Object.entries({
      "read-coils": 1,
      "read-discrete-inputs": 2,
      "read-holding-registers": 3,
      "read-input-registers": 4,
      "write-single-coil": 5,
      "write-single-register": 6,
      "read-exception-status": 7,
      diagnostics: 8,
      "get-comm-event-counter": 11,
      "get-comm-event-log": 12,
      "write-multiple-coils": 15,
      "write-multiple-registers": 16,
      "report-server-id": 17,
      "read-file-record": 20,
      "write-file-record": 21,
      "mask-write-register": 22,
      "read-write-multiple-registers": 23,
      "read-fifo-queue": 24,
      "canopen-general-reference": 43,
      "read-device-identification": 43,
    }).map(([kind, code]) => [kind, new Set([code])]),
  );
  const userRequest = requests.find((request) => request.kind === "user-defined");
  codes.set("user-defined", new Set([userRequest?.functionCode ?? -1]));
});
