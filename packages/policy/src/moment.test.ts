import type { Access } from "@modwarden/access";
import { DocumentError } from "@modwarden/document";
import { describe, expect, it } from "vitest";
import { type AskedText, compilePolicy, type Policy, type Question, questionFor, readPolicy } from "./index.ts";
import { outcome, rules } from "./testing/ask.ts";
import { type KnownPlant, momentOf } from "./testing/moment.ts";
import { devices, policyOf } from "./testing/site.ts";

/** Conditions on what is known of the plant, asked as `policy explain` asks. */
function asked(decide: ReturnType<typeof rules>, ...questions: readonly Omit<AskedText, "as">[]): readonly string[] {
  return questions.map((question) => outcome(decide({ as: "Operator", device: "boiler", ...question })));
}

const permit = (rest: string): string => `{ id: a, permit: { roles: [Operator] }, devices: [boiler], ${rest} }`;

describe("maxStep", () => {
  const decide = rules(permit("allow: [{ write: target, maxStep: 10 }]"));
  const from = (target: number | { value: number; ageMs: number }, value: number): Omit<AskedText, "as"> => ({
    write: "target",
    value,
    known: { target },
  });

  it("is from the last known value, both ways, inclusive", () => {
    expect(asked(decide, from(40, 50), from(40, 30), from(40, 40))).toEqual(["permit", "permit", "permit"]);
    expect(asked(decide, from(40, 50.1), from(40, 29.9))).toEqual(["step", "step"]);
  });

  it("refuses where that is not known, or too old", () => {
    expect(asked(decide, { write: "target", value: 40 })).toEqual(["step"]);
    expect(asked(decide, from({ value: 40, ageMs: 5000 }, 50), from({ value: 40, ageMs: 5001 }, 50))).toEqual([
      "permit",
      "step",
    ]);
    const fresh = rules(permit("allow: [{ write: target, maxStep: 10, maxAgeMs: 100 }]"));
    expect(asked(fresh, from({ value: 40, ageMs: 101 }, 50))).toEqual(["step"]);
  });

  it("lets pass what a person wrote, whatever the device rounds", () => {
    const percent = rules(permit("allow: [{ write: percent, maxStep: 10 }]"));
    for (let value = 0; value <= 390; value += 7.3) {
      expect(asked(percent, { write: "percent", value: value + 10, known: { percent: value } })).toEqual(["permit"]);
      expect(asked(percent, { write: "percent", value: value + 10.02, known: { percent: value } })).toEqual(["step"]);
    }
    const level = rules(permit("allow: [{ write: level, maxStep: 0.1 }]"));
    const known = { level: 40.1 };
    expect(asked(level, { write: "level", value: 40.2, known }, { write: "level", value: 40.21, known })).toEqual([
      "permit",
      "step",
    ]);
    const inverse = rules(permit("allow: [{ write: inverse, maxStep: 2 }]"));
    expect(
      asked(
        inverse,
        { write: "inverse", value: -2, known: { inverse: 0 } },
        { write: "inverse", value: -2.5, known: { inverse: 0 } },
      ),
    ).toEqual(["permit", "step"]);
  });

  it("is of finite numbers: an infinite value is no step away from anything, and nothing from it", () => {
    const level = rules(permit("allow: [{ write: level, maxStep: 10 }]"));
    const float = (value: number): readonly number[] => {
      const view = new DataView(new ArrayBuffer(4));
      view.setFloat32(0, value);
      return [view.getUint16(0), view.getUint16(2)];
    };
    const from = (before: number, after: number): Omit<AskedText, "as"> => {
      const [high = 0, low = 0] = float(before);
      return { function: 16, address: 6, values: float(after), known: { "holding 6": high, "holding 7": low } };
    };
    const infinite = Number.POSITIVE_INFINITY;
    expect(asked(level, from(40, 50), from(40, infinite), from(40, -infinite), from(40, Number.NaN))).toEqual([
      "permit",
      "step",
      "step",
      "step",
    ]);
    expect(asked(level, from(infinite, 40), from(infinite, infinite))).toEqual(["step", "step"]);
  });

  it("judges what function 22 leaves, where the register is known", () => {
    const flags = rules(permit("allow: [{ write: flags, maxStep: 2 }]"));
    const mask = { function: 22, address: 18, and: 0xfffd, or: 2 };
    expect(
      asked(flags, { ...mask, known: { flags: 4 } }, { ...mask, and: 0xfff0, or: 9, known: { flags: 4 } }),
    ).toEqual(["permit", "step"]);
    expect(asked(flags, mask)).toEqual(["step"]);
  });

  it("says what came after what", () => {
    const explanation = decide({ as: "Operator", device: "boiler", write: "target", value: 60, known: { target: 40 } });
    expect(explanation).toMatchObject({ because: "step", failed: "maxStep 10, got 60 after 40", rules: ["a"] });
  });
});

