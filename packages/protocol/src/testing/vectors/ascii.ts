import type { Vector } from "./vector.ts";

/** Requests in ASCII mode; CR and LF are left out. */
export const asciiRequests: readonly Vector[] = [
  // : unit | fc | address | quantity | LRC
  { unit: 0, frame: ":00 03 007C 0002 7F", message: { function: 3, address: 124, quantity: 2 } },
  { unit: 17, frame: ":11 03 007C 0002 6E", message: { function: 3, address: 124, quantity: 2 } },
  { unit: 255, frame: ":FF 03 007C 0002 80", message: { function: 3, address: 124, quantity: 2 } },
  { unit: 17, frame: ":11 01 0013 0013 C8", message: { function: 1, address: 19, quantity: 19 } },
  { unit: 17, frame: ":11 02 00C4 0016 13", message: { function: 2, address: 196, quantity: 22 } },
  { unit: 17, frame: ":11 04 0008 0001 E2", message: { function: 4, address: 8, quantity: 1 } },
  // : unit | fc | address | value | LRC
  { unit: 17, frame: ":11 05 00AC FF00 3F", message: { function: 5, address: 172, value: true } },
  { unit: 17, frame: ":11 06 0001 0003 E5", message: { function: 6, address: 1, value: 3 } },
  // : unit | fc | LRC
  { unit: 17, frame: ":11 07 E8", message: { function: 7 } },
  // : unit | fc | address | quantity | bytes | coils | LRC
  {
    unit: 17,
    frame: ":11 0F 0013 000A 02 CD01 F3",
    message: {
      function: 15,
      address: 19,
      quantity: 10,
      coils: [true, false, true, true, false, false, true, true, true, false],
    },
  },
  // : unit | fc | address | quantity | bytes | registers | LRC
  {
    unit: 17,
    frame: ":11 10 0001 0002 04 000A 0102 CB",
    message: { function: 16, address: 1, quantity: 2, values: [10, 258] },
  },
  // : unit | fc | bytes | reference | file | record | length | registers | LRC
  {
    unit: 17,
    frame: ":11 15 0D 06 0004 0007 0003 06AF04BE100D 25",
    message: { function: 21, records: [{ file: 4, record: 7, data: [1711, 1214, 4109] }] },
  },
  // : unit | fc | address | AND mask | OR mask | LRC
  { unit: 17, frame: ":11 16 0004 00F2 0025 BE", message: { function: 22, address: 4, andMask: 242, orMask: 37 } },
  // : unit | fc | read address | read quantity | write address | write quantity | bytes | registers | LRC
  {
    unit: 17,
    frame: ":11 17 0003 0006 000E 0003 06 00FF 00FF 00FF BB",
    message: {
      function: 23,
      readAddress: 3,
      readQuantity: 6,
      writeAddress: 14,
      writeQuantity: 3,
      values: [255, 255, 255],
    },
  },
];

/** Responses in ASCII mode; CR and LF are left out. */
export const asciiResponses: readonly Vector[] = [
  // : unit | fc | bytes | registers | LRC
  { unit: 0, frame: ":00 03 04 008D 008E DE", message: { function: 3, byteCount: 4, registers: [141, 142] } },
  { unit: 255, frame: ":FF 03 04 008D 008E DF", message: { function: 3, byteCount: 4, registers: [141, 142] } },
  { unit: 17, frame: ":11 03 06 022B 0000 0064 55", message: { function: 3, byteCount: 6, registers: [555, 0, 100] } },
  { unit: 17, frame: ":11 04 02 000A DF", message: { function: 4, byteCount: 2, registers: [10] } },
  {
    unit: 17,
    frame: ":11 17 0C 00FE 0ACD 0001 0003 000D 00FF E7",
    message: { function: 23, byteCount: 12, registers: [254, 2765, 1, 3, 13, 255] },
  },
  // : unit | fc | exception | LRC
  { unit: 17, frame: ":11 83 02 6A", message: { function: 3, exception: 2 } },
  { unit: 255, frame: ":FF 83 02 7C", message: { function: 3, exception: 2 } },
  { unit: 17, frame: ":11 83 01 6B", message: { function: 3, exception: 1 } },
  { unit: 17, frame: ":11 83 03 69", message: { function: 3, exception: 3 } },
  { unit: 17, frame: ":11 83 7F ED", message: { function: 3, exception: 127 } },
  // : unit | fc | bytes | bits | LRC
  { unit: 17, frame: ":11 02 03 ACDB35 2E", message: { function: 2, byteCount: 3, bytes: "acdb35" } },
  // : unit | fc | address | value | LRC
  { unit: 17, frame: ":11 05 00AC FF00 3F", message: { function: 5, address: 172, value: true } },
  { unit: 17, frame: ":11 06 0001 0003 E5", message: { function: 6, address: 1, value: 3 } },
  // : unit | fc | address | quantity | LRC
  { unit: 17, frame: ":11 0F 0013 000A C3", message: { function: 15, address: 19, quantity: 10 } },
  // : unit | fc | bytes | reference | file | record | length | registers | LRC
  {
    unit: 17,
    frame: ":11 15 0D 06 0004 0007 0003 06AF04BE100D 25",
    message: { function: 21, records: [{ file: 4, record: 7, data: [1711, 1214, 4109] }] },
  },
  // : unit | fc | address | AND mask | OR mask | LRC
  { unit: 17, frame: ":11 16 0004 00F2 0025 BE", message: { function: 22, address: 4, andMask: 242, orMask: 37 } },
  // : unit | fc | MEI | code | conformity | more | next | objects | per object: id | length | value | LRC
  {
    unit: 17,
    frame: ":11 2B 0E 01 01 00 00 03 00 03 414243 01 02 5859 02 03 312E30 A0",
    message: {
      function: 43,
      mei: 14,
      readDeviceIdCode: 1,
      conformityLevel: 1,
      moreFollows: false,
      nextObjectId: 0,
      objects: { "0": "ABC", "1": "XY", "2": "1.0" },
    },
  },
];
