import { describe, expect, it } from "vitest";
import { type Policy, type Question, questionFor } from "../index.ts";
import { devices, policyOf } from "../testing/site.ts";

const policy = (...lines: readonly string[]): Policy =>
  policyOf(`policy: 1\nroles: [Operator]\nrules:\n${lines.map((line) => `  - ${line}\n`).join("")}`).policy;
const write = (address: number): Question =>
  questionFor({ as: "Operator", unit: 2, function: 6, address, value: 1 }, devices);

describe("screening with rules in shadow mode", () => {
  const shadow = (id: string, rest: string): string => `{ id: ${id}, mode: shadow, permit: { roles: "*" }, ${rest} }`;
  const { screen, decide } = policy(
    `{ id: a, permit: { roles: "*" }, allow: [{ functions: [6], addresses: [0-9] }] }`,
    `{ id: b, permit: { roles: "*" }, allow: [{ functions: [6], addresses: [10-19], maxStep: 5 }] }`,
    shadow("more", "allow: [{ functions: [6], addresses: [20] }]"),
    shadow("stateful", "allow: [{ functions: [6], addresses: [21], maxStep: 5 }]"),
    `{ id: less, mode: shadow, forbid: { roles: "*" }, deny: [{ functions: [6], addresses: [1, 11] }] }`,
    `{ id: open, mode: shadow, forbid: { roles: "*" }, deny: [{ functions: [6], addresses: [2] }], when: { interlock: { point: boiler.door, equals: 1, maxAgeMs: 9 } } }`,
  );
  const [permitted, refused] = [
    { permit: true, rules: ["a"], policy: decide(write(0)).policy },
    { permit: false, because: "no-permit", policy: decide(write(0)).policy },
  ];

  it("settles what neither the rules in force nor the others leave to the moment", () => {
    expect(screen(write(0))).toStrictEqual(permitted);
    expect(screen(write(1))).toStrictEqual({
      ...permitted,
      shadow: { permit: false, because: "forbid", rules: ["less"] },
    });
    expect(screen(write(2))).toBeUndefined();
    expect(screen(write(10))).toBeUndefined();
    expect(screen(write(11))).toBeUndefined();
  });

  it("settles a refusal in any case", () => {
    expect(screen(write(20))).toMatchObject({ ...refused, shadow: { permit: true, rules: ["more"] } });
    expect(Object.keys(screen(write(20))?.shadow ?? {})).toEqual(["permit", "rules"]);
    expect(screen(write(21))).toMatchObject(refused);
    expect(screen(write(21))).not.toHaveProperty("shadow");
    expect(screen(write(22))).toMatchObject(refused);
  });
});
