import { describe, expect, it } from "vitest";
import { AskedError, type AskedText, questionFor } from "../index.ts";
import { boiler, devices } from "../testing/site.ts";

const ask = (asked: Partial<AskedText>) => questionFor({ as: "Operator", ...asked }, devices);

describe("what is known", () => {
  it("is given by point, by point of another device, or by register, with its age", () => {
    const known = { target: 21.5, "zero.counter": { value: 65538, ageMs: 7 }, "holding 30": 9, door: true };
    const { moment } = ask({ unit: 1, read: "door", known });
    expect(moment?.known("boiler", "holding", 1)).toEqual({ value: 215, ageMs: 0 });
    expect(moment?.known("zero", "holding", 4)).toEqual({ value: 2, ageMs: 7 });
    expect(moment?.known("boiler", "holding", 30)).toEqual({ value: 9, ageMs: 0 });
    expect(moment?.known("boiler", "discrete", 0)).toEqual({ value: 1, ageMs: 0 });
  });

  it.each<Readonly<Record<string, number>>>([{ missing: 1 }, { "holding 3": -1 }, { target: 1e9 }, { "zero.none": 1 }])(
    "%o is none",
    (known) => {
      expect(() => ask({ unit: 1, read: "door", known })).toThrow(AskedError);
    },
  );
});

