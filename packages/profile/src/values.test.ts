import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { brokenLimit, decodePoint, encodePoint, type PointValue, rawLimits, rawValue, readProfile } from "./index.ts";
import { memoryOf } from "./testing/memory.ts";

const orders = ["ABCD", "CDAB", "BADC", "DCBA"] as const;

function profileOf(...points: string[]) {
  return readProfile(
    `profile: 1
device: { vendor: v, model: m, kind: k }
blocks:
  - { table: holding, address: 0, count: 1000 }
  - { table: coil, address: 0, count: 100 }
points:
${points.map((point) => `  - { ${point} }`).join("\n")}
`,
    "test.yaml",
  );
}

/** Writes the value as the point's words and reads them again. */
function roundTrip(profile: ReturnType<typeof profileOf>, id: string, value: PointValue, sf?: number) {
  const { read, write } = memoryOf();
  const point = profile.point(id)!;
  if (sf !== undefined) write("holding", 900, [sf & 0xffff]);
  write(point.table, point.address, encodePoint(profile, point, value, read));
  return decodePoint(profile, point, read);
}

describe("a point's words and its value", () => {
  const integers = {
    u16: [0n, 0xffffn],
    s16: [-0x8000n, 0x7fffn],
    u32: [0n, 0xffff_ffffn],
    s32: [-0x8000_0000n, 0x7fff_ffffn],
  } as const;
  const wide = { u64: [0n, 2n ** 64n - 1n], s64: [-(2n ** 63n), 2n ** 63n - 1n] } as const;

  for (const order of orders) {
    it.each(Object.entries(integers))(`%s in ${order} comes back, scaled or not`, (type, [low, high]) => {
      const profile = profileOf(
        `id: plain, table: holding, address: 4, type: ${type}, order: ${order}`,
        `id: tenth, table: holding, address: 8, type: ${type}, order: ${order}, scale: 0.1`,
        `id: odd, table: holding, address: 12, type: ${type}, order: ${order}, scale: 0.0061035`,
      );
      fc.assert(
        fc.property(fc.bigInt(low, high), (raw) => {
          expect(roundTrip(profile, "plain", Number(raw)).value).toBe(Number(raw));
          expect(roundTrip(profile, "tenth", Number(raw) / 10).value).toBe(Number(raw) / 10);
          const odd = roundTrip(profile, "odd", (Number(raw) * 61035) / 10_000_000);
          expect(odd.value).toBe((Number(raw) * 61035) / 10_000_000);
        }),
      );
    });

    it.each(Object.entries(wide))(`%s in ${order} comes back as a bigint`, (type, [low, high]) => {
      const profile = profileOf(`id: p, table: holding, address: 4, type: ${type}, order: ${order}`);
      fc.assert(fc.property(fc.bigInt(low, high), (raw) => roundTrip(profile, "p", raw).value === raw));
    });

    it(`f32 and f64 in ${order} come back`, () => {
      const profile = profileOf(
        `id: single, table: holding, address: 4, type: f32, order: ${order}`,
        `id: double, table: holding, address: 8, type: f64, order: ${order}`,
      );
      const finite = { noNaN: true, noDefaultInfinity: true };
      fc.assert(
        fc.property(fc.float(finite), fc.double(finite), (single, double) => {
          expect(roundTrip(profile, "single", single).value).toBe(single);
          expect(roundTrip(profile, "double", double).value).toBe(double);
        }),
      );
    });

    it(`places the words of ${order} where its letters say`, () => {
      const profile = profileOf(`id: p, table: holding, address: 4, type: u32, order: ${order}`);
      const words = encodePoint(profile, profile.point("p")!, 0x41424344, () => undefined);
      const letters = [...words].map((word) => String.fromCharCode(word >> 8, word & 0xff)).join("");
      expect(letters).toBe(order);
    });
  }

  it("scales by the power of ten in another register", () => {
    const profile = profileOf(
      "id: sf, table: holding, address: 900, type: scaleFactor",
      "id: p, table: holding, address: 4, type: s16, scale: { point: sf }",
    );
    fc.assert(
      fc.property(fc.integer({ min: -32768, max: 32767 }), fc.integer({ min: -10, max: 10 }), (raw, exponent) => {
        const value = exponent < 0 ? raw / 10 ** -exponent : raw * 10 ** exponent;
        expect(roundTrip(profile, "p", value, exponent).value).toBe(value);
      }),
    );
  });

  it("says none while a register or the scale is unknown, and nan when the scale is not implemented", () => {
    const profile = profileOf(
      "id: sf, table: holding, address: 900, type: scaleFactor",
      "id: p, table: holding, address: 4, type: s16, scale: { point: sf }",
    );
    const point = profile.point("p")!;
    const { read, write } = memoryOf();
    expect(decodePoint(profile, point, read).quality).toBe("none");
    write("holding", 4, [1]);
    expect(decodePoint(profile, point, read).quality).toBe("none");
    write("holding", 900, [0x8000]);
    expect(decodePoint(profile, point, read)).toMatchObject({ quality: "nan", value: null });
    expect(() => encodePoint(profile, point, 1, read)).toThrow(
      expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" }),
    );
  });

  it("takes nan patterns in the point's own word order", () => {
    const profile = profileOf(
      "id: p, table: holding, address: 4, type: s32, order: CDAB, nan: [0x7FFFFFFF]",
      'id: q, table: holding, address: 8, type: s64, nan: ["0x8000000000000000"]',
    );
    const { read, write } = memoryOf();
    write("holding", 4, [0xffff, 0x7fff]);
    write("holding", 8, [0x8000, 0, 0, 0]);
    expect(decodePoint(profile, profile.point("p")!, read).quality).toBe("nan");
    expect(decodePoint(profile, profile.point("q")!, read).quality).toBe("nan");
    write("holding", 4, [0x7fff, 0xffff]);
    expect(decodePoint(profile, profile.point("p")!, read).value).toBe(-32769);
  });

  it("says bits and enumerations in words, and takes an enumeration by name", () => {
    const profile = profileOf(
      "id: word, table: holding, address: 4, type: u16, bits: { 0: ready, 15: alarm }",
      "id: mode, table: holding, address: 8, type: u16, enum: { 0: rest, 2: forced }",
      "id: valve, table: coil, address: 8",
    );
    expect(roundTrip(profile, "word", 0x8005)).toMatchObject({ value: 0x8005, text: "ready, bit 2, alarm" });
    expect(roundTrip(profile, "word", 0).text).toBe("none");
    expect(roundTrip(profile, "mode", "forced")).toMatchObject({ value: 2, text: "forced" });
    expect(roundTrip(profile, "valve", true)).toMatchObject({ value: true, text: "on" });
    expect(() => roundTrip(profile, "mode", "idle")).toThrow(expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" }));
  });

  it("shows the number that people mean", () => {
    const profile = profileOf(
      'id: speed, table: holding, address: 4, type: u16, scale: 0.0061035, unit: "%"',
      "id: volts, table: holding, address: 8, type: f32, unit: V",
    );
    expect(roundTrip(profile, "speed", 40).text).toBe("40.0023 %");
    expect(roundTrip(profile, "volts", 230.2).text).toBe("230.2 V");
  });

  it.each([
    ["u16", 65536],
    ["u16", -1],
    ["u16", "12"],
    ["s16", Number.NaN],
    ["f32", "x"],
    ["bool", 2],
    ["u64", -1n],
  ])("refuses %s := %s", (type, value) => {
    const profile = profileOf(`id: p, table: holding, address: 4, type: ${type}`);
    expect(() => roundTrip(profile, "p", value)).toThrow(expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" }));
  });
});

describe("limits", () => {
  const profile = profileOf(
    "id: setpoint, table: holding, address: 4, type: u16, scale: 0.0061035, access: rw, limits: { min: 0, max: 100 }",
    "id: tenth, table: holding, address: 5, type: s16, scale: 0.1",
    "id: turned, table: holding, address: 6, type: s16, scale: -0.1, limits: { min: -1, max: 5 }",
    "id: single, table: holding, address: 8, type: f32, scale: 2, limits: { max: 5 }",
    "id: sf, table: holding, address: 900, type: scaleFactor",
    "id: other, table: holding, address: 10, type: u16, scale: { point: sf }",
    "id: name, table: holding, address: 20, count: 2, type: string",
  );
  const of = (id: string) => profile.point(id)!;

  it("are raw integers inside what is meant, computed exactly", () => {
    expect(rawLimits(of("setpoint"))).toEqual({ min: 0n, max: 16384n });
    expect(rawLimits(of("setpoint"), { max: 80 })).toEqual({ max: 13107n });
    // 0.3 / 0.1 is 2.9999999999999996 in binary, and 4.35 / 0.1 lies between two raw values.
    expect(rawLimits(of("tenth"), { min: 0.3, max: 4.35 })).toEqual({ min: 3n, max: 43n });
    expect(rawLimits(of("tenth"), { min: -0.35 })).toEqual({ min: -3n });
    expect(rawLimits(of("turned"))).toEqual({ min: -50n, max: 10n });
    expect(rawLimits(of("single"))).toEqual({ max: 2.5 });
  });

  it("cannot be computed once for text or for a scale in a register", () => {
    expect(rawLimits(of("other"), { max: 5 })).toBeUndefined();
    expect(rawLimits(of("name"), { max: 5 })).toBeUndefined();
  });

  it("judge what the words hold, and nothing passes as not a number", () => {
    const limits = rawLimits(of("setpoint"))!;
    const raw = (word: number) => rawValue(of("setpoint"), Uint16Array.of(word), 0)!;
    expect(brokenLimit(limits, raw(16384))).toBeUndefined();
    expect(brokenLimit(limits, raw(16385))).toBe("max");
    expect(brokenLimit({ min: 1n }, 0)).toBe("min");
    expect(brokenLimit({ max: 2.5 }, Number.NaN)).toBe("max");
  });

  it("let through exactly the raw values whose value is inside", () => {
    fc.assert(
      fc.property(fc.integer({ min: -400, max: 400 }), fc.integer({ min: -300, max: 300 }), (raw, hundredths) => {
        const limits = rawLimits(of("tenth"), { max: hundredths / 100 })!;
        expect(brokenLimit(limits, raw) === undefined).toBe(raw * 10 <= hundredths);
      }),
    );
  });
});
