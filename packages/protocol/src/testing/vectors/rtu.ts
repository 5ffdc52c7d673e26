import type { Vector } from "./vector.ts";

/** Requests on a serial line in RTU mode. */
export const rtuRequests: readonly Vector[] = [
  // unit | fc | address | quantity | CRC
  { unit: 42, frame: "2a   02 0010 0013   3e19", message: { function: 2, address: 16, quantity: 19 } },
  { unit: 42, frame: "2a   04 0010 0003   b7d5", message: { function: 4, address: 16, quantity: 3 } },
  { unit: 0, frame: "00   03 007c 0002   0402", message: { function: 3, address: 124, quantity: 2 } },
  { unit: 17, frame: "11   03 007c 0002   0743", message: { function: 3, address: 124, quantity: 2 } },
  { unit: 255, frame: "ff   03 007c 0002   100d", message: { function: 3, address: 124, quantity: 2 } },
  { unit: 0, frame: "00   01 0000 0001   fc1b", message: { function: 1, address: 0, quantity: 1 } },
  { unit: 17, frame: "11   01 0013 0013   8e92", message: { function: 1, address: 19, quantity: 19 } },
  { unit: 17, frame: "11   02 00c4 0016   baa9", message: { function: 2, address: 196, quantity: 22 } },
  // unit | fc | address | quantity | bytes | registers | CRC
  {
    unit: 42,
    frame: "2a   10 0010 0002 04 1234 5678   0773",
    message: { function: 16, address: 16, quantity: 2, values: [4660, 22136] },
  },
  {
    unit: 17,
    frame: "11   10 0001 0002 04 000a 0102   c6f0",
    message: { function: 16, address: 1, quantity: 2, values: [10, 258] },
  },
  // unit | fc | address | value | CRC
  { unit: 17, frame: "11   05 00ac ff00   4e8b", message: { function: 5, address: 172, value: true } },
  // unit | fc | address | quantity | bytes | coils | CRC
  {
    unit: 17,
    frame: "11   0f 0013 000a 02 cd01   bf0b",
    message: {
      function: 15,
      address: 19,
      quantity: 10,
      coils: [true, false, true, true, false, false, true, true, true, false],
    },
  },
  // unit | fc | bytes | per record: reference | file | record | length | CRC
  {
    unit: 17,
    frame: "11   14 0e 06 0004 0001 0002 06 0003 0009 0002   f938",
    message: {
      function: 20,
      records: [
        { file: 4, record: 1, length: 2 },
        { file: 3, record: 9, length: 2 },
      ],
    },
  },
  // unit | fc | bytes | reference | file | record | length | registers | CRC
  {
    unit: 17,
    frame: "11   15 0d 06 0004 0007 0003 06af04be100d   dbc7",
    message: { function: 21, records: [{ file: 4, record: 7, data: [1711, 1214, 4109] }] },
  },
  // unit | fc | read address | read quantity | write address | write quantity | bytes | registers | CRC
  {
    unit: 17,
    frame: "11   17 0003 0006 000e 0003 06 00ff 00ff 00ff   4b54",
    message: {
      function: 23,
      readAddress: 3,
      readQuantity: 6,
      writeAddress: 14,
      writeQuantity: 3,
      values: [255, 255, 255],
    },
  },
  // unit | fc | address | CRC
  { unit: 17, frame: "11   18 04de   0787", message: { function: 24, fifoPointerAddress: 1246 } },
];

/** Responses on a serial line in RTU mode. */
export const rtuResponses: readonly Vector[] = [
  // unit | fc | bytes | bits | CRC
  { unit: 42, frame: "2a   01 03 cd6b05   4499", message: { function: 1, byteCount: 3, bytes: "cd6b05" } },
  { unit: 17, frame: "11   01 03 cd6b05   4012", message: { function: 1, byteCount: 3, bytes: "cd6b05" } },
  { unit: 17, frame: "11   02 03 acdb35   2018", message: { function: 2, byteCount: 3, bytes: "acdb35" } },
  // unit | fc | bytes | registers | CRC
  {
    unit: 42,
    frame: "2a   04 06 1234 5678 2345   7186",
    message: { function: 4, byteCount: 6, registers: [4660, 22136, 9029] },
  },
  { unit: 1, frame: "01   03 04 8902 42c7   009d", message: { function: 3, byteCount: 4, registers: [35074, 17095] } },
  { unit: 49, frame: "31   03 04 1122 3344   7bc5", message: { function: 3, byteCount: 4, registers: [4386, 13124] } },
  { unit: 17, frame: "11   03 04 008d 008e   fbbd", message: { function: 3, byteCount: 4, registers: [141, 142] } },
  { unit: 255, frame: "ff   03 04 008d 008e   f5b3", message: { function: 3, byteCount: 4, registers: [141, 142] } },
  // unit | fc | address | quantity | CRC
  { unit: 42, frame: "2a   0f 0010 000a   d212", message: { function: 15, address: 16, quantity: 10 } },
  { unit: 17, frame: "11   0f 0013 000a   2699", message: { function: 15, address: 19, quantity: 10 } },
  // unit | fc | exception | CRC
  { unit: 102, frame: "66   82 03   b17e", message: { function: 2, exception: 3 } },
  { unit: 255, frame: "ff   83 02   a101", message: { function: 3, exception: 2 } },
  { unit: 0, frame: "00   90 02   9c01", message: { function: 16, exception: 2 } },
  { unit: 17, frame: "11   83 01   8135", message: { function: 3, exception: 1 } },
  { unit: 17, frame: "11   83 03   00f4", message: { function: 3, exception: 3 } },
  { unit: 17, frame: "11   83 0b   0132", message: { function: 3, exception: 11 } },
  // unit | fc | address | value | CRC
  { unit: 17, frame: "11   05 00ac ff00   4e8b", message: { function: 5, address: 172, value: true } },
  // unit | fc | status | CRC
  { unit: 17, frame: "11   07 6d   e218", message: { function: 7, status: 109 } },
  // unit | fc | bytes | reference | file | record | length | registers | CRC
  {
    unit: 17,
    frame: "11   15 0d 06 0004 0007 0003 06af04be100d   dbc7",
    message: { function: 21, records: [{ file: 4, record: 7, data: [1711, 1214, 4109] }] },
  },
  // unit | fc | MEI | code | conformity | more | next | objects | per object: id | length | value | CRC
  {
    unit: 17,
    frame: "11   2b 0e 01 01 00 00 03 00 03 414243 01 02 5859 02 03 312e30   78da",
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
