import type { Access } from "@modwarden/access";
import { describe, expect, it } from "vitest";
import { type Policy, type Question, questionFor, readPolicy } from "../index.ts";
import { resolveRules } from "../rules/resolve.ts";
import { Scopes } from "../rules/scope.ts";
import { Slots } from "../rules/side.ts";
import { SubjectClasses } from "../rules/subject-class.ts";
import { outcome } from "../testing/ask.ts";
import { momentOf } from "../testing/moment.ts";
import { devices, policyOf } from "../testing/site.ts";
import { Decider } from "./decide.ts";
import { Explainer } from "./explain.ts";

const policy = (...lines: readonly string[]): Policy =>
  policyOf(`policy: 1\nroles: [Viewer, Operator]\nrules:\n${lines.map((line) => `  - ${line}\n`).join("")}`).policy;
const read = (change: Partial<Question> = {}): Question => ({
  ...questionFor({ as: "Operator", unit: 2, function: 3, address: 0 }, devices),
  ...change,
});
const write = (address: number, values: readonly number[], change: Partial<Question> = {}): Question => ({
  ...questionFor({ as: "Operator", unit: 2, function: 16, address, values }, devices),
  ...change,
});

describe("a question of a unit that there is not", () => {
  const { decide, needs } = policy(`{ id: a, permit: { roles: "*" }, allow: [{ functions: [3] }] }`);

  it.each([-1, 256, 1.5, Number.NaN])("is refused: %s", (unit) => {
    expect(outcome(decide(read({ unit: 255, device: null })))).toBe("permit");
    expect(outcome(decide(read({ unit, device: null })))).toBe("no-permit");
    expect(needs(read({ unit, device: null }))).toEqual([]);
  });

  it("needs nothing, as one that no rule is about", () => {
    expect(needs(read({ functionCode: 4 }))).toEqual([]);
  });
});

it("permits nothing to one more class of subjects than there is room for, also what all may do", () => {
  const rules = resolveRules(
    readPolicy(
      `policy: 1
roles: [A]
rules:
  - { id: all, permit: { roles: [A] }, allow: [{ functions: [3] }] }
  - { id: one, forbid: { ids: [one] }, deny: [{ functions: [6] }] }
  - { id: two, forbid: { ids: [two] }, deny: [{ functions: [3] }] }
`,
      "policy.yaml",
    ),
    devices,
  );
  const outcomes = (maxClasses: number): readonly string[] => {
    const classes = new SubjectClasses(rules, maxClasses);
    const scopes = new Scopes(rules, devices, ["A"], { classes, slots: new Slots() });
    const explainer = new Explainer("hash", "enforce", rules, devices);
    const decider = new Decider({ scopes, classes, roles: ["A"], explainer });
    return ["one", "two", "three"].map((subject) => outcome(decider.decide(read({ subject, role: "A" }))));
  };
  expect(outcomes(2)).toEqual(["permit", "forbid", "permit"]);
  expect(outcomes(1)).toEqual(["permit", "no-permit", "permit"]);
  expect(outcomes(0)).toEqual(["no-permit", "no-permit", "permit"]);
});

describe("who is asking", () => {
  it("is nobody where the registry does not know them, whatever role they carry", () => {
    const { decide } = policy(`{ id: f, forbid: { roles: [Operator] }, deny: [{ functions: [3] }] }`);
    expect(outcome(decide(read()))).toBe("forbid");
    expect(decide(read({ subject: null }))).toMatchObject({
      because: "unknown-subject",
      failed: "the subject is not in the registry",
    });
    expect(decide(read({ role: null }))).toMatchObject({ failed: "the subject has no role" });
  });

  it("is told apart by tags also where the role is none of the policy's", () => {
    const { decide } = policy(`{ id: f, forbid: { tags: [leaving] }, deny: [{ functions: [3] }] }`);
    const auditor = read({ role: "Auditor", subject: "one" });
    expect(outcome(decide(auditor))).toBe("no-permit");
    expect(outcome(decide({ ...auditor, subject: "two", tags: ["leaving"] }))).toBe("forbid");
    expect(outcome(decide(auditor))).toBe("no-permit");
  });
});

describe("an access that has no such elements", () => {
  it("is touched by no forbid, and permitted by nothing", () => {
    const { decide, needs } = policy(
      `{ id: p, permit: { roles: "*" }, allow: [{ functions: [3] }] }`,
      `{ id: f, forbid: { roles: "*" }, deny: [{ functions: [3], addresses: [0] }], when: { interlock: { point: boiler.door, equals: 1, maxAgeMs: 9 } } }`,
    );
    const before = read({ accesses: [{ ...read().accesses[0]!, address: -1, quantity: 2 }] });
    expect(outcome(decide(before))).toBe("no-permit");
    expect(needs(before)).toEqual([]);
    expect(needs(read())).toHaveLength(1);
  });
});

