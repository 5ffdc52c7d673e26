import { builtinProfile } from "@modwarden/profile";
import type { Request } from "@modwarden/protocol";
import { describe, expect, it } from "vitest";
import { accessesOf, operationOf, type Where } from "./index.ts";

const nowhere: Where = { device: null, unit: 7 };
const drive: Where = { device: "drive", unit: 3, profile: builtinProfile("danfoss-fc51") };

const place = { device: null, unit: 7 };

describe("accessesOf", () => {
  it.each([
    ["read-coils", "coil"],
    ["read-discrete-inputs", "discrete"],
    ["read-holding-registers", "holding"],
    ["read-input-registers", "input"],
  ] as const)("%s reads the %s table", (kind, table) => {
    expect(accessesOf({ kind, address: 10, quantity: 4 }, nowhere)).toEqual([
      { ...place, table, address: 10, quantity: 4, write: false },
    ]);
  });

  it.each<readonly [Request, string, readonly number[]]>([
    [{ kind: "write-single-coil", address: 5, value: true }, "coil", [1]],
    [{ kind: "write-single-coil", address: 5, value: false }, "coil", [0]],
    [{ kind: "write-single-register", address: 5, value: 65535 }, "holding", [65535]],
    [{ kind: "write-multiple-coils", address: 5, coils: [true, false, true] }, "coil", [1, 0, 1]],
    [{ kind: "write-multiple-registers", address: 5, values: Uint16Array.of(1, 2) }, "holding", [1, 2]],
  ])("%o writes its values", (request, table, values) => {
    expect(accessesOf(request, nowhere)).toEqual([
      { ...place, table, address: 5, quantity: values.length, write: true, values },
    ]);
  });

  it("sees a read and a write in function 22, whose written value nobody knows before", () => {
    const request: Request = { kind: "mask-write-register", address: 5, andMask: 0xf2, orMask: 0x25 };
    expect(accessesOf(request, nowhere)).toEqual([
      { ...place, table: "holding", address: 5, quantity: 1, write: false },
      { ...place, table: "holding", address: 5, quantity: 1, write: true, mask: { and: 0xf2, or: 0x25 } },
    ]);
  });

  it("sees a write and then a read in function 23", () => {
    const request: Request = {
      kind: "read-write-multiple-registers",
      readAddress: 3,
      readQuantity: 6,
      writeAddress: 14,
      values: Uint16Array.of(0xff, 0xfe),
    };
    expect(accessesOf(request, nowhere)).toEqual([
      { ...place, table: "holding", address: 14, quantity: 2, write: true, values: [0xff, 0xfe] },
      { ...place, table: "holding", address: 3, quantity: 6, write: false },
    ]);
  });

  it.each<readonly [Request, boolean]>([
    [{ kind: "read-device-identification", readDeviceIdCode: 1, objectId: 0 }, false],
    [{ kind: "read-exception-status" }, false],
    [{ kind: "get-comm-event-counter" }, false],
    [{ kind: "get-comm-event-log" }, false],
    [{ kind: "report-server-id" }, false],
    [{ kind: "read-file-record", records: [] }, false],
    [{ kind: "diagnostics", subFunction: 0, data: new Uint8Array(2) }, false],
    [{ kind: "diagnostics", subFunction: 1, data: new Uint8Array(2) }, true],
    [{ kind: "diagnostics", subFunction: 4, data: new Uint8Array(2) }, true],
    [{ kind: "diagnostics", subFunction: 10, data: new Uint8Array(2) }, true],
    [{ kind: "write-file-record", records: [] }, true],
    [{ kind: "canopen-general-reference", data: new Uint8Array(2) }, true],
    [{ kind: "user-defined", functionCode: 65, data: new Uint8Array(2) }, true],
  ])("%o touches no table", (request, write) => {
    expect(accessesOf(request, nowhere)).toEqual([{ ...place, table: null, address: 0, quantity: 0, write }]);
  });

  it("sees the records of files one by one, and the address of a FIFO", () => {
    const readFiles: Request = {
      kind: "read-file-record",
      records: [
        { file: 4, record: 1, length: 2 },
        { file: 3, record: 9, length: 1 },
      ],
    };
    expect(accessesOf(readFiles, nowhere)).toEqual([
      { ...place, table: null, file: 4, address: 1, quantity: 2, write: false },
      { ...place, table: null, file: 3, address: 9, quantity: 1, write: false },
    ]);
    const writeFile: Request = {
      kind: "write-file-record",
      records: [{ file: 4, record: 7, values: Uint16Array.of(1, 2) }],
    };
    expect(accessesOf(writeFile, nowhere)).toEqual([
      { ...place, table: null, file: 4, address: 7, quantity: 2, write: true, values: [1, 2] },
    ]);
    expect(accessesOf({ kind: "read-fifo-queue", address: 9 }, nowhere)).toEqual([
      { ...place, table: null, address: 9, quantity: 1, write: false },
    ]);
  });

  it("names the points that a request touches, where a profile is known", () => {
    const write: Request = { kind: "write-single-register", address: 50009, value: 90 };
    expect(accessesOf(write, drive)).toEqual([
      {
        device: "drive",
        unit: 3,
        table: "holding",
        address: 50009,
        quantity: 1,
        write: true,
        points: ["setpoint"],
        values: [90],
      },
    ]);
    const mask: Request = { kind: "mask-write-register", address: 50009, andMask: 0, orMask: 0 };
    expect(accessesOf(mask, drive).map((access) => access.points)).toEqual([["setpoint"], ["setpoint"]]);
    const read: Request = { kind: "read-holding-registers", address: 50009, quantity: 1 };
    expect(accessesOf(read, drive)[0]?.points).toEqual(["setpoint"]);
  });

  it("names no points where there are none", () => {
    const read: Request = { kind: "read-holding-registers", address: 1, quantity: 1 };
    expect(accessesOf(read, drive)[0]).not.toHaveProperty("points");
  });
});

describe("operationOf", () => {
  it("names a function by its code alone, also where the body cannot be read", () => {
    expect(operationOf(6)).toEqual({ function: 6, name: "write-single-register" });
    expect(operationOf(43)).toEqual({ function: 43, name: "encapsulated-interface-transport" });
  });

  it("says which sub-function a request has", () => {
    const identify: Request = { kind: "read-device-identification", readDeviceIdCode: 1, objectId: 0 };
    expect(operationOf(43, identify)).toEqual({ function: 43, subfunction: 14, name: "read-device-identification" });
    const restart: Request = { kind: "diagnostics", subFunction: 1, data: new Uint8Array(2) };
    expect(operationOf(8, restart)).toEqual({ function: 8, subfunction: 1, name: "diagnostics" });
    expect(operationOf(6, { kind: "write-single-register", address: 0, value: 0 })).toEqual({
      function: 6,
      name: "write-single-register",
    });
  });

  it("keeps a code that is none as it was received", () => {
    expect(operationOf(0x83)).toEqual({ function: 0x83, name: "unknown" });
    expect(operationOf(0)).toEqual({ function: 0, name: "unknown" });
  });

  it("calls a vendor's function user-defined", () => {
    const request: Request = { kind: "user-defined", functionCode: 100, data: new Uint8Array(1) };
    expect(operationOf(100, request)).toEqual({ function: 100, name: "user-defined" });
  });
});
