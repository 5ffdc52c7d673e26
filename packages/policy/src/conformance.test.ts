import { describe, expect, it } from "vitest";
import { compilePolicy, policyJsonSchema, readPolicy, runPolicyTests } from "./index.ts";

/** What Modbus/TCP Security wants of the roles-to-rights rules and of what judges by them. */
function results(text: string): readonly boolean[] {
  const document = readPolicy(text, "policy.yaml");
  return runPolicyTests(document, compilePolicy(document, []), []).cases.map(({ ok }) => ok);
}

const head = "policy: 1\nmode: enforce\n";
const read = "unit: 1, function: 3, address: 0, quantity: 2";

describe("roles to rights", () => {
  it("R-24 the algorithm is the one that docs/policy.md publishes: default deny, forbid wins, all or nothing", () => {
    expect(
      results(`${head}roles: [A, B]
rules:
  - { id: some, permit: { roles: [A] }, units: [1], allow: [{ functions: [3], table: holding, addresses: [0-9] }] }
  - { id: none, forbid: { roles: "*" }, units: [1], deny: [{ functions: [3], table: holding, addresses: [5] }] }
tests:
  - { as: A, unit: 1, function: 3, address: 0, quantity: 5, expect: permit }
  - { as: A, unit: 1, function: 3, address: 4, quantity: 2, expect: deny, because: forbid }
  - { as: A, unit: 1, function: 3, address: 9, quantity: 2, expect: deny, because: no-permit }
  - { as: B, ${read}, expect: deny, because: no-permit }
  - { as: null, ${read}, expect: deny }
`),
    ).toEqual([true, true, true, true, true]);
  });

  it("R-25 syntax and meaning of the rules are published, and nothing else is taken", () => {
    const schema = policyJsonSchema() as { readonly properties: object; readonly additionalProperties: unknown };
    expect(Object.keys(schema.properties)).toEqual(
      expect.arrayContaining(["policy", "mode", "roles", "rules", "tests"]),
    );
    expect(schema.additionalProperties).toBe(false);
    const wrong = [
      `${head}roles: [A]\nrules: []\ndefault: permit\n`,
      `${head}roles: [A]\nrules: [{ id: x, allow: [] }]\n`,
    ];
    for (const text of wrong) expect(() => readPolicy(text, "policy.yaml")).toThrow(/policy\.yaml:\d+:\d+/);
  });

  it("R-26 the rights are those that the user's file gives, whatever its roles are called", () => {
    for (const [role, expected] of [
      ["Schichtführer Halle 2", "permit"],
      ["Gast", "deny"],
    ]) {
      const rules = `rules: [{ id: r, permit: { roles: ["Schichtführer Halle 2"] }, allow: [{ functions: [3] }] }]`;
      const tests = `tests: [{ as: "${role}", ${read}, expect: ${expected} }]`;
      expect(results(`${head}roles: ["Schichtführer Halle 2", Gast]\n${rules}\n${tests}\n`)).toEqual([true]);
    }
  });

  it("R-28 no role is built in: one that no rule names may do nothing, and no name is taken", () => {
    const usual = ["Operator", "Viewer", "Engineer", "Administrator", "SuperAdministratorSunSpec", "root"];
    const tests = usual.map((role) => `  - { as: ${role}, ${read}, expect: deny, because: no-permit }`).join("\n");
    expect(results(`${head}roles: [${usual.join(", ")}]\nrules: []\ntests:\n${tests}\n`)).toEqual(
      usual.map(() => true),
    );
  });
});
