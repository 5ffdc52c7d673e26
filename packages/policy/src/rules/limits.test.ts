import { describe, expect, it } from "vitest";
import { outcome, rules } from "../testing/ask.ts";
import { boiler } from "../testing/site.ts";
import { brokenLimit, pointLimits, rawAt, registerLimits, touchedBits } from "./limits.ts";

/** Writes of a point under limits, as raw words from the point's address on. */
function under(entry: string) {
  const decide = rules(`{ id: a, permit: { roles: "*" }, devices: [boiler], allow: [{ ${entry} }] }`);
  return (address: number, ...values: number[]) =>
    decide({ as: "Operator", device: "boiler", function: 16, address, values });
}
const got = (explanation: Parameters<typeof outcome>[0]) => [outcome(explanation), explanation.failed];
const PERMIT = ["permit", undefined];

describe("limits of a point are computed once, as raw integers inside the engineering limits", () => {
  it("floors 80 % at a scale of 0.0061035", () => {
    const write = under("write: percent, min: 0, max: 80");
    expect(80 / 0.0061035).toBeGreaterThan(13107);
    expect(got(write(23, 13107))).toEqual(PERMIT);
    expect(got(write(23, 13108))).toEqual(["max", "max 80, got 80.005"]);
    expect(got(write(23, 14746))).toEqual(["max", "max 80, got 90"]);
  });

  it("does not lose 25.6 to binary fractions", () => {
    const write = under("write: target, min: 0.3, max: 25.6");
    expect(0.3 / 0.1).toBeLessThan(3);
    expect(got(write(1, 3))).toEqual(PERMIT);
    expect(got(write(1, 2))).toEqual(["min", "min 0.3, got 0.2"]);
    expect(got(write(1, 256))).toEqual(PERMIT);
    expect(got(write(1, 257))).toEqual(["max", "max 25.6, got 25.7"]);
  });

  it("reads signed registers", () => {
    const write = under("write: offset, min: -1, max: 1");
    expect(got(write(2, 0xfffe))).toEqual(PERMIT);
    expect(got(write(2, 0xfffd))).toEqual(["min", "min -1, got -1.5"]);
    expect(got(write(2, 3))).toEqual(["max", "max 1, got 1.5"]);
  });

  it("rounds a limit between two raw values into the limits", () => {
    expect(got(under("write: target, min: 0.31")(1, 3))).toEqual(["min", "min 0.31, got 0.3"]);
    expect(got(under("write: target, max: 0.39")(1, 4))).toEqual(["max", "max 0.39, got 0.4"]);
    expect(got(under("write: inverse, min: -1.4")(3, 3))).toEqual(["min", "min -1.4, got -1.5"]);
  });

  it("turns the order round under a negative scale", () => {
    const write = under("write: inverse, min: -1, max: 2");
    expect(got(write(3, 2))).toEqual(PERMIT);
    expect(got(write(3, 3))).toEqual(["min", "min -1, got -1.5"]);
    expect(got(write(3, 0xfffc))).toEqual(PERMIT);
    expect(got(write(3, 0xfffb))).toEqual(["max", "max 2, got 2.5"]);
  });

  it("reads 32 bits in the point's word order", () => {
    const write = under("write: counter, max: 65536");
    expect(got(write(4, 0, 1))).toEqual(PERMIT);
    expect(got(write(4, 1, 1))).toEqual(["max", "max 65536, got 65537"]);
    const signed = under("write: balance, min: -0.5");
    expect(got(signed(12, 0xffff, 0xffce))).toEqual(PERMIT);
    expect(got(signed(12, 0xffff, 0xffcd))).toEqual(["min", "min -0.5, got -0.51"]);
  });

  it("reads 64 bits exactly", () => {
    const write = under("write: energy, max: 9007199254740992");
    expect(got(write(8, 0x0020, 0, 0, 0))).toEqual(PERMIT);
    expect(got(write(8, 0x0020, 0, 0, 1))).toEqual(["max", "max 9007199254740992, got 9007199254740993"]);
    const listed = under("write: energy, values: [5]");
    expect(got(listed(8, 0, 0, 0, 5))).toEqual(PERMIT);
    expect(got(listed(8, 0, 0, 0, 6))).toEqual(["values", "values 5, got 6"]);
  });

  it("lets the limit itself through a float, and no NaN or infinity", () => {
    const write = under("write: level, min: 0, max: 0.1");
    expect(got(write(6, 0x3dcc, 0xcccd))).toEqual(PERMIT);
    expect(got(write(6, 0x3dcc, 0xccce))).toEqual(["max", "max 0.1, got 0.10000000894069672"]);
    expect(got(write(6, 0x3f80, 0))).toEqual(["max", "max 0.1, got 1"]);
    expect(got(write(6, 0x7f80, 0))).toEqual(["max", "max 0.1, got Infinity"]);
    expect(got(write(6, 0x7fc0, 0))).toEqual(["min", "min 0, got NaN"]);
    expect(got(under("write: flow, max: 1")(24, 0x4120, 0))).toEqual(PERMIT);
    expect(got(under("write: flow, max: 1")(24, 0x4130, 0))).toEqual(["max", "max 1, got 1.1"]);
  });

  it("refuses digits that are none", () => {
    const write = under("write: digits, max: 50");
    expect(got(write(26, 0x0050))).toEqual(PERMIT);
    expect(got(write(26, 0x0051))).toEqual(["max", "max 50, got 51"]);
    expect(got(write(26, 0x000a))).toEqual(["max", "max 50, got NaN"]);
  });

  it("knows truth as 0 and 1, and lets nothing pass for it", () => {
    const write = under("write: enabled, max: 1");
    expect(got(write(22, 0))).toEqual(PERMIT);
    expect(got(write(22, 1))).toEqual(PERMIT);
    expect(got(write(22, 7))).toEqual(["max", "max 1, got 7"]);
    expect(got(under("write: enabled, values: [1]")(22, 0xff00))).toEqual(["values", "values 1, got 65280"]);
  });

  it("lists values in engineering units", () => {
    const write = under("write: target, values: [20, 21.5]");
    expect(got(write(1, 215))).toEqual(PERMIT);
    expect(got(write(1, 20))).toEqual(["values", "values 20, 21.5, got 2"]);
  });

  it("judges all points of a label, each in its own units", () => {
    const write = under("write: { label: setpoint }, max: 10");
    expect(got(write(1, 100))).toEqual(PERMIT);
    expect(got(write(2, 20))).toEqual(PERMIT);
    expect(got(write(1, 100, 21))).toEqual(["max", "max 10, got 10.5"]);
  });
});

