import { describe, expect, it } from "vitest";
import { type AskedText, type Question, questionFor } from "../index.ts";
import { rules } from "../testing/ask.ts";
import { type KnownPlant, momentOf } from "../testing/moment.ts";
import { devices, policyOf } from "../testing/site.ts";

type Asked = Omit<AskedText, "as">;

const permit = (rest: string): string => `{ id: a, permit: { roles: "*" }, devices: [boiler], ${rest} }`;

/** What stands in `failed` of a refusal by one rule. */
function failed(rule: string, asked: Asked): string | undefined {
  return rules(rule)({ as: "Operator", device: "boiler", ...asked }).failed;
}

describe("what failed is said with what the file wants and what came", () => {
  const listener = "modbus+tls://0.0.0.0:802";
  const other = "modbus+tcp://127.0.0.1:1502";
  const mode = { write: "mode", value: 1 } as const;
  const locked = (condition: string): string =>
    permit(`allow: [{ write: mode }], when: { interlock: { ${condition}, maxAgeMs: 2000 } }`);

  it.each<readonly [rule: string, asked: Asked, wanted: string]>([
    [
      permit(`allow: [{ read: mode }], when: { listeners: ["${listener}", "${other}"] }`),
      { read: "mode", listener: "modbus+tls://0.0.0.0:803" },
      `listeners ${listener}, ${other}, got modbus+tls://0.0.0.0:803`,
    ],
    [
      permit(`allow: [{ read: mode }], when: { listeners: ["${listener}"] }`),
      { read: "mode" },
      `listeners ${listener}, got none`,
    ],
    [
      permit(`allow: [{ read: mode }], when: { listeners: ["${listener}"], transports: [tls] }`),
      { read: "mode", transport: "tcp" },
      "transports tls, got tcp",
    ],
    [permit("allow: [{ write: mode }]"), { ...mode, transport: "tcp" }, "transports tls, got tcp"],
    [
      permit(`allow: [{ read: mode }], when: { hours: [Mon-Fri 06:00-22:00, Sat 08:00-12:00], tz: Europe/Berlin }`),
      { read: "mode", at: "2026-11-21T18:05:00Z" },
      "hours Mon-Fri 06:00-22:00, Sat 08:00-12:00 (Europe/Berlin), got Sat 19:05",
    ],
    [
      permit("allow: [{ read: mode }], when: { hours: Mon-Fri 06:00-22:00, tz: Europe/Berlin }"),
      { read: "mode" },
      "hours Mon-Fri 06:00-22:00 (Europe/Berlin), got no time",
    ],
    [permit("allow: [{ write: mode }], approval: { people: 2, ttl: 15m }"), mode, "approval by 2 people, got none"],
    [permit("allow: [{ write: mode }], approval: { people: 1, ttl: 15m }"), mode, "approval by 1 person, got none"],
    [locked("point: door, equals: 1"), { ...mode, known: { door: false } }, "door equals 1, got false"],
    [
      locked("point: temperature, min: 5, max: 60.5"),
      { ...mode, known: { temperature: 61 } },
      "temperature min 5 max 60.5, got 61",
    ],
    [locked("point: flags, values: [1, 2]"), { ...mode, known: { flags: 4 } }, "flags values 1, 2, got 4"],
    [locked("point: flags, not: 4"), { ...mode, known: { flags: 4 } }, "flags not 4, got 4"],
    [locked("point: door, equals: 1"), mode, "door equals 1, what stands there is not known"],
    [
      locked("point: door, equals: 1"),
      { ...mode, known: { door: { value: true, ageMs: 2060 } } },
      "door equals 1, what is known is 2.1 s old, at most 2 s is wanted",
    ],
    [
      permit(
        "allow: [{ write: mode }], when: { interlock: [{ point: door, equals: 1, maxAgeMs: 9 }, { point: flags, equals: 1, maxAgeMs: 9 }] }",
      ),
      { ...mode, known: { door: true, flags: 3 } },
      "flags equals 1, got 3",
    ],
    [permit("allow: [{ write: mode, values: [0, 2] }]"), mode, "values 0, 2, got 1"],
    [
      permit("allow: [{ write: target, values: [10, 20.5] }]"),
      { write: "target", value: 30.1 },
      "values 10, 20.5, got 30.1",
    ],
    [permit("allow: [{ functions: [6], min: 5 }]"), { function: 6, address: 30, value: 4 }, "min 5, got 4"],
    [permit("allow: [{ write: flags, mask: 0x0003 }]"), { write: "flags", value: 5 }, "mask 0x0003, got 0x0005"],
    [
      permit("allow: [{ functions: [16], mask: 0x0003 }]"),
      { function: 16, address: 30, values: [3, 1029] },
      "mask 0x0003, got 0x0405",
    ],
    [
      permit("allow: [{ write: flags, mask: 3 }]"),
      { function: 22, address: 18, and: 0xff0c, or: 0 },
      "mask 0x0003, got bits 0x00f3",
    ],
    [
      permit("allow: [{ functions: [22], max: 3 }]"),
      { function: 22, address: 30, and: 0xfffe, or: 0 },
      "no mask, got function 22 under a limit of values",
    ],
  ])("%s", (rule, asked, wanted) => {
    expect(failed(rule, asked)).toBe(wanted);
  });

  it("in the units of the point, or raw where there is none", () => {
    const target = permit("allow: [{ write: target, maxStep: 10 }]");
    const raw = permit("allow: [{ functions: [6, 22], maxStep: 10, maxAgeMs: 1000 }]");
    expect([
      failed(target, { write: "target", value: 60.5, known: { target: 40 } }),
      failed(target, { write: "target", value: 60.5 }),
      failed(target, { write: "target", value: 60.5, known: { target: { value: 40, ageMs: 5000 } } }),
      failed(target, { write: "target", value: 60.5, known: { target: { value: 60.5, ageMs: 900_000 } } }),
      failed(raw, { function: 6, address: 30, value: 9, known: { "holding 30": 20 } }),
      failed(raw, { function: 22, address: 30, and: 0, or: 31, known: { "holding 30": 20 } }),
    ]).toEqual([
      "maxStep 10, got 60.5 after 40",
      "maxStep 10, the last value is not known",
      "maxStep 10, got 60.5 after 40",
      "maxStep 10, the last value is 900 s old",
      "maxStep 10, got 9 after 20",
      "maxStep 10, got 31 after 20",
    ]);
  });
});