const write = (address: number, values: readonly number[], extra: Partial<Question> = {}): Question => ({
  ...questionFor({ as: "Operator", device: "boiler", function: 16, address, values }, devices),
  ...extra,
});
const plant = (parts: Partial<KnownPlant>): { readonly moment: ReturnType<typeof momentOf> } => ({
  moment: momentOf({ registers: {}, ...parts }),
});
const known = (value: number, ageMs = 0): { readonly value: number; readonly ageMs: number } => ({ value, ageMs });
const policy = (...lines: readonly string[]): Policy =>
  policyOf(`policy: 1\nroles: [Viewer, Operator]\nrules:\n${lines.map((line) => `  - ${line}\n`).join("")}`).policy;

describe("perSeconds", () => {
  const slew = policy(permit("allow: [{ write: target, maxStep: 10, perSeconds: 60 }]"));
  const at = "boiler holding 1";

  it("is from everything that the point was within that time", () => {
    const decide = (value: number, least: number, most: number): string =>
      outcome(
        slew.decide(write(1, [value], plant({ registers: { [at]: known(400) }, extremes: { [at]: { least, most } } }))),
      );
    expect([decide(450, 400, 400), decide(450, 350, 400), decide(450, 349, 400)]).toEqual(["permit", "permit", "slew"]);
    expect([decide(350, 400, 450), decide(350, 400, 451), decide(501, 400, 450)]).toEqual(["permit", "slew", "step"]);
  });

  it("names the points that have to be followed, and for how long", () => {
    const two = policy(
      permit("allow: [{ write: target, maxStep: 10, perSeconds: 60 }, { write: counter, maxStep: 5, perSeconds: 2 }]"),
      `{ id: b, permit: { roles: "*" }, units: [2], allow: [{ functions: [6], addresses: [7-8], maxStep: 1, perSeconds: 3 }] }`,
    );
    expect(two.watches.map(({ raw: _raw, ...watch }) => watch)).toEqual([
      { device: "boiler", table: "holding", address: 1, quantity: 1, withinMs: 60_000 },
      { device: "boiler", table: "holding", address: 4, quantity: 2, withinMs: 2_000 },
      { device: "plain", table: "holding", address: 7, quantity: 1, withinMs: 3_000 },
      { device: "plain", table: "holding", address: 8, quantity: 1, withinMs: 3_000 },
    ]);
    expect(two.watches[1]?.raw([1, 2])).toBe(0x0002_0001);
  });
});

describe("a register under perSeconds", () => {
  it("is named by its point where it is one: followed as two kinds of number it would be neither", () => {
    const twice = permit("allow: [{ functions: [6], addresses: [30, 2], maxStep: 5, perSeconds: 60 }]");
    expect(() => policy(twice)).toThrow(DocumentError);
    expect(policy(twice.replace(", 2]", "]")).watches).toHaveLength(1);
  });
});

