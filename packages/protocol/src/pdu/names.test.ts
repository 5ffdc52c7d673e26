import { describe, expect, test } from "vitest";
import { BadFrameError, BadPduError, BadResponseError, ExceptionResponseError, ModbusError } from "../errors.ts";
import { diagnosticName } from "./diagnostics.ts";
import { exceptionName } from "./exception.ts";
import { isUserDefined } from "./function-codes.ts";
import { functionName, subfunctionOf } from "./lookup.ts";
import { applyMask } from "./mask-write.ts";
import type { Request } from "./messages.ts";
import { addressOverflow } from "./overflow.ts";
import { messageToJson } from "./to-json.ts";

describe("names", () => {
  test("of function codes", () => {
    expect(functionName(3)).toBe("read-holding-registers");
    expect(functionName(43)).toBe("encapsulated-interface-transport");
    expect(functionName(43, 14)).toBe("read-device-identification");
    expect(functionName(43, 13)).toBe("canopen-general-reference");
    expect(functionName(43, 15)).toBeUndefined();
    expect(functionName(65)).toBe("user-defined");
    for (const code of [0, 9, 64, 73, 99, 111, 127, 0x83, 256]) expect(functionName(code)).toBeUndefined();
  });

  test("of exceptions", () => {
    expect(exceptionName(2)).toBe("illegal data address");
    expect(exceptionName(11)).toBe("gateway target device failed to respond");
    for (const code of [0, 9, 12, 255]) expect(exceptionName(code)).toBe("unassigned exception");
  });

  test("of diagnostic sub-functions", () => {
    expect(diagnosticName(4)).toBe("forceListenOnly");
    for (const code of [5, 9, 19, 21, 65535]) expect(diagnosticName(code)).toBeUndefined();
  });

  test("user-defined codes have two ranges", () => {
    const codes = Array.from({ length: 256 }, (_, code) => code).filter(isUserDefined);
    expect(codes).toEqual([65, 66, 67, 68, 69, 70, 71, 72, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110]);
  });
});

test("the second code of a message", () => {
  expect(subfunctionOf({ kind: "diagnostics", subFunction: 11, data: new Uint8Array(2) })).toBe(11);
  expect(subfunctionOf({ kind: "read-device-identification", readDeviceIdCode: 1, objectId: 0 })).toBe(14);
  expect(subfunctionOf({ kind: "canopen-general-reference", data: new Uint8Array(0) })).toBe(13);
  expect(subfunctionOf({ kind: "report-server-id" })).toBeUndefined();
  expect(subfunctionOf({ kind: "exception", functionCode: 43, exception: 1 })).toBeUndefined();
});

test("a mask as the specification's example has it", () => {
  expect(applyMask(0x12, 0xf2, 0x25)).toBe(0x17);
  expect(applyMask(0xffff, 0, 0xffff)).toBe(0xffff);
  expect(applyMask(0xabcd, 0xffff, 0)).toBe(0xabcd);
});

describe("a request that runs beyond the last address", () => {
  const values = new Uint16Array(2);
  const read = {
    kind: "read-write-multiple-registers",
    readAddress: 0,
    readQuantity: 2,
    writeAddress: 0,
    values,
  } as const;
  test.each<[Request, boolean]>([
    [{ kind: "read-coils", address: 65535, quantity: 1 }, false],
    [{ kind: "read-coils", address: 65535, quantity: 2 }, true],
    [{ kind: "read-discrete-inputs", address: 65534, quantity: 3 }, true],
    [{ kind: "read-holding-registers", address: 65411, quantity: 125 }, false],
    [{ kind: "read-holding-registers", address: 65412, quantity: 125 }, true],
    [{ kind: "read-input-registers", address: 65535, quantity: 2 }, true],
    [{ kind: "write-multiple-coils", address: 65535, coils: [true] }, false],
    [{ kind: "write-multiple-coils", address: 65535, coils: [true, true] }, true],
    [{ kind: "write-multiple-registers", address: 65534, values }, false],
    [{ kind: "write-multiple-registers", address: 65535, values }, true],
    [read, false],
    [{ ...read, readAddress: 65535 }, true],
    [{ ...read, writeAddress: 65535 }, true],
    [{ kind: "write-single-coil", address: 65535, value: true }, false],
    [{ kind: "read-fifo-queue", address: 65535 }, false],
  ])("%j: %s", (request, overflows) => {
    expect(addressOverflow(request)).toBe(overflows);
  });
});

describe("messages as JSON", () => {
  test("carry the name of the function, or of the diagnostic sub-function", () => {
    expect(messageToJson("request", { kind: "read-coils", address: 1, quantity: 2 })).toEqual({
      function: 1,
      name: "read-coils",
      address: 1,
      quantity: 2,
    });
    const diagnostics = { kind: "diagnostics", subFunction: 0, data: Uint8Array.of(1, 2) } as const;
    expect(messageToJson("request", diagnostics)).toEqual({
      function: 8,
      name: "returnQueryData",
      subFunction: 0,
      data: "0102",
    });
    expect(messageToJson("request", { ...diagnostics, subFunction: 5 })).toMatchObject({ name: "diagnostics" });
  });

  test("an exception carries the name of what was asked, where it has one", () => {
    const json = (functionCode: number): unknown =>
      messageToJson("response", { kind: "exception", functionCode, exception: 1 });
    expect(json(3)).toEqual({ function: 3, name: "read-holding-registers", exception: 1 });
    expect(json(90)).toEqual({ function: 90, exception: 1 });
  });

  test("identification in both directions", () => {
    expect(messageToJson("request", { kind: "read-device-identification", readDeviceIdCode: 4, objectId: 2 })).toEqual({
      function: 43,
      name: "read-device-identification",
      mei: 14,
      readDeviceIdCode: 4,
      objectId: 2,
    });
    const objects = [{ id: 0x80, value: Uint8Array.of(0, 0x41, 0xff) }];
    const fields = { readDeviceIdCode: 4, conformityLevel: 0x83, moreFollows: false, nextObjectId: 0 };
    expect(messageToJson("response", { kind: "read-device-identification", ...fields, objects })).toMatchObject({
      ...fields,
      objects: { "128": "\u0000A\u00ff" },
    });
  });

  test("CANopen bytes are hex", () => {
    const message = { kind: "canopen-general-reference", data: Uint8Array.of(0xca, 0xfe) } as const;
    expect(messageToJson("response", message)).toMatchObject({ function: 43, mei: 13, data: "cafe" });
  });
});

test("errors tell their cause by a stable code", () => {
  const errors = [
    new BadPduError(3, "x"),
    new BadResponseError("x"),
    new BadFrameError("x"),
    new ExceptionResponseError(3, 2, "illegal data address"),
  ];
  expect(errors.map(({ code }) => code)).toEqual([
    "ERR_MODBUS_BAD_REQUEST",
    "ERR_MODBUS_BAD_RESPONSE",
    "ERR_MODBUS_BAD_FRAME",
    "ERR_MODBUS_EXCEPTION",
  ]);
  expect(errors.map(({ name }) => name)).toEqual([
    "BadPduError",
    "BadResponseError",
    "BadFrameError",
    "ExceptionResponseError",
  ]);
  for (const error of errors) expect(error).toBeInstanceOf(ModbusError);
});
