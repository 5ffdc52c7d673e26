import { DocumentError } from "@modwarden/document";
import { describe, expect, it } from "vitest";
import { compilePolicy, policyJsonSchema, readPolicy } from "../index.ts";
import { problemsOf } from "../testing/ask.ts";
import { devices } from "../testing/site.ts";

/** A policy whose only rule stands on line 3, from column 5 on. */
const withRule = (rule: string) => `policy: 1\nroles: [Viewer, Operator]\nrules:\n  - ${rule}\n`;
const read = (text: string) => problemsOf(() => readPolicy(text, "policy.yaml"));
const compile = (text: string) => problemsOf(() => compilePolicy(readPolicy(text, "policy.yaml"), devices));
const permit = (rest: string) => `{ id: a, permit: { roles: "*" }, ${rest} }`;
const deny = (entry: string) => `{ id: a, forbid: { roles: "*" }, deny: [${entry}] }`;
const allow = (entry: string) => permit(`allow: [${entry}]`);

describe("readPolicy", () => {
  it("takes YAML and JSON, and has defaults for mode and tests", () => {
    const yaml = readPolicy("policy: 1\nroles: [A]\nrules: []\n", "policy.yaml").value;
    const json = readPolicy('{"policy":1,"roles":["A"],"rules":[]}', "policy.json").value;
    expect(yaml).toEqual({ policy: 1, mode: "enforce", roles: ["A"], rules: [], tests: [] });
    expect(json).toEqual(yaml);
  });

  it("names the file with the place", () => {
    expect(() => readPolicy("policy: 2\nroles: []\nrules: []\n", "site/policy.yaml")).toThrow(DocumentError);
    expect(() => readPolicy("policy: 2\nroles: []\nrules: []\n", "site/policy.yaml")).toThrow(
      /^site\/policy\.yaml:1:1: /,
    );
  });

  it("refuses an unknown key", () => {
    expect(read(withRule(permit("colour: red, allow: [{ functions: [6] }]")))[0]).toMatch(
      /^4:\d+ unknown key "colour"/,
    );
  });

  it.each<readonly [string, string, RegExp]>([
    ["an undeclared role", `{ id: a, permit: { roles: [Oprator] }, allow: [{ functions: [3] }] }`, /^4:32 /],
    ["both permit and forbid", permit(`forbid: { roles: "*" }, deny: [{ functions: [3] }]`), /^4:5 /],
    ["neither permit nor forbid", "{ id: a, allow: [{ functions: [3] }] }", /^4:5 /],
    ["permit without allow", `{ id: a, permit: { roles: "*" } }`, /^4:5 /],
    ["deny in a permit", permit("allow: [{ functions: [3] }], deny: [{ functions: [4] }]"), /^4:67 /],
    [
      "allow in a forbid",
      `{ id: a, forbid: { roles: "*" }, allow: [{ functions: [3] }], deny: [{ functions: [3] }] }`,
      /^4:38 /,
    ],
    ["a range with 0 in it", permit("units: [0-4], allow: [{ functions: [3] }]"), /^4:46 .*broadcast/],
    ["units above 255", permit("units: [1-256], allow: [{ functions: [3] }]"), /^4:46 /],
    ["units that run backwards", permit("units: [4-1], allow: [{ functions: [3] }]"), /^4:46 .*"1-4"/],
    ["a unit above 255", permit("units: [256], allow: [{ functions: [3] }]"), /^4:46 /],
    ["a source that is no network", permit("when: { sources: [10.0.0.0/33] }, allow: [{ functions: [3] }]"), /^4:56 /],
    ["an entry that names nothing", allow("{ table: holding }"), /^4:46 /],
    ["an entry that names two things", allow("{ functions: [3], read: mode }"), /^4:46 /],
    ["function 0", allow("{ functions: [0] }"), /^4:60 /],
    ["function 128", allow("{ functions: [128] }"), /^4:60 /],
    ["function 200/1", allow("{ functions: [200/1] }"), /^4:60 /],
    ["a sub-function of 6", allow("{ functions: [6/1] }"), /^4:60 /],
    ["a MEI type of 256", allow("{ functions: [43/256] }"), /^4:60 /],
    ["a range of functions", allow("{ functions: [1-4] }"), /^4:60 /],
    ["addresses that run backwards", allow("{ functions: [3], addresses: [9-5] }"), /^4:76 .*"5-9"/],
    ["addresses above 65535", allow("{ functions: [3], addresses: [1-65536] }"), /^4:76 /],
    ["a table that no function reaches", allow("{ functions: [3], table: coil }"), /^4:64 /],
    ["addresses of functions without any", allow("{ functions: [43/14], addresses: [1] }"), /^4:68 /],
    ["a deny with addresses that a function has not", deny("{ functions: [3, 43/14], addresses: [1] }"), /^4:62 /],
    ["a deny with a table that a function does not reach", deny("{ functions: [5, 6], table: holding }"), /^4:59 /],
    ["a table of a point", allow("{ read: mode, table: coil }"), /^4:60 /],
    ["addresses of a point", allow("{ read: mode, addresses: [1] }"), /^4:60 /],
    ["min above max", allow("{ functions: [6], min: 5, max: 4 }"), /^4:64 /],
    ["limits on reading functions", allow("{ functions: [3], max: 4 }"), /^4:64 /],
    ["limits on a table that is only read", allow("{ functions: [4, 6], table: input, max: 4 }"), /^4:81 /],
    ["limits on a point that is read", allow("{ read: mode, min: 4 }"), /^4:60 /],
    ["limits on functions without registers", allow("{ functions: [6, 65], min: 4 }"), /^4:63 /],
    ["raw limits above 65535", allow("{ functions: [6], max: 65536 }"), /^4:64 /],
    ["raw limits below 0", allow("{ functions: [6], min: -1 }"), /^4:64 /],
    ["raw values with a fraction", allow("{ functions: [6], values: [1, 1.5] }"), /^4:76 /],
    ["a mask for coils", allow("{ functions: [5], mask: 1 }"), /^4:64 /],
    ["limits in a deny", deny("{ functions: [6], max: 4 }"), /^4:63 /],
  ])("refuses %s", (_what, rule, wanted) => {
    const problems = read(withRule(rule));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(wanted);
  });

  it("refuses two rules of one id, and a role declared twice or called *", () => {
    const rule = `  - { id: a, permit: { roles: "*" }, allow: [{ functions: [3] }] }\n`;
    expect(read(`policy: 1\nroles: [A]\nrules:\n${rule}${rule}`)).toEqual([expect.stringMatching(/^5:7 .*"a"/)]);
    expect(read("policy: 1\nroles: [A, B, A]\nrules: []\n")).toEqual([expect.stringMatching(/^2:15 .*"A"/)]);
    expect(read("policy: 1\nroles: ['*']\nrules: []\n")[0]).toMatch(/^2:9 /);
  });

  it("refuses tests that cannot mean what they say", () => {
    const test = (line: string) => read(`policy: 1\nroles: [A]\nrules: []\ntests:\n  - ${line}\n`);
    expect(test("{ as: B, unit: 1, function: 3, address: 0, expect: deny }")[0]).toMatch(/^5:7 .*"B"/);
    expect(test("{ as: A, unit: 1, function: 6/1, expect: deny }")[0]).toMatch(/^5:23 /);
    expect(test("{ as: A, unit: 1, function: 3, from: here, expect: deny }")[0]).toMatch(/^5:36 /);
    expect(test("{ as: A, unit: 1, function: 3, expect: permit, because: max }")[0]).toMatch(/^5:52 /);
  });

  it("tells no more problems than anybody mends at once", () => {
    const rules = Array.from({ length: 30 }, (_, index) => `  - { id: r${index} }\n`).join("");
    expect(read(`policy: 1\nroles: []\nrules:\n${rules}`)).toHaveLength(20);
  });
});

