import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldCrockford } from "./crockford.ts";
import {
  createRegistrationKey,
  formatKey,
  formatLabel,
  parseRegistrationKey,
  REGISTRATION_KEY_PATTERN,
} from "./registration-key.ts";

const VECTOR = "mwk1_5M3Y0RKT_364C6ZBKMQR62KK68H3JZVC4CNC0PTHW585PWR";
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const MALFORMED: unknown = expect.objectContaining({ code: "ERR_KEY_MALFORMED" });

/** Any key, from any random bytes. */
const keys = fc
  .uint8Array({ minLength: 25, maxLength: 25 })
  .map((bytes) => createRegistrationKey((size) => (size === 5 ? bytes.subarray(0, 5) : bytes.subarray(5, 25))));

describe("registration key", () => {
  it("reads the published vector and writes it again", () => {
    const key = parseRegistrationKey(VECTOR);
    expect(key).toEqual({ id: "5M3Y0RKT", secret: "364C6ZBKMQR62KK68H3JZVC4CNC0PTHW" });
    expect(formatKey(key)).toBe(VECTOR);
  });

  it("checks with the first 30 bits of SHA-256 over what stands before, counted here by hand", () => {
    const digest = createHash("sha256").update(VECTOR.slice(0, -6)).digest();
    const bits = [...digest].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const check = [0, 1, 2, 3, 4, 5].map((at) => ALPHABET[Number.parseInt(bits.slice(at * 5, at * 5 + 5), 2)]);
    expect(check.join("")).toBe(VECTOR.slice(-6));
  });

  it("has 40 bits of id and 160 of secret, all of them used", () => {
    const zero = createRegistrationKey((size) => new Uint8Array(size));
    const ones = createRegistrationKey((size) => new Uint8Array(size).fill(255));
    expect(zero).toEqual({ id: "0".repeat(8), secret: "0".repeat(32) });
    expect(ones).toEqual({ id: "Z".repeat(8), secret: "Z".repeat(32) });
  });

  it("survives every form that people and label printers make of it", () => {
    fc.assert(
      fc.property(keys, fc.boolean(), fc.constantFrom("", "\n", "\r\n", "  \n"), (key, label, end) => {
        const text = label ? formatLabel(key) : formatKey(key);
        for (const form of [text, text.toLowerCase(), text.toUpperCase(), text.replaceAll("0", "o"), `  ${text}`]) {
          expect(parseRegistrationKey(form + end)).toEqual(key);
        }
        const misread = text.replaceAll("-", " ").slice(4).replaceAll("1", "l");
        expect(parseRegistrationKey(text.slice(0, 4) + misread)).toEqual(key);
      }),
    );
  });

  it("prints labels in groups of five, in characters of a QR code's alphanumeric mode", () => {
    const label = formatLabel(parseRegistrationKey(VECTOR));
    expect(label).toMatch(/^MWK1(-[0-9A-Z]{5}){9}-[0-9A-Z]$/);
  });

  it("finds every typo of one character and every swap of neighbours", () => {
    fc.assert(
      fc.property(keys, fc.nat(45), fc.constantFrom(...ALPHABET), (key, at, character) => {
        const text = formatKey(key).replace("mwk1_", "").replace("_", "");
        const typo = text.slice(0, at) + character + text.slice(at + 1);
        if (typo !== text) expect(() => parseRegistrationKey(`mwk1_${typo}`)).toThrow(MALFORMED as Error);
        const swapped = text.slice(0, at) + (text[at + 1] ?? "") + (text[at] ?? "") + text.slice(at + 2);
        if (swapped !== text) expect(() => parseRegistrationKey(`mwk1_${swapped}`)).toThrow(MALFORMED as Error);
      }),
    );
  });

  it("refuses what is no key, whatever it is, with the one code and without repeating it", () => {
    for (const text of [
      "",
      "mwk1_",
      `mwk2${VECTOR.slice(4)}`,
      VECTOR.slice(0, -1),
      `${VECTOR}0`,
      VECTOR.replace("5M", "5U"),
    ]) {
      expect(() => parseRegistrationKey(text)).toThrow(MALFORMED as Error);
    }
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(() => parseRegistrationKey(text)).toThrow(MALFORMED as Error);
      }),
    );
    try {
      parseRegistrationKey(`${VECTOR.slice(0, -1)}0`);
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain("364C6ZBK");
    }
  });

  it("publishes a pattern that finds it", () => {
    const pattern = new RegExp(`^${REGISTRATION_KEY_PATTERN}$`);
    fc.assert(fc.property(keys, (key) => pattern.test(formatKey(key))));
    expect(pattern.test(formatKey(createRegistrationKey(randomBytes)))).toBe(true);
  });

  it("folds only the letters that Crockford's alphabet leaves out", () => {
    expect(foldCrockford("oOiIlLuU")).toBe("001111UU");
  });
});
