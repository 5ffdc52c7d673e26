import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtinProfileText } from "@modwarden/profile";
import { builtinPlantText } from "@modwarden/simulator";
import { describe, expect, it } from "vitest";
import { policyTemplateNames } from "../init/policy-templates.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { type Ran, runHere } from "../testing/terminal.ts";

const policy = `policy: 1
roles: [Viewer, Operator]
rules:
  - id: everyone-reads
    permit: { roles: [Viewer, Operator] }
    allow: [ { functions: [3, 4] } ]
  - id: operators-write
    permit: { roles: [Operator] }
    allow: [ { functions: [6], table: holding, addresses: [100-109] } ]
tests:
  - { as: Viewer, unit: 1, function: 3, address: 0, quantity: 2, expect: permit }
  - { as: Viewer, unit: 1, function: 6, address: 100, value: 1, expect: deny, because: no-permit }
`;

function file(name: string, text: string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

describe("check", () => {
  it("knows what a file is, and that it is right", async () => {
    const files = {
      profile: file("meter.yaml", builtinProfileText("eastron-sdm630")),
      plant: file("hall.yaml", builtinPlantText("energy-hall")),
      policy: file("policy.yaml", policy),
    };
    const { code, json } = await runHere(["check", ...Object.values(files), "--json"]);
    expect(code).toBe(0);
    expect(json).toEqual(Object.entries(files).map(([kind, path]) => ({ file: path, kind, valid: true })));
    expect((await runHere(["check", files.policy])).code).toBe(0);
  });

  it("names line and column of what is wrong, goes on with the next file, and ends with 2", async () => {
    const wrong = file("wrong.yaml", policy.replace("Operator]", "Operator]\ncolour: red"));
    const right = file("right.yaml", policy);
    const { code, json } = await runHere(["check", wrong, right, "--json"]);
    expect(code).toBe(2);
    expect(json).toEqual([
      expect.objectContaining({
        file: wrong,
        valid: false,
        code: "ERR_DOCUMENT",
        problems: [expect.objectContaining({ line: 3, column: 1 })],
      }),
      { file: right, kind: "policy", valid: true },
    ]);
    const plain = await runHere(["check", wrong]);
    expect(`${plain.stdout}${plain.stderr}`).toContain(`${wrong}:3:1: `);
  });

  it("finds what a device cannot do, not only what a file cannot say", async () => {
    const rule = "behaviour:\n  rules:\n    - { set: a, to: ";
    const profile = `profile: 1\ndevice: { vendor: A, model: B, kind: pump, verified: docs }\nblocks: [{ table: holding, address: 0, count: 1 }]\npoints: [{ id: a, table: holding, address: 0, type: u16 }]\n${rule}`;
    expect((await runHere(["check", file("right.yaml", `${profile}"sine(1, 2)" }\n`)])).code).toBe(0);
    const wrong = file("wrong.yaml", `${profile}"sine(1)" }\n`);
    expect(await runHere(["check", wrong, "--json"])).toMatchObject({
      code: 2,
      json: [{ file: wrong, valid: false, code: "ERR_DOCUMENT", problems: [{ line: 7 }] }],
    });
    const plant = file("plant.yaml", `plant: 1\nname: p\nunits: [{ unit: 1, profile: ${wrong}, id: a }]\n`);
    expect((await runHere(["check", plant])).code).toBe(2);
  });

  it("ends with 2 for a file that is missing, or says nothing about itself", async () => {
    expect(await runHere(["check", "/no/such/file.yaml", "--json"])).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_FILE" } }],
    });
    expect(await runHere(["check", file("note.yaml", "colour: red\n"), "--json"])).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_FILE_KIND" } }],
    });
  });

  it("reads a file from standard input", async () => {
    expect(await runHere(["check", "-", "--json"], { input: policy })).toMatchObject({
      code: 0,
      json: [{ file: "-", kind: "policy", valid: true }],
    });
  });

  it("judges the files after one that it cannot judge", async () => {
    const right = file("right.yaml", policy);
    const { code, json } = await runHere([
      "check",
      "/no/such/file.yaml",
      file("note.yaml", "colour: red\n"),
      right,
      "--json",
    ]);
    expect(code).toBe(2);
    expect(json).toMatchObject([
      { error: { code: "ERR_FILE" } },
      { error: { code: "ERR_FILE_KIND" } },
      { file: right, valid: true },
    ]);
  });
});