describe("interlocks", () => {
  it("compare a float by the digits that it holds, forbids too", () => {
    const lock = (text: string): readonly string[] => {
      const decide = rules(
        `{ id: a, permit: { roles: [Operator] }, devices: [boiler], allow: [{ write: mode }] }`,
        `{ id: b, forbid: { roles: "*" }, deny: [{ write: mode }], when: { interlock: { point: boiler.level, ${text}, maxAgeMs: 9 } } }`,
      );
      return asked(
        decide,
        ...[0.3, 0.30001].map((level) => ({ write: "mode", value: 1, known: { level: { value: level, ageMs: 0 } } })),
      );
    };
    expect(lock("equals: 0.3")).toEqual(["forbid", "permit"]);
    expect(lock("not: 0.3")).toEqual(["permit", "forbid"]);
    expect(lock("values: [0.1, 0.3]")).toEqual(["forbid", "permit"]);
    expect(lock("max: 0.3")).toEqual(["forbid", "permit"]);
    expect(lock("min: 0.3")).toEqual(["forbid", "forbid"]);
  });

  const decide = rules(
    permit("allow: [{ write: mode }], when: { interlock: { point: boiler.flags.fan, equals: 0, maxAgeMs: 2000 } }"),
  );
  const mode = { write: "mode", value: 1 } as const;

  it("hold while the point says so and is fresh", () => {
    expect(asked(decide, { ...mode, known: { flags: 1 } }, { ...mode, known: { flags: 2 } }, mode)).toEqual([
      "permit",
      "interlock",
      "interlock",
    ]);
    expect(asked(decide, { ...mode, known: { flags: { value: 1, ageMs: 2001 } } })).toEqual(["interlock"]);
  });

  it("are about the device that is asked when they name none, all of them have to hold", () => {
    const both = rules(
      permit(
        "allow: [{ write: mode }], when: { interlock: [{ point: door, equals: false, maxAgeMs: 9 }, { point: temperature, min: 5, max: 60.5, maxAgeMs: 9 }] }",
      ),
    );
    const at = (door: boolean, temperature: number): Omit<AskedText, "as"> => ({
      ...mode,
      known: { door, temperature },
    });
    expect(asked(both, at(false, 60.5), at(false, 60.6), at(true, 20), at(false, 4.9))).toEqual([
      "permit",
      "interlock",
      "interlock",
      "interlock",
    ]);
  });

  it("of a forbid count unless they are known to be broken: unsure means no", () => {
    const guarded = rules(
      permit("allow: [{ write: mode }]"),
      `{ id: open, forbid: { roles: "*" }, deny: [{ write: mode }], when: { interlock: { point: boiler.door, equals: 1, maxAgeMs: 9 } } }`,
    );
    expect(asked(guarded, { ...mode, known: { door: false } }, { ...mode, known: { door: true } }, mode)).toEqual([
      "permit",
      "forbid",
      "forbid",
    ]);
  });
});

describe("rates and approvals", () => {
  const spending = policy(
    `{ id: free, permit: { roles: [Operator] }, allow: [{ functions: [16], addresses: [0-3] }] }`,
    `{ id: few, permit: { roles: [Operator] }, allow: [{ functions: [16], addresses: [0-9] }], rate: { requests: 5, perSeconds: 1, burst: 10 } }`,
    `{ id: two, permit: { roles: [Operator] }, allow: [{ functions: [16], addresses: [5-20] }], approval: { people: 2, ttl: 15m } }`,
    `{ id: counted, permit: { roles: [Operator] }, allow: [{ functions: [16], addresses: [30] }], rate: { requests: 5, perSeconds: 1 } }`,
    `{ id: bounded, permit: { roles: [Operator] }, allow: [{ functions: [16], addresses: [30], max: 100 }] }`,
  );

  it("are used only where nothing else permits", () => {
    const used = (address: number, empty: readonly string[] = [], approved: readonly string[] = ["two"]): unknown => {
      const asksPlain = questionFor({ as: "Operator", unit: 2, function: 16, address, values: [1] }, devices);
      const explanation = spending.decide({ ...asksPlain, ...plant({ empty, approved }) });
      return explanation.permit ? spending.uses(explanation) : explanation.because;
    };
    const rate = { rule: "few", burst: 10, perMs: 0.005 };
    expect([used(3), used(30)]).toEqual([undefined, undefined]);
    expect(used(4)).toEqual({ rates: [rate], approvals: [] });
    expect(used(4, ["few"])).toBe("rate");
    expect(used(6, ["few"])).toEqual({ rates: [], approvals: ["two"] });
    expect(used(15, [], [])).toBe("approval");
  });

  it("are not used by what only shadow mode lets pass", () => {
    const { policy: shadow } = policyOf(
      `policy: 1\nmode: shadow\nroles: [Operator]\nrules:\n  - ${permit("allow: [{ write: target, maxStep: 10 }], rate: { requests: 5, perSeconds: 1 }")}\n`,
    );
    const used = (value: number): unknown => {
      const known = plant({ registers: { "boiler holding 1": { value: 400, ageMs: 0 } } });
      return shadow.uses(shadow.decide(write(1, [value], known)));
    };
    expect(used(500)).toMatchObject({ rates: [{ rule: "a" }] });
    expect(used(501)).toBeUndefined();
  });

  it("say what people have to do", () => {
    expect([...spending.approvals]).toEqual([["two", { people: 2, ttlMs: 900_000, by: new Set(["Operator"]) }]]);
  });
});

