import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeValue } from "./decode.ts";
import { encodeValue } from "./encode.ts";
import { registerCount, type ValueType, valueTypes, type WordOrder, wordOrders } from "./types.ts";

const badValue = expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" });

function encoded(
  type: ValueType,
  order: WordOrder,
  value: number | bigint | boolean | string,
  length?: number,
): number[] {
  const out = new Uint16Array(registerCount(type, length));
  encodeValue(type, order, value, out, 0, length);
  return [...out];
}

const decoded = (type: ValueType, order: WordOrder, words: readonly number[], length?: number): unknown =>
  decodeValue(type, order, Uint16Array.from(words), 0, length);

describe("word orders", () => {
  test.each<[ValueType, WordOrder, number | bigint | string, number[], number?]>([
    ["u32", "ABCD", 0x0a0b0c0d, [0x0a0b, 0x0c0d]],
    ["u32", "CDAB", 0x0a0b0c0d, [0x0c0d, 0x0a0b]],
    ["u32", "BADC", 0x0a0b0c0d, [0x0b0a, 0x0d0c]],
    ["u32", "DCBA", 0x0a0b0c0d, [0x0d0c, 0x0b0a]],
    ["s32", "ABCD", -2, [0xffff, 0xfffe]],
    ["s32", "CDAB", -2, [0xfffe, 0xffff]],
    ["epoch32", "ABCD", 4_000_000_000, [0xee6b, 0x2800]],
    ["f32", "ABCD", 230.5, [0x4366, 0x8000]],
    ["f32", "CDAB", 230.5, [0x8000, 0x4366]],
    ["f32", "BADC", 230.5, [0x6643, 0x0080]],
    ["f32", "DCBA", 230.5, [0x0080, 0x6643]],
    ["f64", "ABCD", 1.5, [0x3ff8, 0, 0, 0]],
    ["f64", "CDAB", 1.5, [0, 0, 0, 0x3ff8]],
    ["f64", "BADC", 1.5, [0xf83f, 0, 0, 0]],
    ["f64", "DCBA", 1.5, [0, 0, 0, 0xf83f]],
    ["u64", "ABCD", 0x0102030405060708n, [0x0102, 0x0304, 0x0506, 0x0708]],
    ["u64", "CDAB", 0x0102030405060708n, [0x0708, 0x0506, 0x0304, 0x0102]],
    ["u64", "BADC", 0x0102030405060708n, [0x0201, 0x0403, 0x0605, 0x0807]],
    ["u64", "DCBA", 0x0102030405060708n, [0x0807, 0x0605, 0x0403, 0x0201]],
    ["s64", "ABCD", -1n, [0xffff, 0xffff, 0xffff, 0xffff]],
    ["u16", "ABCD", 0x0102, [0x0102]],
    ["u16", "CDAB", 0x0102, [0x0102]],
    ["u16", "BADC", 0x0102, [0x0201]],
    ["s16", "ABCD", -3, [0xfffd]],
    ["scaleFactor", "ABCD", -2, [0xfffe]],
    ["bcd", "ABCD", 1234, [0x1234]],
    ["bcd", "ABCD", 12345678, [0x1234, 0x5678], 2],
    ["bcd", "CDAB", 12345678, [0x5678, 0x1234], 2],
    ["bcd", "ABCD", 999_999_999_999, [0x9999, 0x9999, 0x9999], 3],
    ["string", "ABCD", "ABC", [0x4142, 0x4300], 2],
    ["string", "CDAB", "ABC", [0x4142, 0x4300], 2],
    ["string", "BADC", "ABC", [0x4241, 0x0043], 2],
    ["string", "DCBA", "ABC", [0x4241, 0x0043], 2],
    ["string", "ABCD", "", [0, 0], 2],
    ["string", "ABCD", "né", [0x6ee9], 1],
  ])("%s %s %s", (type, order, value, words, length) => {
    expect(encoded(type, order, value, length)).toEqual(words);
    expect(decoded(type, order, words, length)).toBe(value);
  });
});

describe("what registers may hold beside that", () => {
  test("a bool is any word but zero", () => {
    expect(decoded("bool", "ABCD", [0])).toBe(false);
    expect(decoded("bool", "ABCD", [0x8000])).toBe(true);
    expect(encoded("bool", "ABCD", true)).toEqual([1]);
    expect(encoded("bool", "ABCD", 1)).toEqual([1]);
    expect(encoded("bool", "ABCD", false)).toEqual([0]);
    expect(encoded("bool", "ABCD", 0)).toEqual([0]);
  });

  test("a digit above 9 is no number", () => {
    expect(decoded("bcd", "ABCD", [0x12a4])).toBeNaN();
    expect(decoded("bcd", "ABCD", [0x124a])).toBeNaN();
  });

  test("text ends at the first NUL and loses trailing spaces", () => {
    expect(decoded("string", "ABCD", [0x4142, 0x0043, 0x4400], 3)).toBe("AB");
    expect(decoded("string", "ABCD", [0x2041, 0x2020], 2)).toBe(" A");
    expect(decoded("string", "ABCD", [0x4142], 1)).toBe("AB");
  });

  test("NaN and the infinities are floats", () => {
    expect(decoded("f32", "ABCD", [0x7fc0, 0])).toBeNaN();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(decoded("f32", "ABCD", encoded("f32", "ABCD", value))).toBe(value);
      expect(decoded("f64", "CDAB", encoded("f64", "CDAB", value))).toBe(value);
    }
  });

  test("a float is rounded to its precision", () => {
    expect(decoded("f32", "ABCD", encoded("f32", "ABCD", 0.1))).toBe(Math.fround(0.1));
  });

  test("values stand where they are asked for", () => {
    const registers = new Uint16Array(4);
    encodeValue("u32", "ABCD", 7, registers, 2);
    expect([...registers]).toEqual([0, 0, 0, 7]);
    expect(decodeValue("u16", "ABCD", registers, 3)).toBe(7);
  });
});

