import fc from "fast-check";
import { expect, test } from "vitest";
import { packBits, unpackBits } from "./bytes.ts";
import { parseHex, toHex } from "./hex.ts";

test("hex comes back", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(parseHex(toHex(bytes))).toEqual(bytes);
    }),
  );
});

test("white space and either case are read", () => {
  expect(parseHex(" 0A\tfF\n1 2")).toEqual(Uint8Array.of(0x0a, 0xff, 0x12));
  expect(parseHex("")).toEqual(new Uint8Array(0));
});

test.each(["0", "0g", "0x00", "--", "١٢"])("%j is no hex", (text) => {
  expect(() => parseHex(text)).toThrow(expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" }));
});

test("bits come back, lowest address in the lowest bit, padding zero", () => {
  expect(packBits([true, false, true, true, false, false, true, true, true])).toEqual(Uint8Array.of(0xcd, 0x01));
  expect(packBits([])).toEqual(new Uint8Array(0));
  fc.assert(
    fc.property(fc.array(fc.boolean()), (bits) => {
      const bytes = packBits(bits);
      expect(bytes.length).toBe(Math.ceil(bits.length / 8));
      expect(unpackBits(bytes, bits.length)).toEqual(bits);
    }),
  );
});

test("as many bits as asked for, whatever the bytes hold", () => {
  expect(unpackBits(Uint8Array.of(0xff), 3)).toEqual([true, true, true]);
  expect(unpackBits(Uint8Array.of(0xff), 10)).toEqual([...new Array(8).fill(true), false, false]);
});