describe("screening", () => {
  const screened = policy(
    permit("allow: [{ write: target, max: 80, maxStep: 10 }, { write: mode }]"),
    `{ id: reads, permit: { roles: "*" }, allow: [{ functions: [3] }] }`,
    `{ id: open, forbid: { roles: "*" }, deny: [{ write: mode }], when: { interlock: { point: boiler.door, equals: 1, maxAgeMs: 2000 } } }`,
  );

  it("settles what no moment can change, and leaves the rest", () => {
    expect(
      screened.screen(questionFor({ as: "Viewer", device: "boiler", function: 3, address: 0 }, devices))?.permit,
    ).toBe(true);
    expect(screened.screen(write(1, [801]))?.because).toBe("max");
    expect(screened.screen(write(2, [1]))?.because).toBe("no-permit");
    expect(screened.screen(write(1, [500]))).toBeUndefined();
    expect(screened.screen(write(0, [1]))).toBeUndefined();
    expect(screened.screen(write(1, [500, 0]))?.because).toBe("no-permit");
  });

  it("says what has to be known then, and how fresh", () => {
    const need = { device: "boiler", quantity: 1 };
    expect(screened.needs(write(1, [500]))).toEqual([{ ...need, table: "holding", address: 1, maxAgeMs: 5000 }]);
    expect(screened.needs(write(0, [1]))).toEqual([{ ...need, table: "discrete", address: 0, maxAgeMs: 2000 }]);
    expect(screened.needs(write(1, [801]))).toEqual([]);
  });

  it("asks for the scale of an interlock too, where that stands in a register", () => {
    const scaled = policy(
      permit("allow: [{ write: mode }], when: { interlock: { point: boiler.power, max: 100, maxAgeMs: 50 } }"),
    );
    const need = { device: "boiler", table: "holding", quantity: 1, maxAgeMs: 50 };
    expect(scaled.needs(write(0, [1]))).toEqual([
      { ...need, address: 21 },
      { ...need, address: 20 },
    ]);
  });
});

describe("rules in shadow mode", () => {
  const tried = policy(
    permit("allow: [{ write: mode }]"),
    `{ id: more, mode: shadow, permit: { roles: [Operator] }, allow: [{ write: target }] }`,
    `{ id: less, mode: shadow, forbid: { roles: "*" }, deny: [{ write: mode }] }`,
  );

  it("change nothing, and say what they would", () => {
    expect(tried.decide(write(0, [1]))).toEqual({
      ...{ permit: true, rules: ["a"], policy: tried.hash },
      shadow: { permit: false, because: "forbid", rules: ["less"] },
    });
    expect(tried.decide(write(1, [1]))).toMatchObject({
      ...{ permit: false, because: "no-permit" },
      shadow: { permit: true, rules: ["more"] },
    });
    expect(tried.decide(write(2, [1]))).not.toHaveProperty("shadow");
  });
});

