import { describe, expect, it } from "vitest";
import { type AskedText, type Need, type Policy, type Question, questionFor } from "../index.ts";
import { devices, policyOf } from "../testing/site.ts";

const policy = (...lines: readonly string[]): Policy =>
  policyOf(`policy: 1\nroles: [Operator]\nrules:\n${lines.map((line) => `  - ${line}\n`).join("")}`).policy;
const ask = (asked: Omit<AskedText, "as">): Question => questionFor({ as: "Operator", ...asked }, devices);
const need = (device: string, table: Need["table"], address: number, maxAgeMs: number, quantity = 1): Need => ({
  ...{ device, table, address, quantity, maxAgeMs },
});
const permit = (rest: string): string => `{ id: a, permit: { roles: "*" }, ${rest} }`;
const door = (maxAgeMs: number): string => `interlock: { point: boiler.door, equals: 0, maxAgeMs: ${maxAgeMs} }`;

describe("what has to be known", () => {
  it("is of every element that is written, and of no other", () => {
    const { needs } = policy(
      permit("units: [1-2], allow: [{ functions: [16], addresses: [30-31, 35], maxStep: 5, maxAgeMs: 7 }]"),
    );
    const at = (unit: number, address: number, count: number): readonly Need[] =>
      needs(ask({ unit, function: 16, address, values: Array.from({ length: count }, () => 0) }));
    expect(at(2, 30, 2)).toEqual([need("plain", "holding", 30, 7), need("plain", "holding", 31, 7)]);
    expect(at(2, 29, 7)).toEqual([30, 31, 35].map((address) => need("plain", "holding", address, 7)));
    expect(at(2, 31, 1)).toEqual([need("plain", "holding", 31, 7)]);
    expect(at(2, 35, 1)).toEqual([need("plain", "holding", 35, 7)]);
    expect(at(2, 34, 2)).toEqual([need("plain", "holding", 35, 7)]);
    expect(at(2, 32, 3)).toEqual([]);
  });

  it("is nothing of steps where no device of the site is asked", () => {
    const { needs } = policy(permit(`allow: [{ functions: [6], maxStep: 5 }], when: { ${door(9)} }`));
    const question = ask({ unit: 9, function: 6, address: 30, value: 1 });
    expect(question.device).toBeNull();
    expect(needs(question)).toEqual([need("boiler", "discrete", 0, 9)]);
  });

  it("is the whole point, once, as fresh as the strictest rule wants", () => {
    const [old, young] = [9000, 80].map(
      (ageMs) =>
        `{ id: r${ageMs}, permit: { roles: "*" }, devices: [boiler], allow: [{ write: counter, maxStep: 5, maxAgeMs: ${ageMs} }] }`,
    ) as [string, string];
    const question = ask({ device: "boiler", write: "counter", value: 7 });
    for (const { needs } of [policy(old, young), policy(young, old)]) {
      expect(needs(question)).toEqual([need("boiler", "holding", 4, 80, 2)]);
    }
  });

  it("is the register that holds the scale of an interlock's point too", () => {
    const { needs } = policy(
      permit("devices: [boiler], allow: [{ write: mode }], when: { interlock: { point: power, max: 5, maxAgeMs: 9 } }"),
    );
    expect(needs(ask({ device: "boiler", write: "mode", value: 1 }))).toEqual([
      need("boiler", "holding", 21, 9),
      need("boiler", "holding", 20, 9),
    ]);
  });
});

describe("what has to be known for a forbid", () => {
  const forbid = (id: string, when: string): string =>
    `{ id: ${id}, forbid: { roles: "*" }, deny: [{ functions: [16] }], when: { ${when} } }`;
  const lamp = "interlock: { point: boiler.lamp, equals: 0, maxAgeMs: 9 }, transports: [tcp]";
  const question = ask({ unit: 1, function: 16, address: 4, values: [1] });

  it("is wanted whatever is written, also part of a point", () => {
    expect(policy(forbid("f", door(9))).needs(question)).toEqual([need("boiler", "discrete", 0, 9)]);
  });

  it("is not wanted of one that does not count", () => {
    expect(policy(forbid("g", lamp)).needs(question)).toEqual([]);
    expect(policy(forbid("f", door(9)), forbid("g", lamp)).needs(question)).toEqual([need("boiler", "discrete", 0, 9)]);
  });
});
