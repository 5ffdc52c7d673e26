import { readProfile } from "@modwarden/profile";
import { describe, expect, it } from "vitest";
import { type AskedText, compilePolicy, type PolicyDevice, questionFor, readPolicy } from "./index.ts";
import { outcome, rules } from "./testing/ask.ts";

/** One describe for every sentence about subjects and units. `as` is Operator unless said. */
type Row = readonly [asked: Omit<AskedText, "as"> & { readonly as?: string | null }, wanted: string];

function table(decide: ReturnType<typeof rules>, rows: readonly Row[]): void {
  for (const [asked, wanted] of rows) {
    expect([asked, outcome(decide({ as: "Operator", ...asked }))]).toEqual([asked, wanted]);
  }
}

describe("broadcast is never implied", () => {
  it("wants unit 0 listed, or a device that claims it", () => {
    const write = { function: 6, address: 0, value: 1 } as const;
    const at = (target: string) => rules(`{ id: a, permit: { roles: "*" }, ${target} allow: [{ functions: [6] }] }`);
    table(at(""), [
      [{ unit: 0, ...write }, "no-permit"],
      [{ unit: 1, ...write }, "permit"],
      [{ unit: 255, ...write }, "permit"],
    ]);
    table(at("units: [1-255],"), [[{ unit: 0, ...write }, "no-permit"]]);
    table(at("units: [0],"), [
      [{ unit: 0, ...write }, "permit"],
      [{ unit: 1, ...write }, "no-permit"],
    ]);
    table(at("devices: [zero],"), [
      [{ device: "zero", ...write }, "permit"],
      [{ device: "boiler", ...write }, "no-permit"],
    ]);
  });

  it("is hit by a forbid that names no units", () => {
    const decide = rules(
      `{ id: a, permit: { roles: "*" }, units: [0], allow: [{ functions: [6] }] }`,
      `{ id: f, forbid: { roles: "*" }, deny: [{ functions: [6] }] }`,
    );
    table(decide, [[{ unit: 0, function: 6, address: 0, value: 1 }, "forbid"]]);
  });
});

describe("the NULL role", () => {
  it(`is never in permit "*" and always in forbid "*"`, () => {
    const decide = rules(
      `{ id: p, permit: { roles: "*" }, allow: [{ functions: [3] }] }`,
      `{ id: f, forbid: { roles: "*" }, deny: [{ functions: [3], addresses: [9] }] }`,
      `{ id: g, forbid: { roles: [Viewer, Operator] }, deny: [{ functions: [3], addresses: [8] }] }`,
    );
    table(decide, [
      [{ unit: 2, function: 3, address: 0 }, "permit"],
      [{ unit: 2, function: 3, address: 0, as: null }, "unknown-subject"],
      [{ unit: 2, function: 3, address: 9, as: null }, "forbid"],
      [{ unit: 2, function: 3, address: 8, as: null }, "unknown-subject"],
      [{ unit: 2, function: 3, address: 8 }, "forbid"],
    ]);
  });

  it("is also everyone who is not in the registry, whatever role they carry", () => {
    const decide = rules(`{ id: p, permit: { roles: "*" }, allow: [{ functions: [3] }] }`);
    expect(outcome(decide({ as: null, unit: 2, function: 3, address: 0 }))).toBe("unknown-subject");
  });

  it("is not a role that the policy does not declare, which nothing permits either", () => {
    const decide = rules(
      `{ id: p, permit: { roles: "*" }, allow: [{ functions: [3] }] }`,
      `{ id: f, forbid: { roles: "*" }, deny: [{ functions: [3], addresses: [9] }] }`,
    );
    table(decide, [
      [{ as: "Auditor", unit: 2, function: 3, address: 0 }, "no-permit"],
      [{ as: "Auditor", unit: 2, function: 3, address: 9 }, "forbid"],
    ]);
  });
});

describe("devices", () => {
  it("are told apart whatever they are called", () => {
    const profile = (address: number) =>
      readProfile(
        `{ profile: 1, device: { vendor: T, model: M, kind: k }, blocks: [{ table: holding, address: 0, count: 9, access: rw }],` +
          ` points: [{ id: mode, table: holding, address: ${address}, type: u16, access: rw }] }`,
        "thing.yaml",
      );
    const things: readonly PolicyDevice[] = [
      { id: "a", unit: 1, profile: profile(1) },
      { id: "a 0", unit: 2, profile: profile(2) },
      { id: "0 a", unit: 3, profile: profile(3) },
    ];
    const rule = (id: string, units: string) =>
      `  - { id: ${id}, permit: { roles: [A] }, units: [${units}], allow: [{ write: mode }] }\n`;
    const text = `policy: 1\nroles: [A]\nrules:\n${rule("first", "1")}${rule("second", "1-3")}`;
    const policy = compilePolicy(readPolicy(text, "policy.yaml"), things);
    for (const { id, unit } of things) {
      for (const address of [1, 2, 3]) {
        const question = questionFor({ as: "A", device: id, function: 6, address, value: 1 }, things);
        expect([id, address, policy.decide(question).permit]).toEqual([id, address, address === unit]);
      }
    }
  });
});
