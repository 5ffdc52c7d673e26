import type { Vector } from "./vector.ts";

/** Request PDUs and what they say. */
export const pduRequests: readonly Vector[] = [
  // fc | address | quantity
  { frame: "01 0013 0013", message: { function: 1, address: 19, quantity: 19 } },
  { frame: "03 006b 0003", message: { function: 3, address: 107, quantity: 3 } },
  { frame: "02 0075 0003", message: { function: 2, address: 117, quantity: 3 } },
  { frame: "03 0075 0003", message: { function: 3, address: 117, quantity: 3 } },
  { frame: "04 0075 0003", message: { function: 4, address: 117, quantity: 3 } },
  { frame: "01 0000 07d0", message: { function: 1, address: 0, quantity: 2000 } },
  { frame: "03 0000 007d", message: { function: 3, address: 0, quantity: 125 } },
  { frame: "03 ffff 0001", message: { function: 3, address: 65535, quantity: 1 } },
  { frame: "03 fffe 0003", message: { function: 3, address: 65534, quantity: 3 } },
  // fc | address | value
  { frame: "05 00ac ff00", message: { function: 5, address: 172, value: true } },
  { frame: "06 0001 0003", message: { function: 6, address: 1, value: 3 } },
  { frame: "05 0075 ff00", message: { function: 5, address: 117, value: true } },
  { frame: "06 0075 0070", message: { function: 6, address: 117, value: 112 } },
  { frame: "05 ffff 0000", message: { function: 5, address: 65535, value: false } },
  // fc | address | quantity | bytes | coils
  {
    frame: "0f 0013 000a 02 cd01",
    message: {
      function: 15,
      address: 19,
      quantity: 10,
      coils: [true, false, true, true, false, false, true, true, true, false],
    },
  },
  { frame: "0f 0075 0003 01 05", message: { function: 15, address: 117, quantity: 3, coils: [true, false, true] } },
  // fc | address | quantity | bytes | registers
  { frame: "10 0001 0002 04 000a 0102", message: { function: 16, address: 1, quantity: 2, values: [10, 258] } },
  // fc | bytes | per record: reference | file | record | length
  {
    frame: "14 0e 06 0004 0001 0002 06 0003 0009 0002",
    message: {
      function: 20,
      records: [
        { file: 4, record: 1, length: 2 },
        { file: 3, record: 9, length: 2 },
      ],
    },
  },
  // fc | address
  { frame: "18 ffff", message: { function: 24, fifoPointerAddress: 65535 } },
  { frame: "18 0075", message: { function: 24, fifoPointerAddress: 117 } },
  // fc | sub-function | data
  { frame: "08 0000 1001", message: { function: 8, subFunction: 0, name: "returnQueryData", data: "1001" } },
  { frame: "08 0001 ff00", message: { function: 8, subFunction: 1, name: "restartComm", data: "ff00" } },
  { frame: "08 0004 0000", message: { function: 8, subFunction: 4, name: "forceListenOnly", data: "0000" } },
  { frame: "08 000a 0000", message: { function: 8, subFunction: 10, name: "clearCounters", data: "0000" } },
  { frame: "08 000e 0000", message: { function: 8, subFunction: 14, name: "serverMessageCount", data: "0000" } },
  { frame: "08 000f 0000", message: { function: 8, subFunction: 15, name: "serverNoResponseCount", data: "0000" } },
  { frame: "08 0010 0000", message: { function: 8, subFunction: 16, name: "serverNakCount", data: "0000" } },
  { frame: "08 0011 0000", message: { function: 8, subFunction: 17, name: "serverBusyCount", data: "0000" } },
  { frame: "08 0012 0000", message: { function: 8, subFunction: 18, name: "busCharOverrunCount", data: "0000" } },
  { frame: "08 0014 0000", message: { function: 8, subFunction: 20, name: "clearOverrun", data: "0000" } },
  { frame: "08 0003 0a00", message: { function: 8, subFunction: 3, name: "changeAsciiDelimiter", data: "0a00" } },
  // fc
  { frame: "0b", message: { function: 11 } },
  { frame: "0c", message: { function: 12 } },
  { frame: "11", message: { function: 17 } },
  // fc | read address | read quantity | write address | write quantity | bytes | registers
  {
    frame: "17 0011 0002 0019 0002 04 006f 0070",
    message: { function: 23, readAddress: 17, readQuantity: 2, writeAddress: 25, writeQuantity: 2, values: [111, 112] },
  },
  // fc | address | AND mask | OR mask
  { frame: "16 0104 e1d2 1234", message: { function: 22, address: 260, andMask: 57810, orMask: 4660 } },
  // fc | data
  { frame: "41 aabb", message: { function: 65, userDefined: true, data: "aabb" } },
  { frame: "64", message: { function: 100, userDefined: true, data: "" } },
  { frame: "6e 00", message: { function: 110, userDefined: true, data: "00" } },
];

