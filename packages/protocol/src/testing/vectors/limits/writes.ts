import { answered, type Cases, type FunctionCases, hexByte, zeros } from "./function-cases.ts";
import { registersResponse } from "./reads.ts";

const coil: Cases = {
  // fc | address | value
  valid: [{ frame: "05 00ac ff00", message: { function: 5, address: 172, value: true } }],
  limit: [
    { frame: "05 0000 0000", message: { function: 5, address: 0, value: false } },
    { frame: "05 ffff ff00", message: { function: 5, address: 65_535, value: true } },
  ],
  beyond: [
    ["05 00ac 0001", 3],
    ["05 00ac ff01", 3],
    ["05 00ac ffff", 3],
    ["05 00ac ff00 00", 3],
  ],
  truncated: [
    ["05 00ac ff", 3],
    ["05", 3],
  ],
};

const register: Cases = {
  // fc | address | value
  valid: [{ frame: "06 0001 0003", message: { function: 6, address: 1, value: 3 } }],
  limit: [
    { frame: "06 0000 0000", message: { function: 6, address: 0, value: 0 } },
    { frame: "06 ffff ffff", message: { function: 6, address: 65_535, value: 65_535 } },
  ],
  beyond: [["06 0001 0003 00", 3]],
  truncated: [
    ["06 0001 00", 3],
    ["06", 3],
  ],
};

const mask: Cases = {
  // fc | address | AND mask | OR mask
  valid: [{ frame: "16 0004 00f2 0025", message: { function: 22, address: 4, andMask: 242, orMask: 37 } }],
  limit: [
    { frame: "16 0000 0000 0000", message: { function: 22, address: 0, andMask: 0, orMask: 0 } },
    { frame: "16 ffff ffff ffff", message: { function: 22, address: 65_535, andMask: 65_535, orMask: 65_535 } },
  ],
  beyond: [["16 0004 00f2 0025 00", 3]],
  truncated: [
    ["16 0004 00f2 00", 3],
    ["16", 3],
  ],
};

const coils: Cases = {
  // fc | address | quantity | bytes | coils
  valid: [
    { frame: "0f 0075 0003 01 05", message: { function: 15, address: 117, quantity: 3, coils: [true, false, true] } },
  ],
  limit: [
    { frame: "0f ffff 0001 01 01", message: { function: 15, address: 65_535, quantity: 1, coils: [true] } },
    {
      frame: `0f 0000 07b0 f6 ${"00".repeat(246)}`,
      message: { function: 15, address: 0, quantity: 1968, coils: new Array<boolean>(1968).fill(false) },
    },
  ],
  beyond: [
    ["0f 0000 0000 00", 3],
    ["0f 0000 0000 01 00", 3],
    [`0f 0000 07b1 f7 ${"00".repeat(247)}`, 3],
    ["0f 0000 0008 02 0000", 3],
    ["0f 0000 0009 01 00", 3],
    ["0f 0000 0001 01 01 00", 3],
  ],
  truncated: [
    ["0f 0000 0001 01", 3],
    ["0f 0000 0001", 3],
    ["0f", 3],
  ],
};

const registers: Cases = {
  // fc | address | quantity | bytes | registers
  valid: [
    { frame: "10 0001 0002 04 000a 0102", message: { function: 16, address: 1, quantity: 2, values: [10, 258] } },
  ],
  limit: [
    { frame: "10 ffff 0001 02 ffff", message: { function: 16, address: 65_535, quantity: 1, values: [65_535] } },
    {
      frame: `10 0000 007b f6 ${"0000".repeat(123)}`,
      message: { function: 16, address: 0, quantity: 123, values: zeros(123) },
    },
  ],
  beyond: [
    ["10 0000 0000 00", 3],
    [`10 0000 007c f8 ${"0000".repeat(124)}`, 3],
    ["10 0000 0002 02 0000", 3],
    ["10 0000 0001 04 0000 0000", 3],
    ["10 0000 0001 01 00", 3],
    ["10 0000 0001 02 0000 00", 3],
  ],
  truncated: [
    ["10 0000 0001 02 00", 3],
    ["10 0000 0001 02", 3],
    ["10", 3],
  ],
};

/** Where was written, and how much. */
function written(code: number, most: number): Cases {
  const fc = hexByte(code);
  const quantity = most.toString(16).padStart(4, "0");
  const more = (most + 1).toString(16).padStart(4, "0");
  return {
    // fc | address | quantity
    valid: [{ frame: `${fc} 0001 0002`, message: { function: code, address: 1, quantity: 2 } }],
    limit: [
      { frame: `${fc} ffff 0001`, message: { function: code, address: 65_535, quantity: 1 } },
      { frame: `${fc} 0000 ${quantity}`, message: { function: code, address: 0, quantity: most } },
    ],
    beyond: [
      [`${fc} 0001 0000`, "response"],
      [`${fc} 0001 ${more}`, "response"],
      [`${fc} 0001 0002 00`, "response"],
    ],
    truncated: [
      [`${fc} 0001 00`, "response"],
      [`${fc}`, "response"],
    ],
  };
}

const readWrite: Cases = {
  // fc | read address | read quantity | write address | write quantity | bytes | registers
  valid: [
    {
      frame: "17 0011 0002 0019 0002 04 006f 0070",
      message: {
        function: 23,
        readAddress: 17,
        readQuantity: 2,
        writeAddress: 25,
        writeQuantity: 2,
        values: [111, 112],
      },
    },
  ],
  limit: [
    {
      frame: "17 ffff 0001 ffff 0001 02 ffff",
      message: {
        function: 23,
        readAddress: 65_535,
        readQuantity: 1,
        writeAddress: 65_535,
        writeQuantity: 1,
        values: [65_535],
      },
    },
    {
      frame: `17 0000 007d 0000 0079 f2 ${"0000".repeat(121)}`,
      message: {
        function: 23,
        readAddress: 0,
        readQuantity: 125,
        writeAddress: 0,
        writeQuantity: 121,
        values: zeros(121),
      },
    },
  ],
  beyond: [
    ["17 0000 0000 0000 0001 02 0000", 3],
    ["17 0000 007e 0000 0001 02 0000", 3],
    ["17 0000 0001 0000 0000 00", 3],
    [`17 0000 0001 0000 007a f4 ${"0000".repeat(122)}`, 3],
    ["17 0000 0001 0000 0002 02 0000", 3],
    ["17 0000 0001 0000 0001 02 0000 00", 3],
  ],
  truncated: [
    ["17 0000 0001 0000 0001 02 00", 3],
    ["17 0000 0001 0000 0001", 3],
    ["17", 3],
  ],
};

/** Writes, and the read that goes with one. MODBUS Application Protocol V1.1b3 § 6.5, § 6.6, § 6.11, § 6.12, § 6.16, § 6.17 */
export const writes: readonly FunctionCases[] = [
  { of: "write-single-coil", request: coil, response: answered(coil) },
  { of: "write-single-register", request: register, response: answered(register) },
  { of: "write-multiple-coils", request: coils, response: written(15, 1968) },
  { of: "write-multiple-registers", request: registers, response: written(16, 123) },
  { of: "mask-write-register", request: mask, response: answered(mask) },
  { of: "read-write-multiple-registers", request: readWrite, response: registersResponse(23) },
];
