import type { Refused } from "./vector.ts";

/** Frames that break a rule of the specifications, and how they are refused. */
export const refused: readonly Refused[] = [
  {
    transport: "pdu",
    direction: "request",
    because: 3,
    frames: [
      // fc | body
      "14 0a06000400010002", // byte count is no multiple of 7
      "18 04", // wrong length
      "18 04de00", // wrong length
      "2b 0e1729", // code 0x17
      "17 000100010010000204", // wrong length
      "05 00011234", // neither 0000 nor FF00
      "0f 0000000a01ff", // byte count contradicts quantity
      "0f 0000000000", // quantity out of range
      "07 00", // wrong length
      "16 000400f2", // wrong length
      "03 0000000100", // wrong length
      "", // empty PDU
    ],
  },
  {
    transport: "pdu",
    direction: "request",
    because: 2,
    frames: [
      // fc | body
      "14 0707000400010002", // reference type 7
    ],
  },
  {
    transport: "pdu",
    direction: "request",
    because: 1,
    frames: [
      // fc | body
      "2b 0f0100", // unknown MEI type
      "08 270f", // unknown sub-function
      "83 00000001", // unknown function code
      "08 00630000", // unknown sub-function
    ],
  },
  {
    transport: "pdu",
    direction: "response",
    because: "response",
    frames: [
      // fc | body
      "14 0a02060dfe0020", // wrong length
      "11", // truncated
      `18 0042 0020 ${"0001 ".repeat(32)}`, // 32 registers in the queue
      "03 03000102", // byte count contradicts length
      "03 040001", // byte count contradicts length
      "03 00", // byte count contradicts length
      "83", // no exception code
      "83 00", // exception code 0
      "01 0201", // byte count contradicts length
      "05 00011234", // neither 0000 nor FF00
      "2b 0e0101000001000541", // object longer than the response
      "10 00010000", // nothing written
    ],
  },
  {
    transport: "tcp",
    direction: "request",
    because: "frame",
    frames: [
      // tx | proto | length | unit | pdu
      "0007 cafe 0001 2a", // protocol id
    ],
  },
  {
    transport: "tcp",
    direction: "request",
    because: 3,
    frames: [
      // tx | proto | length | unit | pdu
      "0001 0000 0006 01 04003effff", // quantity out of range
      "0001 0000 0006 01 0700000000", // wrong length
      "0001 0000 0006 ff 0101600000", // quantity out of range
      "0001 0000 0006 ff 01016007d1", // quantity out of range
      "0001 0000 0006 ff 0201600000", // quantity out of range
      "0001 0000 0006 ff 02016007d1", // quantity out of range
      "0001 0000 0006 ff 030160007e", // quantity out of range
      "0001 0000 0006 ff 040160007e", // quantity out of range
      "0001 0000 000d ff 170160000000000001021234", // read quantity out of range
      "0001 0000 000d ff 170160007e00000001021234", // read quantity out of range
      "0001 0000 000d ff 100160000000022b00010064", // quantity out of range
      "0001 0000 000d ff 100160007c06022b00010064", // quantity out of range
      "0001 0000 000d ff 100160007b06022b00010064", // byte count contradicts quantity
      "03dd 0000 0005 ff 17020000", // truncated
    ],
  },
  {
    transport: "rtu",
    direction: "request",
    because: "frame",
    frames: [
      // unit | pdu | CRC
      "01 10000000020400010002 8b3a",
      "11 0f0130002505cd6bb20e1b ccc0",
      "11 0100130013 8e93",
      "11 0200c40016 baa8",
    ],
  },
  {
    transport: "rtu",
    direction: "response",
    because: "response",
    frames: [
      // unit | pdu | CRC
      "01 0304890242c700 9d00", // a zero behind a good frame, whose CRC still fits: only the byte count tells
    ],
  },
  {
    transport: "rtu",
    direction: "response",
    because: "frame",
    frames: [
      // unit | pdu | CRC
      "30 8212 c0a2",
      "00 8302 9121",
      "00 8302f0 9131",
      "11 0103cd6b05 4013",
      "11 0203acdb35 2019",
      "11 0306022b00000064 c8bb",
    ],
  },
  {
    transport: "tcp",
    direction: "response",
    because: "frame",
    frames: [
      // tx | proto | length | unit | pdu
      "1001 3312 0003 66 8203", // protocol id
    ],
  },
  {
    transport: "ascii",
    direction: "request",
    because: "frame",
    frames: [
      // : unit, pdu, LRC
      "abc:0003007C00027F", // characters before the colon
      ":110100130013C0",
      ":1103006B000370",
      ":110400080001E0",
      ":110600010003E0",
    ],
  },
  {
    transport: "ascii",
    direction: "response",
    because: "frame",
    frames: [
      // : unit, pdu, LRC
      ":110103CD6B05A0",
      ":110203ACDB3520",
      ":110306022B0000006450",
      ":110402000AD0",
      ":110600010003E0",
    ],
  },
];
