import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ModbusError } from "../errors.ts";
import { parseHex, toHex } from "../hex.ts";
import { Integers } from "../testing/integers.ts";
import { refusal } from "../testing/refusal.ts";
import { asciiContent, asciiFrame, lrc } from "./ascii.ts";
import { crc16, rtuFrame } from "./rtu.ts";
import { decodeFrame, encodeFrame, type FrameTransport } from "./single.ts";

const text = (characters: string): Uint8Array => Uint8Array.from(characters, (one) => one.charCodeAt(0));
const transports: readonly FrameTransport[] = ["pdu", "tcp", "rtu", "ascii"];
const readOne = parseHex("03 0000 0001");

describe("check sums", () => {
  const known = parseHex("1234 2345 3456 4567");

  test("the CRC of the known bytes, low byte first, is e2 db", () => {
    expect(crc16(known, 0, known.length)).toBe(0xdbe2);
  });

  test("the LRC of the known bytes is 1c", () => {
    expect(lrc(known, 0, known.length)).toBe(0x1c);
  });

  test("the table agrees with the bitwise definition", () => {
    const bitwise = (bytes: Uint8Array): number => {
      let crc = 0xffff;
      for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
      }
      return crc;
    };
    fc.assert(fc.property(fc.uint8Array(), (bytes) => crc16(bytes, 0, bytes.length) === bitwise(bytes)));
  });
});

describe("exactly one frame", () => {
  test.each(transports)("%s: what is wrapped is unwrapped", (transport) => {
    const frame = encodeFrame({ transport, unit: 17, transaction: 5377 }, readOne);
    const decoded = decodeFrame(transport, "request", frame);
    expect(decoded.message).toEqual({ kind: "read-holding-registers", address: 0, quantity: 1 });
    expect(decoded.unit).toBe(transport === "pdu" ? undefined : 17);
    expect(decoded.transaction).toBe(transport === "tcp" ? 5377 : undefined);
  });

  test.each(transports)("%s: unit and transaction default to 0", (transport) => {
    const frame = encodeFrame({ transport }, readOne);
    expect(decodeFrame(transport, "request", frame).unit ?? 0).toBe(0);
  });

  test.each(transports)("%s: one byte more or less is refused, before or behind", (transport) => {
    const frame = encodeFrame({ transport, unit: 1 }, readOne);
    const longer = new Uint8Array(frame.length + 1);
    longer.set(frame);
    const shifted = new Uint8Array(frame.length + 1);
    shifted.set(frame, 1);
    for (const bytes of [longer, shifted, frame.subarray(1), frame.subarray(0, -1), new Uint8Array(0)]) {
      expect(refusal(() => decodeFrame(transport, "request", bytes))).not.toBe("not refused");
    }
  });

  test("a TCP header is judged as in a stream", () => {
    // tx | proto | length | unit | pdu
    for (const hex of [
      "0001 0000 0001 01 07",
      "0001 0000 00ff 01 07",
      "0001 0100 0002 01 07",
      "0001 0000 0003 01 07",
    ]) {
      expect(refusal(() => decodeFrame("tcp", "request", parseHex(hex)))).toBe("frame");
    }
  });

  test("an RTU frame has 4 to 256 bytes", () => {
    expect(refusal(() => decodeFrame("rtu", "request", rtuFrame(1, new Uint8Array(254))))).toBe("frame");
    expect(refusal(() => decodeFrame("rtu", "request", rtuFrame(1, new Uint8Array(0))))).toBe("frame");
    expect(refusal(() => decodeFrame("rtu", "request", rtuFrame(1, Uint8Array.of(7))))).toBe("not refused");
  });
});

describe("ASCII", () => {
  test.each([
    ["the longest", `:${toHex(new Uint8Array(254))}00\r\n`.toUpperCase(), "ok"],
    ["one byte longer", `:${toHex(new Uint8Array(255))}00\r\n`.toUpperCase(), "frame"],
    ["lower case", ":11030000000aE2\r\n", "ok"],
    ["no colon", "11030000000AE2\r\n", "frame"],
    ["another first character", ";11030000000AE2\r\n", "frame"],
    ["no CR", ":11030000000AE2\n\n", "frame"],
    ["no LF", ":11030000000AE2\r\r", "frame"],
    ["half a byte", ":11030000000AE2F\r\n", "frame"],
    ["no hex, high digit", ":G1030000000AE2\r\n", "frame"],
    ["no hex, low digit", ":1:030000000AE2\r\n", "frame"],
    ["wrong LRC", ":11030000000AE3\r\n", "frame"],
    ["too short", ":110E\r\n", "frame"],
  ])("%s", (_, characters, outcome) => {
    const seen = refusal(() => asciiContent(text(characters)));
    expect(seen === "not refused" ? "ok" : seen).toBe(outcome);
  });

  test("every byte survives, in upper case on the wire", () => {
    const pdu = Uint8Array.from({ length: 253 }, (_, index) => (index * 7) & 0xff);
    const frame = asciiFrame(0xab, pdu);
    expect(String.fromCharCode(...frame)).toMatch(/^:[0-9A-F]+\r\n$/);
    expect(toHex(asciiContent(frame))).toBe(`ab${toHex(pdu)}`);
  });
});

test("no bytes make decodeFrame throw anything but a ModbusError", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.constantFrom(...transports),
      fc.constantFrom("request", "response"),
      (seed, transport, direction) => {
        const from = new Integers(seed);
        const pdu = from.bytes(from.length(0, 256));
        const frame = from.boolean() ? encodeFrame({ transport, unit: from.byte() }, pdu) : pdu;
        if (frame.length > 0 && from.boolean()) frame[from.between(0, frame.length - 1)] = from.byte();
        try {
          decodeFrame(transport, direction as "request", frame);
        } catch (error) {
          if (!(error instanceof ModbusError)) throw error;
        }
      },
    ),
    { numRuns: 20_000 },
  );
});
