import type { Access } from "@modwarden/access";
import { describe, expect, it } from "vitest";
import { type Policy, type Question, questionFor } from "../index.ts";
import { outcome } from "../testing/ask.ts";
import { momentOf } from "../testing/moment.ts";
import { devices, policyOf } from "../testing/site.ts";

const policy = (rule: string): Policy =>
  policyOf(`policy: 1\nroles: [A]\nrules:\n  - { id: a, permit: { roles: [A] }, ${rule} }\n`).policy;
const read: Question = questionFor({ as: "A", unit: 2, function: 3, address: 5 }, devices);

/** What is decided of function `code` with one access. */
const decided = (rule: string, code: number, change: Partial<Access>, more: Partial<Question> = {}): string => {
  const [access] = read.accesses;
  return outcome(policy(rule).decide({ ...read, functionCode: code, accesses: [{ ...access!, ...change }], ...more }));
};
const bare = { table: null, address: 0, quantity: 0 } as const;

describe("an entry of functions", () => {
  it("covers with addresses only what has some", () => {
    const rule = "allow: [{ functions: [3, 4, 20, 24, 43/14], addresses: [0-9] }]";
    expect(decided(rule, 3, {})).toBe("permit");
    expect(decided(rule, 4, { table: "input" })).toBe("permit");
    expect(decided(rule, 24, { table: null })).toBe("permit");
    expect(decided(rule, 24, { table: null, address: 10 })).toBe("no-permit");
    expect(decided(rule, 20, { table: null, file: 4 })).toBe("no-permit");
    expect(decided(rule, 43, bare, { subfunction: 14 })).toBe("no-permit");
  });

  it("covers with files only what has some", () => {
    const rule = "allow: [{ functions: [3, 20, 24, 43/14], files: [4] }]";
    expect(decided(rule, 20, { table: null, file: 4 })).toBe("permit");
    expect(decided(rule, 20, { table: null, file: 5 })).toBe("no-permit");
    expect(decided(rule, 3, {})).toBe("no-permit");
    expect(decided(rule, 24, { table: null })).toBe("no-permit");
    expect(decided(rule, 43, bare, { subfunction: 14 })).toBe("no-permit");
  });

  it("covers with a table only what reaches it", () => {
    const rule = "allow: [{ functions: [3, 4, 43/14], table: input }]";
    expect(decided(rule, 4, { table: "input" })).toBe("permit");
    expect(decided(rule, 3, {})).toBe("no-permit");
    expect(decided(rule, 43, bare, { subfunction: 14 })).toBe("no-permit");
  });

  it("covers without any every element of its functions, and nothing that they do not have", () => {
    const rule = "allow: [{ functions: [3, 20, 24, 43/14] }]";
    expect(decided(rule, 3, { address: 65_535 })).toBe("permit");
    expect(decided(rule, 20, { table: null, file: 65_535, address: 9_999 })).toBe("permit");
    expect(decided(rule, 24, { table: null, address: 65_535 })).toBe("permit");
    expect(decided(rule, 43, bare, { subfunction: 14 })).toBe("permit");
    expect(decided(rule, 43, bare, { subfunction: 13 })).toBe("no-permit");
    expect(decided(rule, 3, bare)).toBe("no-permit");
    expect(decided(rule, 4, { table: "input" })).toBe("no-permit");
  });
});

describe("a rule with every condition there is", () => {
  const url = "modbus+tls://0.0.0.0:802";
  const { decide } = policy(
    "devices: [boiler], allow: [{ write: target, max: 80 }], rate: { requests: 1, perSeconds: 1 }, approval: { people: 1, ttl: 1m }, " +
      `when: { sources: [10.0.0.1], listeners: ["${url}"], hours: 00:00-12:00, tz: UTC, interlock: { point: door, equals: 0, maxAgeMs: 9 } }`,
  );
  const sound: Question = {
    ...questionFor({ as: "A", device: "boiler", write: "target", value: 80, at: "2026-11-16T09:00:00Z" }, devices),
    ...{ source: "10.0.0.1", listener: url },
    moment: momentOf({ registers: { "boiler discrete 0": { value: 0, ageMs: 0 } }, approved: ["a"] }),
  };

  it("permits when all of them hold, and not when one does not", () => {
    expect(outcome(decide(sound))).toBe("permit");
    expect(
      [
        { source: "10.0.0.2" },
        { listener: "elsewhere" },
        { atMs: Date.parse("2026-11-16T13:00:00Z") },
        { accesses: [{ ...sound.accesses[0]!, values: [801] }] },
        { moment: momentOf({ registers: {}, approved: ["a"] }) },
        { moment: momentOf({ registers: { "boiler discrete 0": { value: 0, ageMs: 0 } } }) },
        {
          moment: momentOf({
            registers: { "boiler discrete 0": { value: 0, ageMs: 0 } },
            ...{ approved: ["a"], empty: ["a"] },
          }),
        },
      ].map((change: Partial<Question>) => outcome(decide({ ...sound, ...change }))),
    ).toEqual(["source", "transport", "time", "max", "interlock", "approval", "rate"]);
  });
});