/** Response PDUs and what they say. */
export const pduResponses: readonly Vector[] = [
  // fc | bytes | bits
  { frame: "01 03 cd6b05", message: { function: 1, byteCount: 3, bytes: "cd6b05" } },
  { frame: "02 01 03", message: { function: 2, byteCount: 1, bytes: "03" } },
  // fc | bytes | registers
  { frame: "04 02 000a", message: { function: 4, byteCount: 2, registers: [10] } },
  {
    frame: "17 0c 00fe 0acd 0001 0003 000d 00ff",
    message: { function: 23, byteCount: 12, registers: [254, 2765, 1, 3, 13, 255] },
  },
  { frame: "03 04 0003 0011", message: { function: 3, byteCount: 4, registers: [3, 17] } },
  // fc | address | value
  { frame: "05 00ac ff00", message: { function: 5, address: 172, value: true } },
  { frame: "06 0001 0003", message: { function: 6, address: 1, value: 3 } },
  { frame: "05 0075 ff00", message: { function: 5, address: 117, value: true } },
  { frame: "06 0075 0070", message: { function: 6, address: 117, value: 112 } },
  // fc | status
  { frame: "07 6d", message: { function: 7, status: 109 } },
  // fc | address | quantity
  { frame: "10 0001 0002", message: { function: 16, address: 1, quantity: 2 } },
  { frame: "0f 0075 0003", message: { function: 15, address: 117, quantity: 3 } },
  // fc | bytes | per record: length | reference | registers
  {
    frame: "14 0c 05 06 0dfe 0020 05 06 33cd 0040",
    message: {
      function: 20,
      records: [
        [3582, 32],
        [13261, 64],
      ],
    },
  },
  { frame: "14 06 05 06 0dfe 0020", message: { function: 20, records: [[3582, 32]] } },
  // fc | bytes | count | registers
  { frame: "18 0006 0002 01b8 1234", message: { function: 24, count: 2, values: [440, 4660] } },
  { frame: "18 0002 0000", message: { function: 24, count: 0, values: [] } },
  { frame: "18 0004 0001 abcd", message: { function: 24, count: 1, values: [43981] } },
  { frame: "18 0006 0002 007b 01c8", message: { function: 24, count: 2, values: [123, 456] } },
  // fc | MEI | code | conformity | more | next | objects | per object: id | length | value
  {
    frame: "2b 0e 01 01 00 00 02 00 06 56656e646f72 01 07 50726f64756374",
    message: {
      function: 43,
      mei: 14,
      readDeviceIdCode: 1,
      conformityLevel: 1,
      moreFollows: false,
      nextObjectId: 0,
      objects: { "0": "Vendor", "1": "Product" },
    },
  },
  {
    frame: "2b 0e 03 01 ff 80 03 00 03 414243 01 02 5859 02 03 312e30",
    message: {
      function: 43,
      mei: 14,
      readDeviceIdCode: 3,
      conformityLevel: 1,
      moreFollows: true,
      nextObjectId: 128,
      objects: { "0": "ABC", "1": "XY", "2": "1.0" },
    },
  },
  // fc | sub-function | data
  { frame: "08 000a 0000", message: { function: 8, subFunction: 10, name: "clearCounters", data: "0000" } },
  { frame: "08 000b 1010", message: { function: 8, subFunction: 11, name: "busMessageCount", data: "1010" } },
  { frame: "08 000c 1010", message: { function: 8, subFunction: 12, name: "busCommErrorCount", data: "1010" } },
  { frame: "08 000e 1010", message: { function: 8, subFunction: 14, name: "serverMessageCount", data: "1010" } },
  { frame: "08 000f 1010", message: { function: 8, subFunction: 15, name: "serverNoResponseCount", data: "1010" } },
  { frame: "08 0012 1010", message: { function: 8, subFunction: 18, name: "busCharOverrunCount", data: "1010" } },
  { frame: "08 0014 0000", message: { function: 8, subFunction: 20, name: "clearOverrun", data: "0000" } },
  { frame: "08 0000 4142", message: { function: 8, subFunction: 0, name: "returnQueryData", data: "4142" } },
  { frame: "08 0001 ff00", message: { function: 8, subFunction: 1, name: "restartComm", data: "ff00" } },
  // fc | status | events counted
  { frame: "0b 0000 007b", message: { function: 11, status: 0, eventCount: 123 } },
  // fc | bytes | status | events counted | messages counted | events
  {
    frame: "0c 08 0000 0007 000c 0c0e",
    message: { function: 12, status: 0, eventCount: 7, messageCount: 12, events: [12, 14] },
  },
  // fc | bytes | data
  { frame: "11 02 12ff", message: { function: 17, byteCount: 2, data: "12ff" } },
  // fc | address | AND mask | OR mask
  { frame: "16 0104 e1d2 1234", message: { function: 22, address: 260, andMask: 57810, orMask: 4660 } },
  // fc | exception
  { frame: "83 03", message: { function: 3, exception: 3 } },
  { frame: "83 05", message: { function: 3, exception: 5 } },
  { frame: "83 06", message: { function: 3, exception: 6 } },
  { frame: "83 0a", message: { function: 3, exception: 10 } },
  { frame: "83 7f", message: { function: 3, exception: 127 } },
];
