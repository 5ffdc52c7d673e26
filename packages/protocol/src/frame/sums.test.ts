import fc from "fast-check";
import { expect, test } from "vitest";
import { parseHex } from "../hex.ts";
import { lrc } from "./ascii.ts";
import { sum8, xor8 } from "./sums.ts";

test("the known bytes", () => {
  const known = parseHex("1234 2345 3456 4567");
  expect([sum8(known, 0, 8), xor8(known, 0, 8)]).toEqual([0xe4, 0x00]);
  expect([sum8(known, 1, 4), xor8(known, 1, 4)]).toEqual([0x9c, 0x52]);
  expect([sum8(known, 3, 3), xor8(known, 3, 3)]).toEqual([0, 0]);
});

test("bytes with their sum, or their exclusive or, sum up to nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const { length } = bytes;
      const withLrc = Uint8Array.of(...bytes, lrc(bytes, 0, length));
      const withXor = Uint8Array.of(...bytes, xor8(bytes, 0, length));
      return sum8(withLrc, 0, length + 1) === 0 && xor8(withXor, 0, length + 1) === 0;
    }),
  );
});