describe("policy test", () => {
  it("ends with 0 when every test agrees", async () => {
    const { code, json } = await runHere(["policy", "test", file("policy.yaml", policy), "--json"]);
    expect(code).toBe(0);
    expect(json).toEqual([{ passed: 2, failed: 0, cases: [expect.any(Object), expect.any(Object)] }]);
  });

  it("says what each test asks, in the words of the file", async () => {
    const { stdout } = await runHere(["policy", "test", file("policy.yaml", policy)]);
    expect(stdout).toContain("test 2, Viewer unit 1 function 6 address 100 value 1: expected deny, got deny");
  });

  it("ends with 1 when one does not, and says which", async () => {
    const path = file("policy.yaml", policy.replace("because: no-permit", "because: max"));
    const { code, json } = await runHere(["policy", "test", path, "--json"]);
    expect(code).toBe(1);
    expect(json).toEqual([expect.objectContaining({ passed: 1, failed: 1 })]);
    expect((json[0] as { cases: object[] }).cases[1]).toMatchObject({ ok: false, because: "no-permit" });
    expect((await runHere(["policy", "test", path])).stdout).toContain("1 passed, 1 failed");
  });

  it("ends with 2 for a file that names a device it cannot know", async () => {
    const path = file(
      "policy.yaml",
      policy.replace("allow: [ { functions: [3, 4] } ]", "devices: [meter]\n    allow: [ { functions: [3] } ]"),
    );
    const { code, json } = await runHere(["policy", "test", path, "--json"]);
    expect(code).toBe(2);
    expect(json).toMatchObject([{ error: { code: "ERR_DOCUMENT" } }]);
  });
});

describe("policy test, of a file for a site", () => {
  it("judges it where the site is, and needs nothing of the site's own policy", async () => {
    const folder = join(temporaryFolder(), "plant");
    await runHere(["init", folder]);
    writeFileSync(join(folder, "policy.yaml"), "policy: 1\nrules: 7\n");
    const text = (gateway: string): string => `policy: 1
roles: [Viewer]
rules: [{ id: r, permit: { roles: [Viewer] }, allow: [{ functions: [3] }], when: { gateways: [${gateway}] } }]
tests: [{ as: Viewer, unit: 1, function: 3, address: 0, quantity: 1, expect: permit }]
`;
    const test = async (gateway: string): Promise<Ran> =>
      await runHere(["policy", "test", file("new.yaml", text(gateway)), "--site", join(folder, "site.yaml"), "--json"]);
    expect(await test("gw1")).toMatchObject({ code: 0, json: [{ passed: 1, failed: 0 }] });
    expect(await test("gw2")).toMatchObject({ code: 1, json: [{ passed: 0, failed: 1 }] });
  });
});

