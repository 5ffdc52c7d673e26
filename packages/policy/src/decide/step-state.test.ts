import type { Explanation } from "@modwarden/access";
import { describe, expect, it } from "vitest";
import { type AskedText, type Moment, type Question, questionFor } from "../index.ts";
import type { StepLimit } from "../rules/step.ts";
import { outcome, rules } from "../testing/ask.ts";
import { type KnownPlant, momentOf } from "../testing/moment.ts";
import { boiler, devices, policyOf } from "../testing/site.ts";
import { extremesOf, lastValue, rawOf, writtenValue } from "./step-state.ts";

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

describe("a value of which a part is missing", () => {
  const access = { device: "boiler", unit: 1, table: "holding", address: 4, quantity: 2, write: true } as const;
  const counter = { point: boiler.point("counter")!, stated: {} };
  const names = ["boiler holding", "null holding", "boiler null"];
  const moment = momentOf({
    registers: Object.fromEntries(
      names.flatMap((name) => [
        [`${name} 4`, { value: 1, ageMs: 3 }],
        [`${name} 5`, { value: 2, ageMs: 8 }],
      ]),
    ),
    extremes: Object.fromEntries(names.map((name) => [`${name} 4`, { least: 0, most: 9 }])),
  });
  const last = (change: object, at: Moment | undefined = moment): unknown =>
    lastValue(counter, { ...access, ...change }, 4, at);
  const step = { allowed: 1, maxAgeMs: 9, withinMs: 7 };

  it("is none", () => {
    expect(last({})).toEqual({ raw: 0x0002_0001, registers: Uint16Array.of(1, 2), ageMs: 8 });
    expect(lastValue(counter, access, 4, undefined)).toBeUndefined();
    expect([last({ device: null }), last({ table: null })]).toEqual([undefined, undefined]);
    const extremes = (change: object, limit: StepLimit = step): unknown =>
      extremesOf(counter, limit, { ...access, ...change }, 4, moment);
    const { withinMs: _withinMs, ...timeless } = step;
    expect([extremes({}), extremes({ device: null }), extremes({ table: null }), extremes({}, timeless)]).toEqual([
      ...[{ least: 0, most: 9 }, undefined, undefined, undefined],
    ]);
  });

  it("is none after function 22 but of one register, which is known", () => {
    const mask = { and: 0xfff0, or: 3 };
    const left = (...registers: readonly number[]): unknown =>
      writtenValue({ stated: {} }, { ...access, mask }, 4, {
        raw: 0,
        registers: Uint16Array.from(registers),
        ageMs: 0,
      });
    expect([left(0x1239), left(), left(1, 2), left(1, 2, 3)]).toEqual([0x1233, undefined, undefined, undefined]);
  });

  it("of a switch is what stands in its register", () => {
    const enabled = { point: boiler.point("enabled")!, stated: {} };
    expect([0, 1, 7].map((value) => rawOf(enabled, Uint16Array.of(value)))).toEqual([0, 1, 7]);
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