describe("what does not fit is refused and leaves the registers as they were", () => {
  test.each<[ValueType, number | bigint | boolean | string, number?]>([
    ["bool", 2],
    ["bool", "true"],
    ["u16", -1],
    ["u16", 65536],
    ["u16", 1.5],
    ["u16", true],
    ["u16", "1"],
    ["u16", Number.NaN],
    ["u16", 65536n],
    ["s16", 32768],
    ["s16", -32769],
    ["scaleFactor", 40_000],
    ["u32", -1],
    ["u32", 2 ** 32],
    ["epoch32", 2 ** 32],
    ["s32", 2 ** 31],
    ["s32", -(2 ** 31) - 1],
    ["u64", -1n],
    ["u64", 2n ** 64n],
    ["u64", 2 ** 53],
    ["u64", 0.5],
    ["u64", "1"],
    ["s64", 2n ** 63n],
    ["s64", -(2n ** 63n) - 1n],
    ["s64", true],
    ["f32", 1e39],
    ["f32", -1e39],
    ["f32", 1n],
    ["f64", "1"],
    ["bcd", 10_000],
    ["bcd", -1],
    ["bcd", 100_000_000, 2],
    ["string", "ABC", 1],
    ["string", "a\0", 2],
    ["string", "€", 2],
    ["string", 1, 2],
  ])("%s %s", (type, value, length) => {
    const out = new Uint16Array(4).fill(0xaaaa);
    expect(() => encodeValue(type, "ABCD", value, out, 0, length)).toThrow(badValue);
    expect([...out]).toEqual([0xaaaa, 0xaaaa, 0xaaaa, 0xaaaa]);
  });

  test.each<[ValueType, number, number?]>([
    ["u16", 4],
    ["u16", -1],
    ["u32", 3],
    ["u16", 0.5],
    ["string", 3, 2],
  ])("%s at %d of four registers", (type, at, length) => {
    const registers = new Uint16Array(4);
    expect(() => decodeValue(type, "ABCD", registers, at, length)).toThrow(badValue);
    expect(() => encodeValue(type, "ABCD", type === "string" ? "A" : 1, registers, at, length)).toThrow(badValue);
  });

  test.each<[ValueType, number | undefined]>([
    ["string", undefined],
    ["string", 0],
    ["string", 126],
    ["string", 1.5],
    ["bcd", 0],
    ["bcd", 4],
    ["u32", 1],
    ["u16", 2],
  ])("%s does not take %s registers", (type, length) => {
    expect(() => registerCount(type, length)).toThrow(badValue);
  });
});

test("register counts", () => {
  const counts = valueTypes.map((type) => [type, registerCount(type, type === "string" ? 8 : undefined)]);
  expect(Object.fromEntries(counts)).toEqual({
    bool: 1,
    u16: 1,
    s16: 1,
    u32: 2,
    s32: 2,
    u64: 4,
    s64: 4,
    f32: 2,
    f64: 4,
    bcd: 1,
    string: 8,
    epoch32: 2,
    scaleFactor: 1,
  });
  expect(registerCount("u32", 2)).toBe(2);
});

const anyValue: { readonly [Type in ValueType]: fc.Arbitrary<number | bigint | boolean | string> } = {
  bool: fc.boolean(),
  u16: fc.integer({ min: 0, max: 0xffff }),
  s16: fc.integer({ min: -0x8000, max: 0x7fff }),
  scaleFactor: fc.integer({ min: -10, max: 10 }),
  u32: fc.integer({ min: 0, max: 0xffff_ffff }),
  epoch32: fc.integer({ min: 0, max: 0xffff_ffff }),
  s32: fc.integer(),
  u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  s64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  f32: fc.float(),
  f64: fc.double(),
  bcd: fc.integer({ min: 0, max: 99_999_999 }),
  string: fc.string({ maxLength: 20 }).map((text) => text.replace(/[^!-~]/g, "")),
};

test.each(valueTypes)("%s comes back in every word order", (type) => {
  const length = type === "string" ? 10 : type === "bcd" ? 2 : undefined;
  fc.assert(
    fc.property(anyValue[type], fc.constantFrom(...wordOrders), (value, order) => {
      expect(decoded(type, order, encoded(type, order, value, length), length)).toEqual(value);
    }),
  );
});

test("any registers decode, and integers encode back to them", () => {
  const words = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(words, fc.constantFrom(...valueTypes), fc.constantFrom(...wordOrders), (registers, type, order) => {
      const length = type === "string" ? 4 : undefined;
      const value = decodeValue(type, order, Uint16Array.from(registers), 0, length);
      if (!/^[us]\d|epoch/.test(type)) return;
      const count = registerCount(type);
      expect(encoded(type, order, value)).toEqual(registers.slice(0, count));
    }),
  );
});