describe("what failed at a moment", () => {
  const text = (rule: string, change: Partial<Question>, parts: Partial<KnownPlant>): string | undefined => {
    const { policy } = policyOf(`policy: 1\nroles: [Operator]\nrules:\n  - ${rule}\n`);
    const question = questionFor({ as: "Operator", device: "boiler", write: "target", value: 45 }, devices);
    return policy.decide({ ...question, ...change, moment: momentOf({ registers: {}, ...parts }) }).failed;
  };
  const slew = permit("allow: [{ write: target, maxStep: 10, perSeconds: 60 }]");
  const at = "boiler holding 1";
  const registers = { [at]: { value: 400, ageMs: 0 } };

  it("is what a point was within the time", () => {
    expect(text(slew, {}, { registers, extremes: { [at]: { least: 349, most: 405 } } })).toBe(
      "maxStep 10 in 60 s, got 45 after 34.9 to 40.5",
    );
  });

  it("is a rate as requests a second", () => {
    const few = permit("allow: [{ write: target }], rate: { requests: 5, perSeconds: 3, burst: 10 }");
    expect(text(few, {}, { empty: ["a"] })).toBe("1.67 requests a second with a burst of 10, got more");
    const many = permit("allow: [{ write: target }], rate: { requests: 999, perSeconds: 1 }");
    expect(text(many, {}, { empty: ["a"] })).toBe("999 requests a second with a burst of 999, got more");
  });

  it("is no value where the request has none, or not all of it", () => {
    const access = { device: "boiler", unit: 1, table: "holding", address: 8, quantity: 4, write: true } as const;
    const short = { functionCode: 16, accesses: [{ ...access, values: [1, 2, 3] }] };
    expect(text(permit("allow: [{ write: energy, max: 5 }]"), short, {})).toBe("max 5, got no value");
    const bare = { functionCode: 16, accesses: [{ ...access, address: 18, quantity: 1 }] };
    expect(text(permit("allow: [{ write: flags, mask: 3 }]"), bare, {})).toBe("mask 0x0003, got no value");
    const known = { "boiler holding 18": { value: 400, ageMs: 0 } };
    expect(text(permit("allow: [{ write: flags, maxStep: 3 }]"), bare, { registers: known })).toBe(
      "maxStep 3, got no value",
    );
  });
});

describe("a forbid whose interlock is not known", () => {
  const decide = rules(
    permit("allow: [{ write: mode }]"),
    `{ id: f, forbid: { roles: "*" }, deny: [{ write: mode }], when: { interlock: [{ point: boiler.door, equals: 1, maxAgeMs: 9 }, { point: boiler.flags, equals: 1, maxAgeMs: 9 }] } }`,
  );
  const asked = (known: NonNullable<AskedText["known"]>): string | undefined =>
    decide({ as: "Operator", device: "boiler", write: "mode", value: 1, known }).failed;

  it("says what is not known, and nothing where all is", () => {
    expect(asked({ door: true })).toBe("boiler.flags: what stands there is not known");
    expect(asked({ door: true, flags: 1 })).toBeUndefined();
  });
});