describe("files and FIFOs", () => {
  const decide = policy(
    `{ id: a, permit: { roles: [Operator] }, allow: [{ functions: [20, 21], files: [4, 6-7], records: [0-9] }, { functions: [24], addresses: [100-109] }] }`,
    `{ id: b, permit: { roles: [Viewer] }, allow: [{ functions: [20], files: [9] }] }`,
  );
  const file = (access: Partial<Access>, role = "Operator"): string => {
    const unnamed = { device: "boiler", unit: 1, table: null, quantity: 1, address: 0, write: false };
    const functionCode = access.file === undefined ? 24 : 20;
    return outcome(decide.decide({ ...write(0, [1]), role, functionCode, accesses: [{ ...unnamed, ...access }] }));
  };

  it("are covered record by record", () => {
    expect(file({ file: 4, address: 8, quantity: 2 })).toBe("permit");
    expect(file({ file: 4, address: 9, quantity: 2 })).toBe("no-permit");
    expect([file({ file: 5 }), file({ file: 6 }), file({ file: 7, address: 9 })]).toEqual([
      "no-permit",
      "permit",
      "permit",
    ]);
    expect([file({ file: 9, address: 9999 }, "Viewer"), file({ file: 9 })]).toEqual(["permit", "no-permit"]);
    // Records beyond the last one would be those of the next file.
    expect(file({ file: 9, address: 9999, quantity: 2 }, "Viewer")).toBe("no-permit");
    expect(file({ file: 0 }, "Viewer")).toBe("no-permit");
    expect([file({ address: 109 }), file({ address: 110 })]).toEqual(["permit", "no-permit"]);
  });

  it("are asked about with records", () => {
    const [read, told] = [
      { as: "Operator", unit: 1, function: 20, records: [{ file: 4, record: 0, quantity: 3 }] },
      { as: "Operator", unit: 1, function: 21, records: [{ file: 8, record: 0, values: [1] }] },
    ].map((question) => decide.decide(questionFor(question, devices)));
    expect(read?.permit).toBe(true);
    expect(told).toMatchObject({ because: "no-permit", firstUncovered: { table: null, file: 8, address: 0 } });
  });
});

describe("places", () => {
  const text = `policy: 1
roles: [Operator]
rules:
  - { id: a, permit: { roles: "*" }, allow: [{ functions: [3] }], when: { gateways: [gw1], zones: [hall-2] } }
  - { id: b, forbid: { roles: "*" }, deny: [{ functions: [4] }], when: { sites: [north] } }
  - { id: c, permit: { roles: "*" }, allow: [{ functions: [4] }] }
`;
  const at = (location?: { site: string; gateway: string; zone?: string }): readonly string[] => {
    const { decide } = compilePolicy(readPolicy(text, "p.yaml"), devices, location === undefined ? {} : { location });
    return [3, 4].map((code) =>
      outcome(decide(questionFor({ as: "Operator", unit: 2, function: code, address: 0 }, devices))),
    );
  };

  it("decide which rules there are; an unknown place has every forbid and no permit of certain places", () => {
    expect(at({ site: "south", gateway: "gw1", zone: "hall-2" })).toEqual(["permit", "permit"]);
    expect(at({ site: "north", gateway: "gw1", zone: "hall-2" })).toEqual(["permit", "forbid"]);
    expect(at({ site: "south", gateway: "gw2", zone: "hall-2" })).toEqual(["no-permit", "permit"]);
    expect(at({ site: "south", gateway: "gw1" })).toEqual(["no-permit", "permit"]);
    expect(at()).toEqual(["no-permit", "forbid"]);
  });
});

describe("subjects", () => {
  const decide = rules(
    `{ id: a, permit: { ids: [hmi-2] }, allow: [{ functions: [3] }] }`,
    `{ id: b, permit: { roles: [Operator], tags: [hall-1, hall-2] }, allow: [{ functions: [4] }] }`,
    `{ id: c, permit: { kinds: [client] }, allow: [{ functions: [1] }] }`,
    `{ id: d, forbid: { tags: [leaving] }, deny: [{ functions: [3] }] }`,
  );
  const who = (traits: Omit<AskedText, "as">, as: string | null = "Operator"): readonly string[] =>
    [3, 4, 1].map((code) => outcome(decide({ as, unit: 2, function: code, address: 0, ...traits })));

  it("are told apart by id, tags and kind beside their role", () => {
    expect(who({})).toEqual(["no-permit", "no-permit", "no-permit"]);
    expect(who({ id: "hmi-2", kind: "client" })).toEqual(["permit", "no-permit", "permit"]);
    expect(who({ id: "hmi-2", tags: ["hall-2", "old"], kind: "gateway" })).toEqual(["permit", "permit", "no-permit"]);
    expect(who({ tags: ["hall-2"] }, "Viewer")).toEqual(["no-permit", "no-permit", "no-permit"]);
    expect(who({ id: "hmi-2", tags: ["leaving"] })).toEqual(["forbid", "no-permit", "no-permit"]);
    expect(who({}, null)).toEqual(["unknown-subject", "unknown-subject", "unknown-subject"]);
  });
});
