import type { Request } from "@modwarden/protocol";
import { describe, expect, test } from "vitest";
import { broadcastResponse } from "./broadcast.ts";

describe("broadcastResponse", () => {
  test.each<[Request, object | undefined]>([
    [{ kind: "write-single-coil", address: 1, value: true }, undefined],
    [{ kind: "write-single-register", address: 1, value: 2 }, undefined],
    [{ kind: "mask-write-register", address: 1, andMask: 2, orMask: 3 }, undefined],
    [{ kind: "diagnostics", subFunction: 4, data: Uint8Array.of(0, 0) }, undefined],
    [
      { kind: "write-multiple-coils", address: 1, coils: [true, false] },
      { kind: "write-multiple-coils", address: 1, quantity: 2 },
    ],
    [
      { kind: "write-multiple-registers", address: 1, values: Uint16Array.of(7) },
      { kind: "write-multiple-registers", address: 1, quantity: 1 },
    ],
  ])("is what a device answers to %o", (request, expected) => {
    expect(broadcastResponse(request)).toEqual(expected ?? request);
  });

  test.each<Request>([
    { kind: "read-coils", address: 0, quantity: 1 },
    { kind: "diagnostics", subFunction: 0, data: Uint8Array.of(0, 0) },
    { kind: "diagnostics", subFunction: 11, data: Uint8Array.of(0, 0) },
    {
      kind: "read-write-multiple-registers",
      readAddress: 0,
      readQuantity: 1,
      writeAddress: 0,
      values: Uint16Array.of(7),
    },
    { kind: "report-server-id" },
  ])("refuses what asks for something: %o", (request) => {
    expect(() => broadcastResponse(request)).toThrow(expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" }));
  });
});
