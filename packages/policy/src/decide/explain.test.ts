import { accessesOf } from "@modwarden/access";
import { describe, expect, it } from "vitest";
import { compilePolicy, type Question, questionFor, readPolicy } from "../index.ts";
import { rules } from "../testing/ask.ts";
import { boiler, devices, policyOf } from "../testing/site.ts";

const setpoint = `{ id: setpoint, permit: { roles: [Operator] }, devices: [boiler], allow: [{ write: target, min: 0, max: 80 }] }`;

describe("an explanation", () => {
  it("has the form of formats.md", () => {
    const decide = rules(setpoint);
    const refused = decide({ as: "Operator", unit: 1, write: "target", value: 90 });
    expect(Object.keys(refused)).toEqual(["permit", "rules", "firstUncovered", "because", "failed", "policy"]);
    expect(refused).toEqual({
      permit: false,
      rules: ["setpoint"],
      firstUncovered: { table: "holding", address: 1, point: "target" },
      because: "max",
      failed: "max 80, got 90",
      policy: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    const permitted = decide({ as: "Operator", unit: 1, write: "target", value: 80 });
    expect(permitted).toEqual({ permit: true, rules: ["setpoint"], policy: refused.policy });
  });

  it("names the point where no rule does, and the forbid that hit", () => {
    const decide = rules(`{ id: never, forbid: { roles: "*" }, deny: [{ functions: [6], addresses: [2] }] }`);
    expect(decide({ as: "Operator", unit: 1, write: "mode", value: 1 })).toMatchObject({
      rules: [],
      because: "no-permit",
      firstUncovered: { table: "holding", address: 0, point: "mode" },
    });
    expect(decide({ as: "Operator", unit: 1, write: "offset", value: 1 })).toMatchObject({
      rules: ["never"],
      because: "forbid",
      firstUncovered: { table: "holding", address: 2, point: "offset" },
    });
    expect(decide({ as: "Operator", unit: 1, function: 65 })).toMatchObject({
      firstUncovered: { table: null, address: 0 },
    });
  });

  it("names the first forbid of the file at the first element that one touches", () => {
    const decide = rules(
      `{ id: p, permit: { roles: "*" }, allow: [{ functions: [3] }] }`,
      `{ id: late, forbid: { roles: "*" }, deny: [{ functions: [3], addresses: [7-9] }] }`,
      `{ id: early, forbid: { roles: "*" }, deny: [{ functions: [3], addresses: [5-8] }] }`,
      `{ id: also, forbid: { roles: "*" }, deny: [{ functions: [3], addresses: [5-8] }] }`,
    );
    expect(decide({ as: "Viewer", unit: 2, function: 3, address: 0, quantity: 20 })).toMatchObject({
      rules: ["early"],
      firstUncovered: { table: "holding", address: 5 },
    });
    expect(decide({ as: "Viewer", unit: 2, function: 3, address: 7, quantity: 2 })).toMatchObject({ rules: ["late"] });
  });

  it("names the rule that failed last", () => {
    const allow = "allow: [{ functions: [6], max: 5 }]";
    const decide = rules(
      `{ id: source, permit: { roles: "*" }, ${allow}, when: { sources: [10.0.0.0/8] } }`,
      `{ id: transport, permit: { roles: "*" }, ${allow}, when: { transports: [tcp, rtu] } }`,
      `{ id: value, permit: { roles: [Operator] }, ${allow} }`,
      `{ id: same, permit: { roles: [Operator] }, ${allow} }`,
    );
    const write = { unit: 2, function: 6, address: 0, value: 6 } as const;
    expect(decide({ as: "Operator", ...write })).toMatchObject({ rules: ["value"], because: "max" });
    expect(decide({ as: "Viewer", ...write })).toMatchObject({
      rules: ["transport"],
      because: "transport",
      failed: "transports tcp, rtu, got tls",
    });
    const sourceOnly = rules(
      `{ id: source, permit: { roles: "*" }, ${allow}, when: { sources: [10.0.0.0/8, 1.2.3.4] } }`,
    );
    expect(sourceOnly({ as: "Viewer", ...write, from: "9.9.9.9:1" })).toMatchObject({
      because: "source",
      failed: "sources 10.0.0.0/8, 1.2.3.4, got 9.9.9.9:1",
    });
    expect(sourceOnly({ as: "Viewer", ...write })).toMatchObject({ failed: "sources 10.0.0.0/8, 1.2.3.4, got none" });
  });

  it("says which registers a partial write leaves out", () => {
    const decide = rules(`{ id: a, permit: { roles: "*" }, allow: [{ functions: [6] }] }`);
    expect(decide({ as: "Operator", unit: 1, function: 6, address: 5, value: 0 })).toMatchObject({
      rules: ["a"],
      because: "partial",
      firstUncovered: { table: "holding", address: 5, point: "counter" },
      failed: "all registers of counter, got 5 to 5",
    });
  });

  it("tells the NULL role from a holder that is not registered", () => {
    const { policy } = policyOf("policy: 1\nroles: [A]\nrules: []\n");
    const question = questionFor({ as: "A", unit: 1, read: "mode" }, devices);
    expect(policy.decide({ ...question, subject: null })).toMatchObject({
      rules: [],
      because: "unknown-subject",
      firstUncovered: { table: "holding", address: 0, point: "mode" },
    });
    expect(policy.decide({ ...question, role: null })).toMatchObject({ because: "unknown-subject" });
  });
});

describe("shadow mode", () => {
  it("permits, and says what would have happened", () => {
    const document = readPolicy(`policy: 1\nmode: shadow\nroles: [Operator]\nrules:\n  - ${setpoint}\n`, "p.yaml");
    const policy = compilePolicy(document, devices);
    expect(policy.mode).toBe("shadow");
    expect(policy.decide(questionFor({ as: "Operator", unit: 1, write: "target", value: 90 }, devices))).toEqual({
      permit: true,
      rules: ["setpoint"],
      firstUncovered: { table: "holding", address: 1, point: "target" },
      failed: "max 80, got 90",
      policy: policy.hash,
      shadow: { permit: false, because: "max" },
    });
    expect(
      policy.decide(questionFor({ as: "Operator", unit: 1, write: "target", value: 8 }, devices)),
    ).not.toHaveProperty("shadow");
    expect(policy.decide(questionFor({ as: null, unit: 1, read: "mode" }, devices))).toMatchObject({
      permit: true,
      shadow: { because: "unknown-subject" },
    });
  });
});

describe("a question that no request can be", () => {
  const { policy } = policyOf(
    `policy: 1\nroles: [A]\nrules:\n  - { id: a, permit: { roles: [A] }, units: [0, 1-3], allow: [{ functions: [3, 16, 8, 43], max: 9 }] }\n`.replace(
      "8, 43], max: 9 }",
      "22], max: 9 }, { functions: [8, 43] }",
    ),
  );
  const read = { kind: "read-holding-registers", address: 0, quantity: 2 } as const;
  const sound: Question = {
    ...{ subject: "s", role: "A", transport: "tls", unit: 1, device: "boiler", functionCode: 3 },
    accesses: accessesOf(read, { device: "boiler", unit: 1, profile: boiler }),
  };
  const access = sound.accesses[0]!;
  it.each<readonly [string, Partial<Question>]>([
    ["no accesses", { accesses: [] }],
    ["no elements", { accesses: [{ ...access, quantity: 0 }] }],
    ["elements beyond the end", { accesses: [{ ...access, address: 65535 }] }],
    ["a negative address", { accesses: [{ ...access, address: -1 }] }],
    [
      "an address without a table",
      { functionCode: 43, subfunction: 14, accesses: [{ ...access, table: null, address: 4 }] },
    ],
    ["unit 256", { unit: 256, device: null }],
    ["a unit that is no number", { unit: Number.NaN, device: null }],
    ["a device at another unit", { unit: 2 }],
    ["function 131", { functionCode: 131 }],
    ["function 0", { functionCode: 0 }],
  ])("is refused: %s", (_what, change) => {
    expect(policy.decide(sound)).toMatchObject({ permit: true });
    expect(policy.decide({ ...sound, ...change })).toMatchObject({ permit: false, because: "no-permit" });
  });

  it("is judged without its values where the request has none", () => {
    const write = { ...access, write: true, quantity: 1 };
    expect(policy.decide({ ...sound, functionCode: 16, accesses: [write] })).toMatchObject({
      because: "max",
      failed: "max 9, got no value",
    });
  });

  it("is judged as unknown where it names an unknown transport", () => {
    expect(policy.decide({ ...sound, transport: "pigeon" as "tcp" })).toMatchObject({ because: "transport" });
  });

  it("is hit by every forbid of a sub-function that it hides", () => {
    const forbidding = policyOf(
      `policy: 1\nroles: [A]\nrules:\n  - { id: a, permit: { roles: [A] }, allow: [{ functions: [8] }] }\n  - { id: f, forbid: { roles: "*" }, deny: [{ functions: [8/1] }] }\n`,
    ).policy;
    const bare = [{ ...access, table: null, quantity: 0, write: true }];
    expect(forbidding.decide({ ...sound, functionCode: 8, accesses: bare })).toMatchObject({ because: "forbid" });
    expect(forbidding.decide({ ...sound, functionCode: 8, subfunction: 2, accesses: bare })).toMatchObject({
      permit: true,
    });
  });

  it("is judged at its unit where the device is not of the site", () => {
    expect(policy.decide({ ...sound, device: "elsewhere" })).toMatchObject({ permit: true });
  });
});