describe("what a permit uses", () => {
  it("is the one that spends nothing, whichever stands first", () => {
    const free = `{ id: free, permit: { roles: "*" }, allow: [{ functions: [16], max: 9 }] }`;
    const rate = `{ id: rate, permit: { roles: "*" }, allow: [{ functions: [16], max: 8 }], rate: { requests: 1, perSeconds: 1 } }`;
    const two = `{ id: two, permit: { roles: "*" }, allow: [{ functions: [16], max: 7 }], approval: { people: 1, ttl: 1m } }`;
    const moment = momentOf({ registers: {}, approved: ["two"] });
    for (const lines of [
      [free, rate, two],
      [two, rate, free],
      [rate, free, two],
    ]) {
      expect(policy(...lines).decide(write(0, [1], { moment }))).toMatchObject({ permit: true, rules: ["free"] });
    }
    expect(policy(rate, two).decide(write(0, [1], { moment })).rules).toEqual(["rate"]);
    expect(policy(two, rate).decide(write(0, [1], { moment })).rules).toEqual(["two"]);
  });

  it("names each rule once, in the order of use, and no rule of another question", () => {
    const { decide } = policy(
      `{ id: low, permit: { roles: "*" }, allow: [{ functions: [16], addresses: [0-9], max: 9 }] }`,
      `{ id: high, permit: { roles: "*" }, allow: [{ functions: [16], addresses: [10-19], max: 9 }] }`,
    );
    expect(decide(write(8, [1, 2, 3, 4])).rules).toEqual(["low", "high"]);
    expect(decide(write(10, [1, 2])).rules).toEqual(["high"]);
    expect(decide(write(0, [1, 2])).rules).toEqual(["low"]);
    expect(Object.isFrozen(decide(write(8, [1, 2, 3])))).toBe(true);
    expect(decide(write(0, [1]))).toBe(decide(write(1, [1])));
  });
});

describe("screening", () => {
  const open = `{ id: open, forbid: { roles: "*" }, deny: [{ functions: [16] }], when: { interlock: { point: boiler.door, equals: 1, maxAgeMs: 9 } } }`;

  it("settles a refusal in shadow mode, whatever the moment", () => {
    const { policy: tried } = policyOf(`policy: 1\nmode: shadow\nroles: [Operator]\nrules:\n  - ${open}\n`);
    expect(tried.screen(write(0, [1]))).toMatchObject({
      permit: true,
      shadow: { permit: false, because: "no-permit" },
    });
  });

  it("leaves to the moment only what depends on it", () => {
    const { screen } = policy(
      `{ id: a, permit: { roles: "*" }, allow: [{ functions: [16], addresses: [0-9], max: 9 }] }`,
      `{ id: b, permit: { roles: "*" }, allow: [{ functions: [16], addresses: [5-19], maxStep: 3 }] }`,
    );
    expect(screen(write(4, [1]))?.permit).toBe(true);
    expect(screen(write(5, [1]))?.permit).toBe(true);
    expect(screen(write(5, [10]))).toBeUndefined();
    expect(screen(write(4, [10]))?.because).toBe("max");
    expect(screen(write(9, [1, 1]))).toBeUndefined();
    expect(screen(write(4, [1]))?.permit).toBe(true);
  });
});

describe("the element that is named", () => {
  const named = (access: Partial<Access>, functionCode = 6): unknown => {
    const { decide } = policy(`{ id: a, permit: { roles: "*" }, allow: [{ functions: [6, 16], max: 9 }] }`);
    const whole = { device: "boiler", unit: 1, table: "holding", address: 30, quantity: 1, write: true } as const;
    const question = { ...write(0, [1]), unit: 1, device: "boiler", functionCode };
    return decide({ ...question, accesses: [{ ...whole, ...access }] }).firstUncovered;
  };

  it("has the name of its point where it has one", () => {
    expect(named({ address: 18, values: [10] })).toEqual({ table: "holding", address: 18, point: "flags" });
    expect(Object.keys(named({ values: [10] }) as object)).toEqual(["table", "address"]);
    expect(named({ address: 29, quantity: 3, values: [9, 10, 9] }, 16)).toEqual({ table: "holding", address: 30 });
  });
});

describe("an explanation has no key for what there is not", () => {
  it("of an element, a failure, a reason", () => {
    const { decide } = policy(`{ id: a, permit: { roles: "*" }, allow: [{ functions: [3] }] }`);
    expect(Object.keys(decide(read({ accesses: [] })))).toEqual(["permit", "rules", "because", "policy"]);
    expect(Object.keys(decide(write(0, [1])))).toEqual(["permit", "rules", "firstUncovered", "because", "policy"]);
    expect(decide(read({ role: null, accesses: [] })).because).toBe("no-permit");
  });
});
