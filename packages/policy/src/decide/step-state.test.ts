import type { Explanation } from "@modwarden/access";
import { describe, expect, it } from "vitest";
import { type AskedText, type Question, questionFor } from "../index.ts";
import { outcome, rules } from "../testing/ask.ts";
import { type KnownPlant, momentOf } from "../testing/moment.ts";
import { devices, policyOf } from "../testing/site.ts";

const permit = (rest: string): string => `{ id: a, permit: { roles: "*" }, ${rest} }`;
const decided = (rule: string, asked: Omit<AskedText, "as">): Explanation =>
  rules(rule)({ as: "Operator", device: "boiler", ...asked });

describe("the last value", () => {
  it("may be as old as is said, and as fresh as can be", () => {
    const now = permit("allow: [{ write: target, maxStep: 10, maxAgeMs: 0 }]");
    expect(outcome(decided(now, { write: "target", value: 45, known: { target: 40 } }))).toBe("permit");
  });

  it("is not known where no device of the site is asked", () => {
    const { policy } = policyOf(
      `policy: 1\nroles: [A]\nrules:\n  - ${permit("allow: [{ functions: [6], maxStep: 5 }]")}\n`,
    );
    const question = questionFor({ as: "A", unit: 9, function: 6, address: 30, value: 1 }, devices);
    const moment = momentOf({ registers: { "null holding 30": { value: 1, ageMs: 0 } } });
    expect(outcome(policy.decide({ ...question, moment }))).toBe("step");
  });

  it("is no value where what stands there is no number of the point", () => {
    const digits = permit("devices: [boiler], allow: [{ write: digits, maxStep: 10 }]");
    const asked = { write: "digits", value: 5 };
    expect(outcome(decided(digits, { ...asked, known: { "holding 26": 0x0003 } }))).toBe("permit");
    expect(outcome(decided(digits, { ...asked, known: { "holding 26": 0xaaaa } }))).toBe("step");
  });

  it("of a coil or a switch is 0 or 1", () => {
    const lamp = permit("devices: [boiler], allow: [{ write: lamp, maxStep: 1 }, { write: enabled, maxStep: 1 }]");
    expect(outcome(decided(lamp, { write: "lamp", value: true, known: { lamp: false } }))).toBe("permit");
    expect(outcome(decided(lamp, { write: "enabled", value: true, known: { enabled: false } }))).toBe("permit");
  });
});

describe("what function 22 leaves", () => {
  const flags = permit("devices: [boiler], allow: [{ write: flags, maxStep: 2 }]");
  const mask = { function: 22, address: 18, known: { flags: 4 } } as const;

  it("has only the bits that its AND mask clears from its OR mask", () => {
    expect(outcome(decided(flags, { ...mask, and: 0xfffd, or: 0xffff }))).toBe("permit");
    expect(decided(flags, { ...mask, and: 0xff00, or: 0xff0f }).failed).toBe("maxStep 2, got 15 after 4");
    expect(decided(flags, { ...mask, and: 0, or: 0xffff }).failed).toBe("maxStep 2, got 65535 after 4");
  });
});

describe("what a point was within a time", () => {
  const at = "boiler holding 1";
  const outcomeOf = (entry: string, plant: KnownPlant, change: Partial<Question> = {}): string => {
    const { policy } = policyOf(
      `policy: 1\nroles: [A]\nrules:\n  - ${permit(`devices: [boiler], allow: [{ write: target, ${entry} }]`)}\n`,
    );
    const question = questionFor({ as: "A", device: "boiler", write: "target", value: 45 }, devices);
    return outcome(policy.decide({ ...question, ...change, moment: momentOf(plant) }));
  };
  const registers = { [at]: { value: 400, ageMs: 0 } };

  it("matters only where the rule says how long", () => {
    const extremes = { [at]: { least: 0, most: 400 } };
    expect(outcomeOf("maxStep: 10", { registers, extremes })).toBe("permit");
    expect(outcomeOf("maxStep: 10, perSeconds: 5", { registers, extremes })).toBe("slew");
    expect(outcomeOf("maxStep: 10, perSeconds: 5", { registers })).toBe("permit");
  });
});
