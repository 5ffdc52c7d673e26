import { describe, expect, it } from "vitest";
import { type AskedText, questionFor } from "../index.ts";
import { outcome, rules } from "../testing/ask.ts";
import { momentOf } from "../testing/moment.ts";
import { devices, policyOf } from "../testing/site.ts";

/** Whether writing `mode` is permitted while an interlock says `condition` and this is known. */
function holds(condition: string, known: NonNullable<AskedText["known"]>, maxAgeMs = 10): boolean {
  const decide = rules(
    `{ id: a, permit: { roles: "*" }, devices: [boiler], allow: [{ write: mode }], when: { interlock: { ${condition}, maxAgeMs: ${maxAgeMs} } } }`,
  );
  const decided = outcome(decide({ as: "Operator", device: "boiler", write: "mode", value: 1, known }));
  expect(["permit", "interlock"]).toContain(decided);
  return decided === "permit";
}

const energy = (...words: readonly number[]): NonNullable<AskedText["known"]> =>
  Object.fromEntries(words.map((word, index) => [`holding ${8 + index}`, word]));

describe("an interlock", () => {
  it.each<readonly [condition: string, known: NonNullable<AskedText["known"]>, wanted: boolean]>([
    ["point: flags, equals: 2", { flags: 2 }, true],
    ["point: flags, equals: 2", { flags: 3 }, false],
    ["point: flags, not: 2", { flags: 2 }, false],
    ["point: flags, not: 2", { flags: 3 }, true],
    ["point: flags, min: 2", { flags: 2 }, true],
    ["point: flags, min: 2", { flags: 1 }, false],
    ["point: flags, max: 2", { flags: 2 }, true],
    ["point: flags, max: 2", { flags: 3 }, false],
    ["point: flags, values: [2, 4]", { flags: 4 }, true],
    ["point: flags, values: [2, 4]", { flags: 3 }, false],
    ["point: flags, min: 2, max: 4, not: 3", { flags: 3 }, false],
    ["point: flags, min: 2, max: 4, not: 3", { flags: 4 }, true],
    // A register is true whatever stands in it but 0.
    ["point: door, equals: true", { door: true }, true],
    ["point: door, equals: 1", { door: true }, true],
    ["point: door, equals: 1", { door: false }, false],
    ["point: door, equals: false", { door: false }, true],
    ["point: temperature, equals: 20.5", { temperature: 20.5 }, true],
    // Bits are those of the raw value, whatever the scale, the sign and the width.
    ["point: offset.15, equals: 1", { offset: -0.5 }, true],
    ["point: offset.15, equals: 1", { offset: 100 }, false],
    ["point: target.0, equals: 1", { target: 0.1 }, true],
    ["point: target.0, equals: 0", { target: 0.2 }, true],
    ["point: counter.16, equals: 1", { counter: 0x1_0000 }, true],
    ["point: counter.16, equals: 1", { counter: 0x2_0000 }, false],
    ["point: energy.40, equals: 1", energy(0, 0x0100, 0, 0), true],
    ["point: energy.40, equals: 1", energy(0, 0x0200, 0, 0), false],
    ["point: energy.63, equals: 1", energy(0x8000, 0, 0, 0), true],
    // 2^53 and 2^53 + 1 are one number, and two values.
    ["point: energy, equals: 9007199254740992", energy(0x20, 0, 0, 0), true],
    ["point: energy, equals: 9007199254740992", energy(0x20, 0, 0, 1), false],
    ["point: energy, equals: 5", energy(0, 0, 0, 5), true],
    ["point: energy, equals: 5.5", energy(0, 0, 0, 5), false],
    ["point: energy, max: 5.5", energy(0, 0, 0, 5), true],
    ["point: energy, equals: 5", energy(0, 0, 0), false],
  ])("%s, of %j: %s", (condition, known, wanted) => {
    expect(holds(condition, known)).toBe(wanted);
  });

  it("wants what is known to be no older than it says", () => {
    const flags = (ageMs: number) => ({ flags: { value: 2, ageMs } });
    const condition = "point: flags, equals: 2";
    expect([holds(condition, flags(10)), holds(condition, flags(11)), holds(condition, flags(0), 0)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("is as old as the oldest register of its point", () => {
    const [old, young] = [
      { value: 0, ageMs: 11 },
      { value: 0, ageMs: 1 },
    ];
    const condition = "point: counter, equals: 0";
    expect(holds(condition, { "holding 4": young, "holding 5": young })).toBe(true);
    expect(holds(condition, { "holding 4": old, "holding 5": young })).toBe(false);
    expect(holds(condition, { "holding 4": young, "holding 5": old })).toBe(false);
  });

  it("is not known where no device of the site is asked, or nothing is known at all", () => {
    const { policy } = policyOf(
      `policy: 1\nroles: [A]\nrules:\n  - { id: a, permit: { roles: "*" }, units: [1], allow: [{ functions: [6] }], when: { interlock: { point: door, equals: 0, maxAgeMs: 9 } } }\n`,
    );
    const question = questionFor({ as: "A", unit: 1, function: 6, address: 30, value: 1 }, devices);
    const shut = momentOf({ registers: { "boiler discrete 0": { value: 0, ageMs: 0 } } });
    expect(outcome(policy.decide({ ...question, moment: shut }))).toBe("permit");
    expect(policy.decide({ ...question, device: null, moment: shut })).toMatchObject({
      because: "interlock",
      failed: "door equals 0, what stands there is not known",
    });
    expect(policy.needs({ ...question, device: null })).toEqual([]);
    const { moment: _moment, ...momentless } = question;
    expect(outcome(policy.decide(momentless))).toBe("interlock");
  });
});