describe("compilePolicy", () => {
  it.each<readonly [string, string, RegExp]>([
    ["an unknown device", permit("devices: [boyler], allow: [{ functions: [3] }]"), /^4:48 .*boiler, plain, zero/],
    ["a device outside units", permit("units: [2], devices: [boiler], allow: [{ functions: [3] }]"), /^4:60 .*unit 1/],
    ["an unknown point", permit("devices: [boiler], allow: [{ write: moed }]"), /^4:67 .*"moed"/],
    ["a point of a device without profile", permit("devices: [plain], allow: [{ read: mode }]"), /^4:66 .*no profile/],
    ["a point that no device has", allow("{ read: moed }"), /^4:48 /],
    ["a point at units without devices", permit("units: [9], allow: [{ read: mode }]"), /^4:60 /],
    ["a label written as a point", allow("{ write: setpoint }"), /^4:48 .*label: setpoint/],
    ["an unknown label", allow("{ write: { label: alarm } }"), /^4:48 /],
    ["a write of a point that is only read", permit("devices: [boiler], allow: [{ write: temperature }]"), /^4:67 /],
    ["limits of text", allow("{ write: title, max: 4 }"), /^4:48 .*text/],
    ["limits under a scale in a register", allow("{ write: power, max: 4 }"), /^4:48 .*this version/],
    ["a mask of two registers", allow("{ write: counter, mask: 4 }"), /^4:48 .*mask/],
    ["a mask of a coil", allow("{ write: pump, mask: 1 }"), /^4:48 .*mask/],
    ["values that do not fit", allow("{ write: mode, values: [70000] }"), /^4:61 /],
  ])("refuses %s", (_what, rule, wanted) => {
    const problems = compile(withRule(rule));
    expect(problems.length).toBeGreaterThanOrEqual(1);
    expect(problems[0]).toMatch(wanted);
  });

  it("says that it needs the site when a file names devices, points or labels", () => {
    const alone = (rule: string) => problemsOf(() => compilePolicy(readPolicy(withRule(rule), "policy.yaml"), []));
    expect(alone(permit("devices: [boiler], allow: [{ functions: [3] }]"))[0]).toMatch(/^4:48 .*"boiler".*site/);
    expect(alone(allow("{ read: mode }"))[0]).toMatch(/^4:48 .*point "mode".*site/);
    expect(alone(allow("{ read: { label: command } }"))[0]).toMatch(/^4:48 .*label "command".*site/);
  });

  it("needs no site for functions and addresses", () => {
    expect(compilePolicy(readPolicy(withRule(allow("{ functions: [3] }")), "policy.yaml"), []).mode).toBe("enforce");
  });

  it("takes points where some devices of the rule have them", () => {
    const policy = compilePolicy(
      readPolicy(withRule(permit("units: [1-2], allow: [{ read: mode }]")), "p.yaml"),
      devices,
    );
    expect(policy.roles).toEqual(["Viewer", "Operator"]);
  });
});

describe("policyJsonSchema", () => {
  it("describes the file, with its conditions", () => {
    const text = JSON.stringify(policyJsonSchema());
    for (const key of ["maxStep", "interlock", "rate", "approval", "hours", "files"])
      expect(text).toContain(`"${key}"`);
  });
});