describe("questionFor", () => {
  it("builds the question of a point", () => {
    const { moment, ...question } = ask({ unit: 1, write: "target", value: 21.5 });
    expect(moment?.known("boiler", "holding", 1)).toBeUndefined();
    expect(question).toEqual({
      subject: "asked",
      role: "Operator",
      transport: "tls",
      unit: 1,
      device: "boiler",
      functionCode: 6,
      accesses: [
        {
          device: "boiler",
          unit: 1,
          table: "holding",
          address: 1,
          quantity: 1,
          write: true,
          points: ["target"],
          values: [215],
        },
      ],
    });
    expect(ask({ device: "boiler", write: "counter", value: 65537 })).toMatchObject({
      functionCode: 16,
      accesses: [{ address: 4, values: [1, 1] }],
    });
    expect(ask({ device: "boiler", write: "pump", value: true })).toMatchObject({
      functionCode: 5,
      accesses: [{ table: "coil", values: [1] }],
    });
    expect(ask({ device: "boiler", write: "mode", value: "heat" })).toMatchObject({ accesses: [{ values: [1] }] });
    expect(ask({ device: "boiler", read: "energy" })).toMatchObject({ functionCode: 3, accesses: [{ quantity: 4 }] });
    expect(ask({ device: "boiler", read: "door" })).toMatchObject({ functionCode: 2 });
    expect(ask({ device: "boiler", read: "pump" })).toMatchObject({ functionCode: 1 });
    expect(ask({ device: "boiler", read: "temperature" })).toMatchObject({ functionCode: 4 });
  });

  it.each<readonly [Partial<AskedText>, object]>([
    [
      { function: 1, address: 4 },
      { functionCode: 1, accesses: [{ table: "coil", quantity: 1, write: false }] },
    ],
    [
      { function: 2, address: 4, quantity: 3 },
      { functionCode: 2, accesses: [{ table: "discrete", quantity: 3 }] },
    ],
    [{ function: 3, address: 4 }, { functionCode: 3 }],
    [{ function: 4, address: 4 }, { functionCode: 4 }],
    [
      { function: 5, address: 4, value: 1 },
      { functionCode: 5, accesses: [{ values: [1] }] },
    ],
    [
      { function: 5, address: 4, value: false },
      { functionCode: 5, accesses: [{ values: [0] }] },
    ],
    [
      { function: 6, address: 4, values: [7] },
      { functionCode: 6, accesses: [{ values: [7] }] },
    ],
    [
      { function: 15, address: 4, values: [1, 0] },
      { functionCode: 15, accesses: [{ values: [1, 0] }] },
    ],
    [
      { function: 16, address: 4, quantity: 2, values: [1, 2] },
      { functionCode: 16, accesses: [{ values: [1, 2] }] },
    ],
    [
      { function: 22, address: 4, and: 65535, or: 1 },
      { accesses: [{ write: false }, { mask: { and: 65535, or: 1 } }] },
    ],
    [
      { function: 23, read: { address: 0, quantity: 2 }, write: { address: 5, values: [1] } },
      {
        accesses: [
          { address: 5, write: true },
          { address: 0, quantity: 2, write: false },
        ],
      },
    ],
    [{ function: 7 }, { functionCode: 7, accesses: [{ table: null, write: false }] }],
    [{ function: "8/1" }, { functionCode: 8, subfunction: 1, accesses: [{ table: null, write: true }] }],
    [{ function: 11 }, { functionCode: 11 }],
    [{ function: 12 }, { functionCode: 12 }],
    [{ function: 17 }, { functionCode: 17 }],
    [{ function: 24, address: 4 }, { functionCode: 24 }],
    [{ function: "43/13" }, { functionCode: 43, subfunction: 13, accesses: [{ write: true }] }],
    [{ function: "43/14" }, { functionCode: 43, subfunction: 14, accesses: [{ write: false }] }],
    [{ function: "43/15" }, { functionCode: 43, subfunction: 15, accesses: [{ write: true }] }],
    [{ function: 65 }, { functionCode: 65, accesses: [{ table: null, write: true }] }],
    [{ function: 90 }, { functionCode: 90, accesses: [{ table: null, write: true }] }],
  ])("builds the question of %o", (asked, wanted) => {
    expect(ask({ unit: 2, ...asked })).toMatchObject({ unit: 2, device: "plain", ...wanted });
  });

  it("says who, from where and over what", () => {
    const asked = { as: null, unit: 9, function: 3, address: 0, transport: "tcp", from: "10.0.0.5" } as const;
    expect(questionFor(asked, devices)).toMatchObject({
      subject: null,
      role: null,
      transport: "tcp",
      source: "10.0.0.5",
      device: null,
    });
  });

  it.each<Partial<AskedText>>([
    { function: 3, address: 0 },
    { device: "oven", function: 3, address: 0 },
    { device: "boiler", unit: 2, function: 3, address: 0 },
    { unit: 1 },
    { unit: 1, read: "mode", write: "mode" },
    { unit: 1, read: "moed" },
    { unit: 2, read: "mode" },
    { unit: 9, read: "mode" },
    { unit: 1, read: "mode", value: 1 },
    { unit: 1, write: "mode" },
    { unit: 1, write: "mode", value: 1, address: 4 },
    { unit: 1, write: "mode", value: 70000 },
    { unit: 1, write: "mode", value: "cool" },
    { unit: 1, write: "door", value: true },
    { unit: 1, read: { address: 0, quantity: 1 } },
    { unit: 1, function: 3 },
    { unit: 1, function: 3, address: 0, value: 1 },
    { unit: 1, function: 3, address: 0, quantity: 126 },
    { unit: 1, function: 3, address: 65535, quantity: 2 },
    { unit: 1, function: 5, address: 0, value: 2 },
    { unit: 1, function: 6, address: 0 },
    { unit: 1, function: 6, address: 0, value: 65536 },
    { unit: 1, function: 6, address: 0, value: true },
    { unit: 1, function: 6, address: 0, values: [1, 2] },
    { unit: 1, function: 16, address: 0, value: 1, values: [1] },
    { unit: 1, function: 16, address: 0, quantity: 3, values: [1] },
    { unit: 1, function: 22, address: 0, and: 1 },
    { unit: 1, function: 23, read: "mode", write: "mode" },
    { unit: 1, function: 20 },
    { unit: 1, function: 21 },
    { unit: 1, function: 8 },
    { unit: 1, function: 43 },
    { unit: 1, function: 65, address: 1 },
  ])("refuses %o, which is no request", (asked) => {
    expect(() => ask(asked)).toThrow(AskedError);
    expect(() => ask(asked)).toThrow(expect.objectContaining({ code: "ERR_POLICY_QUESTION" }));
  });

  it("wants the device where a unit means several, and a site where there is none", () => {
    const twins = [...devices, { id: "twin", unit: 1, profile: boiler }];
    expect(() => questionFor({ as: null, unit: 1, function: 3, address: 0 }, twins)).toThrow(AskedError);
    expect(questionFor({ as: null, device: "twin", function: 3, address: 0 }, twins).device).toBe("twin");
    expect(() => questionFor({ as: null, device: "twin", function: 3, address: 0 }, [])).toThrow(AskedError);
  });
});
