import { builtinProfile } from "@modwarden/profile";
import { describe, expect, it } from "vitest";
import { compilePolicy, readPolicy, runPolicyTests } from "../index.ts";
import { problemsOf } from "../testing/ask.ts";

/** The energy hall, as the documentation shows it, without the keys that are not judged yet. */
const hall = (mode: string, tests: string) => `
policy: 1
mode: ${mode}
roles: [Viewer, Operator, Engineer]
rules:
  - id: everyone-reads
    permit: { roles: [Viewer, Operator, Engineer] }
    units: [1-4]
    allow: [ { functions: [1, 2, 3, 4] }, { functions: [43/14] } ]
  - id: setpoint
    permit: { roles: [Operator] }
    devices: [drive]
    allow: [ { write: setpoint, min: 0, max: 80 } ]
    when: { transports: [tls] }
  - id: reset
    permit: { roles: [Engineer] }
    devices: [drive]
    allow: [ { write: control_word } ]
  - id: never
    forbid: { roles: "*" }
    deny: [ { functions: [8/1, 8/4, 90] } ]
tests:
${tests}`;

const devices = [{ id: "drive", unit: 3, profile: builtinProfile("danfoss-fc51") }];
const run = (text: string) => {
  const document = readPolicy(text, "policy.yaml");
  return runPolicyTests(document, compilePolicy(document, devices), devices);
};

const documented = `
  - { as: Operator, unit: 3, write: setpoint, value: 90, expect: deny, because: max }
  - { as: Viewer, unit: 3, function: 16, address: 100, values: [1, 2], expect: deny, because: no-permit }
  - { as: Engineer, unit: 3, function: 23, read: { address: 0, quantity: 2 }, write: { address: 5, values: [1] }, expect: deny }
  - { as: Engineer, unit: 3, function: 22, address: 100, and: 65535, or: 1, expect: deny }
  - { as: Operator, unit: 3, write: setpoint, value: 40, expect: permit }
  - { as: Operator, unit: 3, write: setpoint, value: 40, transport: tcp, expect: deny, because: transport }
  - { as: null, unit: 3, function: 90, expect: deny, because: forbid }
  - { as: null, unit: 3, read: setpoint, expect: deny, because: unknown-subject }
  - { as: Viewer, device: drive, read: setpoint, transport: tcp, from: 10.0.0.5, expect: permit }
`;

describe("runPolicyTests", () => {
  it("passes the documented tests", () => {
    const { passed, failed, cases } = run(hall("enforce", documented));
    expect({ passed, failed }).toEqual({ passed: 9, failed: 0 });
    expect(cases[0]).toEqual({
      index: 0,
      expect: "deny",
      got: "deny",
      because: "max",
      explanation: expect.objectContaining({ permit: false, because: "max", failed: "max 80, got 90" }),
      ok: true,
    });
    expect(cases[4]).toMatchObject({ got: "permit", because: null, ok: true });
  });

  it("passes them in shadow mode too: a test asks what the policy says", () => {
    expect(run(hall("shadow", documented))).toMatchObject({ passed: 9, failed: 0 });
  });

  it("fails what comes out otherwise, also for another reason", () => {
    const { passed, failed, cases } = run(
      hall(
        "enforce",
        `
  - { as: Operator, unit: 3, write: setpoint, value: 90, expect: permit }
  - { as: Operator, unit: 3, write: setpoint, value: 90, expect: deny, because: min }
  - { as: Operator, unit: 3, write: setpoint, value: 40, expect: deny }
`,
      ),
    );
    expect({ passed, failed }).toEqual({ passed: 0, failed: 3 });
    expect(cases.map(({ got, because }) => [got, because])).toEqual([
      ["deny", "max"],
      ["deny", "max"],
      ["permit", null],
    ]);
  });

  it("names the place of every test that is no request", () => {
    const text = hall(
      "enforce",
      "  - { as: null, unit: 3, expect: deny }\n  - { as: null, read: setpoint, expect: deny }\n",
    );
    expect(problemsOf(() => run(text))).toEqual([expect.stringMatching(/^23:5 /), expect.stringMatching(/^24:5 /)]);
  });

  it("needs no site for a file without names", () => {
    const text = `policy: 1
roles: [A]
rules:
  - { id: a, permit: { roles: [A] }, allow: [{ functions: [6], addresses: [0-9], max: 9 }] }
tests:
  - { as: A, unit: 7, function: 6, address: 3, value: 9, expect: permit }
  - { as: A, unit: 7, function: 6, address: 3, value: 10, expect: deny, because: max }
`;
    const document = readPolicy(text, "policy.yaml");
    expect(runPolicyTests(document, compilePolicy(document, []), [])).toMatchObject({ passed: 2, failed: 0 });
  });
});
