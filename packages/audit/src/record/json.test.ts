import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compactJson, numeral, quote } from "./json.ts";

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });

describe("compactJson", () => {
  it("reads back as what it was, also with lone surrogates", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(compactJson(value as never))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        expect(JSON.parse(compactJson(text))).toBe(text);
      }),
    );
  });

  it("is its own compact form, and nothing in it acts on a terminal", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const written = compactJson(text);
        expect(compactJson(JSON.parse(written))).toBe(written);
        expect(written).not.toMatch(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u);
        expect(written.isWellFormed()).toBe(true);
      }),
    );
    expect(compactJson("\u009b1m\u202e")).toBe('"\\u009b1m\\u202e"');
  });
});

describe("quote and numeral", () => {
  it("write what compactJson writes", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(quote(text)).toBe(compactJson(text));
      }),
    );
    expect([Number.NaN, Number.POSITIVE_INFINITY, -0, 1e21].map(numeral)).toEqual(["null", "null", "0", "1e+21"]);
    for (let code = 0; code <= 0xffff; code++) {
      const character = String.fromCharCode(code);
      if (quote(character) !== compactJson(character)) expect.unreachable(`U+${code.toString(16)}`);
    }
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(numeral(value)).toBe(compactJson(value));
      }),
    );
  });
});