describe("limits of a functions entry are raw, whatever a profile says", () => {
  it("judges each register by itself", () => {
    const write = under("functions: [16], max: 80");
    expect(got(write(23, 80))).toEqual(PERMIT);
    expect(got(write(23, 81))).toEqual(["max", "max 80, got 81"]);
    expect(got(write(4, 80, 80))).toEqual(PERMIT);
  });
});

describe("an explanation says which bits", () => {
  const decide = rules(
    `{ id: a, permit: { roles: "*" }, allow: [{ functions: [6, 22], mask: 0x00c0 }] }`,
    `{ id: b, permit: { roles: [Viewer] }, units: [9], allow: [{ functions: [22], max: 5 }] }`,
  );
  it("of a plain write and of function 22", () => {
    expect(got(decide({ as: "Operator", unit: 2, function: 6, address: 0, value: 0x41 }))).toEqual([
      "mask",
      "mask 0x00c0, got 0x0041",
    ]);
    expect(got(decide({ as: "Operator", unit: 2, function: 22, address: 0, and: 0xff3e, or: 0 }))).toEqual([
      "mask",
      "mask 0x00c0, got bits 0x00c1",
    ]);
  });
  it("are missing", () => {
    const only = rules(`{ id: b, permit: { roles: "*" }, allow: [{ functions: [22], max: 5 }] }`);
    expect(only({ as: "Viewer", unit: 9, function: 22, address: 0, and: 0, or: 0 })).toMatchObject({
      because: "mask",
      failed: "no mask, got function 22 under a limit of values",
    });
  });
});