describe("policies for others, and to start from", () => {
  it.each(policyTemplateNames)("the template %s passes its own tests with the site that init writes", async (name) => {
    const folder = join(temporaryFolder(), name);
    expect((await runHere(["init", folder, "--template", name])).code).toBe(0);
    const site = join(folder, "site.yaml");
    expect((await runHere(["check", site])).code).toBe(0);
    const tested = await runHere(["policy", "test", join(folder, "policy.yaml"), "--site", site, "--json"]);
    expect(tested).toMatchObject({ code: 0, json: [{ failed: 0 }] });
    const linted = ["policy", "lint", join(folder, "policy.yaml"), "--site", site, "--strict"];
    expect((await runHere(linted)).code).toBe(0);
    expect((await runHere(["policy", "template", name])).stdout).toBe(
      readFileSync(join(folder, "policy.yaml"), "utf8"),
    );
  });

  it("exports the policy of a site in every form, into a file that is not there yet", async () => {
    const folder = join(temporaryFolder(), "plant");
    await runHere(["init", folder]);
    const site = ["--site", join(folder, "site.yaml")];
    const of = async (format: string, ...more: string[]) =>
      await runHere(["policy", "export", ...site, "--format", format, ...more]);
    expect((await of("cedar")).stdout).toContain('@id("setpoint 1")\npermit (principal, action, resource)');
    expect((await of("cedar-schema")).stdout).toContain("entity Subject");
    expect((await of("markdown")).stdout).toContain("| write | setpoint | holding 50009 |");
    const out = join(folder, "access.csv");
    expect((await of("csv", "--out", out)).code).toBe(0);
    expect(readFileSync(out, "utf8")).toContain("0 to 80 %");
    expect(await of("csv", "--out", out, "--json")).toMatchObject({ code: 2, json: [{ error: { code: "ERR_FILE" } }] });
    expect(await of("csv", "--json")).toMatchObject({ code: 0, json: [{ site: "plant", mode: "enforce" }] });
    expect((await of("excel")).code).toBe(2);
  });
});

describe("policy lint", () => {
  const idle = `${policy.slice(0, policy.indexOf("tests:"))}  - { id: late, permit: { roles: [Viewer] }, units: [7], allow: [{ functions: [3] }] }\n`;

  it("tells what may be wrong, with file, line and column, and ends with 1 for warnings only when asked to", async () => {
    const path = file(
      "policy.yaml",
      idle.replace("[Viewer, Operator]\nrules", "[Viewer, Operator, Viewer\u00a0]\nrules"),
    );
    const { code, json } = await runHere(["policy", "lint", path, "--json"]);
    expect(code).toBe(0);
    expect(json).toMatchObject([{ file: path, errors: 0, warnings: 1 }]);
    expect((json[0] as { findings: object[] }).findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: "role-alike", severity: "warning", line: 2, column: 27 }),
        expect.objectContaining({ code: "redundant", rule: "late", line: 10, column: 5 }),
      ]),
    );
    expect((await runHere(["policy", "lint", path])).stdout).toContain(`${path}:10:5: info[redundant]: `);
    expect((await runHere(["policy", "lint", path, "--strict"])).code).toBe(1);
    expect(await runHere(["check", path, "--json"])).toMatchObject({
      code: 0,
      json: [{ valid: true, warnings: [{ code: "role-alike" }] }],
    });
  });

  it("knows which roles no certificate can carry", async () => {
    const path = file("policy.yaml", idle.replaceAll("Operator", "o".repeat(65)));
    const { json } = await runHere(["policy", "lint", path, "--json"]);
    expect(json).toMatchObject([
      { findings: expect.arrayContaining([expect.objectContaining({ code: "role-impossible" })]) },
    ]);
  });

  it("ends with 2 for a file that cannot be used", async () => {
    expect((await runHere(["policy", "lint", file("policy.yaml", "policy: 2\n")])).code).toBe(2);
    expect((await runHere(["policy", "lint", "/no/such/policy.yaml"])).code).toBe(2);
  });
});

describe("policy diff", () => {
  it("ends with 0 where nothing differs, with 1 and what it is where something does, with 2 without a file", async () => {
    const [one, other] = [file("a.yaml", policy), file("b.yaml", policy.replace("[100-109]", "[100-104]"))];
    expect(await runHere(["policy", "diff", one, one, "--json"])).toMatchObject({
      code: 0,
      json: [{ same: true, regions: [] }],
    });
    const { code, json } = await runHere(["policy", "diff", one, other, "--json"]);
    expect(code).toBe(1);
    const region = { onlyIn: "a", roles: ["Operator"], functions: ["6"], addresses: ["105-109"], units: ["1-255"] };
    expect(json).toMatchObject([{ same: false, regions: [region] }]);
    expect((await runHere(["policy", "diff", one, other])).stdout).toContain("105-109");
    expect((await runHere(["policy", "diff", one, "/no/such.yaml"])).code).toBe(2);
  });
});
