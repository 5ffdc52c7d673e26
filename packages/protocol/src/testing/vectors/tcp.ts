import type { Vector } from "./vector.ts";

/** Requests behind an MBAP header. */
export const tcpRequests: readonly Vector[] = [
  // tx | proto | length | unit | fc | address | value
  {
    transaction: 1,
    unit: 1,
    frame: "0001 0000 0006 01   05 0005 ff00",
    message: { function: 5, address: 5, value: true },
  },
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 0006 ff   05 00ac ff00",
    message: { function: 5, address: 172, value: true },
  },
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 0006 ff   06 0001 0003",
    message: { function: 6, address: 1, value: 3 },
  },
  // tx | proto | length | unit | fc | address | quantity
  {
    transaction: 1,
    unit: 1,
    frame: "0001 0000 0006 01   03 003e 0001",
    message: { function: 3, address: 62, quantity: 1 },
  },
  {
    transaction: 0,
    unit: 17,
    frame: "0000 0000 0006 11   03 007c 0002",
    message: { function: 3, address: 124, quantity: 2 },
  },
  {
    transaction: 0,
    unit: 255,
    frame: "0000 0000 0006 ff   03 007c 0002",
    message: { function: 3, address: 124, quantity: 2 },
  },
  {
    transaction: 3077,
    unit: 0,
    frame: "0c05 0000 0006 00   03 007c 0002",
    message: { function: 3, address: 124, quantity: 2 },
  },
  {
    transaction: 1,
    unit: 255,
    frame: "0001 0000 0006 ff   02 0102 0008",
    message: { function: 2, address: 258, quantity: 8 },
  },
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 0006 ff   02 00c4 0016",
    message: { function: 2, address: 196, quantity: 22 },
  },
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 0006 ff   03 006b 0003",
    message: { function: 3, address: 107, quantity: 3 },
  },
  // tx | proto | length | unit | fc | data
  {
    transaction: 1,
    unit: 255,
    frame: "0001 0000 0006 ff   42 00000000",
    message: { function: 66, userDefined: true, data: "00000000" },
  },
  // tx | proto | length | unit | fc
  { transaction: 5377, unit: 255, frame: "1501 0000 0002 ff   07", message: { function: 7 } },
  // tx | proto | length | unit | fc | address | quantity | bytes | registers
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 000b ff   10 0001 0002 04 000a 0102",
    message: { function: 16, address: 1, quantity: 2, values: [10, 258] },
  },
  // tx | proto | length | unit | fc | bytes | per record: reference | file | record | length
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 0011 ff   14 0e 06 0004 0001 0002 06 0003 0009 0002",
    message: {
      function: 20,
      records: [
        { file: 4, record: 1, length: 2 },
        { file: 3, record: 9, length: 2 },
      ],
    },
  },
  // tx | proto | length | unit | fc | address
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 0004 ff   18 04de",
    message: { function: 24, fifoPointerAddress: 1246 },
  },
];

/** Responses behind an MBAP header. */
export const tcpResponses: readonly Vector[] = [
  // tx | proto | length | unit | fc | exception
  { transaction: 4097, unit: 254, frame: "1001 0000 0003 fe   82 03", message: { function: 2, exception: 3 } },
  { transaction: 1, unit: 1, frame: "0001 0000 0003 01   87 01", message: { function: 7, exception: 1 } },
  { transaction: 1, unit: 1, frame: "0001 0000 0003 01   83 04", message: { function: 3, exception: 4 } },
  { transaction: 0, unit: 17, frame: "0000 0000 0003 11   83 02", message: { function: 3, exception: 2 } },
  { transaction: 3077, unit: 0, frame: "0c05 0000 0003 00   83 02", message: { function: 3, exception: 2 } },
  { transaction: 3077, unit: 17, frame: "0c05 0000 0003 11   83 02", message: { function: 3, exception: 2 } },
  { transaction: 3077, unit: 255, frame: "0c05 0000 0003 ff   83 02", message: { function: 3, exception: 2 } },
  { transaction: 1, unit: 255, frame: "0001 0000 0003 ff   c2 01", message: { function: 66, exception: 1 } },
  { transaction: 5377, unit: 255, frame: "1501 0000 0003 ff   83 02", message: { function: 3, exception: 2 } },
  { transaction: 5377, unit: 255, frame: "1501 0000 0003 ff   83 04", message: { function: 3, exception: 4 } },
  { transaction: 5377, unit: 255, frame: "1501 0000 0003 ff   83 05", message: { function: 3, exception: 5 } },
  { transaction: 5377, unit: 255, frame: "1501 0000 0003 ff   83 0b", message: { function: 3, exception: 11 } },
  { transaction: 5377, unit: 255, frame: "1501 0000 0003 ff   83 7f", message: { function: 3, exception: 127 } },
  // tx | proto | length | unit | fc | address | value
  {
    transaction: 1,
    unit: 1,
    frame: "0001 0000 0006 01   05 0005 ff00",
    message: { function: 5, address: 5, value: true },
  },
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 0006 ff   05 00ac ff00",
    message: { function: 5, address: 172, value: true },
  },
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 0006 ff   06 0001 0003",
    message: { function: 6, address: 1, value: 3 },
  },
  // tx | proto | length | unit | fc | bytes | registers
  {
    transaction: 0,
    unit: 255,
    frame: "0000 0000 0007 ff   03 04 008d 008e",
    message: { function: 3, byteCount: 4, registers: [141, 142] },
  },
  {
    transaction: 3077,
    unit: 0,
    frame: "0c05 0000 0007 00   03 04 008d 008e",
    message: { function: 3, byteCount: 4, registers: [141, 142] },
  },
  {
    transaction: 1,
    unit: 255,
    frame: "0001 0000 0009 ff   03 06 022b 0001 0064",
    message: { function: 3, byteCount: 6, registers: [555, 1, 100] },
  },
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 0005 ff   04 02 000a",
    message: { function: 4, byteCount: 2, registers: [10] },
  },
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 000f ff   17 0c 00fe 0acd 0001 0003 000d 00ff",
    message: { function: 23, byteCount: 12, registers: [254, 2765, 1, 3, 13, 255] },
  },
  // tx | proto | length | unit | fc | bytes | bits
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 0006 ff   02 03 acdb35",
    message: { function: 2, byteCount: 3, bytes: "acdb35" },
  },
  // tx | proto | length | unit | fc | address | quantity
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 0006 ff   0f 0013 000a",
    message: { function: 15, address: 19, quantity: 10 },
  },
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 0006 ff   10 0001 0002",
    message: { function: 16, address: 1, quantity: 2 },
  },
  // tx | proto | length | unit | fc | bytes | per record: length | reference | registers
  {
    transaction: 5377,
    unit: 255,
    frame: "1501 0000 000f ff   14 0c 05 06 0dfe 0020 05 06 33cd 0040",
    message: {
      function: 20,
      records: [
        [3582, 32],
        [13261, 64],
      ],
    },
  },
];