describe("limits as they are compared", () => {
  it("have a key for each that the entry has, and are none without", () => {
    const keys = (entry: object): readonly string[] => Object.keys(registerLimits(entry) ?? {});
    expect(registerLimits({})).toBeUndefined();
    expect([{ min: 1 }, { max: 1 }, { values: [1] }, { mask: 1 }, { maxStep: 1 }].map(keys)).toEqual(
      ["min", "max", "values", "mask", "step"].map((name) => [name, "stated"]),
    );
    const point = boiler.point("mode")!;
    const pointKeys = (entry: object): readonly string[] => Object.keys(pointLimits(entry, boiler, point) ?? {});
    expect(pointLimits({}, boiler, point)).toBeUndefined();
    expect([{ min: 1 }, { max: 1 }, { values: [1] }, { mask: 1 }, { maxStep: 1 }].map(pointKeys)).toEqual(
      ["min", "max", "values", "mask", "step"].map((name) => ["point", name, "stated"]),
    );
  });

  it("are whole numbers where these are exact, else as many digits as there are", () => {
    const raw = (id: string, max: number): unknown => pointLimits({ max }, boiler, boiler.point(id)!)?.max?.raw;
    expect([raw("mode", 7), raw("energy", 2 ** 53 - 1), raw("energy", 2 ** 53)]).toEqual([7, 2 ** 53 - 1, 2n ** 53n]);
    expect([raw("enabled", 1), raw("level", 0.1)]).toEqual([1, Math.fround(0.1)]);
  });

  it("have the mask in the bits of the registers", () => {
    const mask = (id: string, bits: number): unknown => pointLimits({ mask: bits }, boiler, boiler.point(id)!)?.mask;
    expect([mask("flags", 0x1234), mask("swapped", 0x1234), mask("power", 0x1234)]).toEqual([0x1234, 0x3412, 0x1234]);
    const orders = ["ABCD", "BADC", "CDAB", "DCBA"] as const;
    const flags = boiler.point("flags")!;
    expect(orders.map((order) => pointLimits({ mask: 0x1234 }, boiler, { ...flags, order })?.mask)).toEqual([
      ...[0x1234, 0x3412, 0x1234, 0x3412],
    ]);
  });

  it("are turned round by a scale of -1", () => {
    const point = { ...boiler.point("offset")!, scale: -1, factor: { numerator: -1n, denominator: 1n } };
    expect(pointLimits({ min: -3, max: 2 }, boiler, point)).toMatchObject({
      ...{ min: { raw: 3, most: true }, max: { raw: -2, most: false } },
    });
  });
});

describe("a written value", () => {
  const access = { device: "boiler", unit: 1, table: "holding", address: 4, quantity: 3, write: true } as const;
  const counter = { point: boiler.point("counter")!, stated: {} };

  it("is the whole point's, wherever the write begins and ends", () => {
    expect(rawAt(counter, { ...access, values: [1, 2, 9] }, 5)).toBe(0x0002_0001);
    expect(rawAt(counter, { ...access, address: 3, values: [9, 1, 2] }, 4)).toBe(0x0002_0001);
    expect(rawAt(counter, { ...access, values: [1] }, 4)).toBeUndefined();
    expect(rawAt(counter, { ...access, address: 5, values: [2, 9] }, 5)).toBeUndefined();
    expect(rawAt(counter, access, 4)).toBeUndefined();
    expect(rawAt({ stated: {} }, { ...access, values: [1, 2, 9] }, 6)).toBe(9);
    expect(rawAt({ stated: {} }, access, 6)).toBeUndefined();
  });

  it("breaks the first limit in the order min, max, values, mask; one that is not there breaks all", () => {
    const limits = {
      ...{ min: { raw: 2, most: false }, max: { raw: 9, most: true }, values: new Set([3, 4, 8]), mask: 7 },
      stated: {},
    };
    const broken = (value: number): unknown => brokenLimit(limits, { ...access, values: [value] }, 4);
    expect([1, 2, 3, 4, 8, 9, 10].map(broken)).toEqual([
      "min",
      "values",
      undefined,
      undefined,
      "mask",
      "values",
      "max",
    ]);
    expect(brokenLimit({ mask: 7, stated: {} }, access, 4)).toBe("mask");
    expect(brokenLimit({ values: new Set([1]), stated: {} }, access, 4)).toBe("values");
    expect(brokenLimit({ max: { raw: 1, most: true }, stated: {} }, access, 4)).toBe("max");
    expect(brokenLimit({ stated: {} }, access, 4)).toBeUndefined();
  });

  it("of function 22 is judged by its bits, and by steps alone", () => {
    const mask = { and: 0xfff0, or: 3 };
    const step = { allowed: 1, maxAgeMs: 9 };
    const broken = (limits: object): unknown => brokenLimit({ ...limits, stated: {} }, { ...access, mask }, 4);
    expect(touchedBits(mask)).toBe(0x000f);
    expect([broken({ mask: 0x000f }), broken({ mask: 0x0007 }), broken({ mask: 0x001f })]).toEqual([
      undefined,
      "mask",
      undefined,
    ]);
    expect([broken({ step }), broken({}), broken({ step, mask: 0x000f })]).toEqual([undefined, "mask", undefined]);
    const bounds = [
      { min: { raw: 1, most: false } },
      { max: { raw: 1, most: true } },
      { values: new Set([1]) },
      { mask: 1 },
    ];
    expect(bounds.map((bound) => broken({ step, ...bound }))).toEqual(["mask", "mask", "mask", "mask"]);
  });
});
