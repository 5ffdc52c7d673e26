import fc from "fast-check";
import { expect, it } from "vitest";
import { textOf } from "./values.ts";

it("shows a float of 32 bits in few digits, and none of its bits is lost", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true }), (value) => {
      const text = textOf(value, "f32");
      expect(Math.fround(Number(text))).toBe(value === 0 ? 0 : value);
    }),
  );
  expect(textOf(Math.fround(0.1), "f32")).toBe("0.1");
  expect(textOf(Math.fround(231.2711639404297), "f32")).toBe("231.27116");
});

it("shows what is no such float as it is", () => {
  expect(textOf(0.1, "f64")).toBe("0.1");
  expect(textOf(18446744073709551615n, "u64")).toBe("18446744073709551615");
  expect(textOf(null, undefined)).toBe("null");
});
