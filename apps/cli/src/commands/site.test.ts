import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { type Ran, runHere } from "../testing/terminal.ts";

/** A site as `init` writes it, that nobody runs. */
async function newSite(): Promise<string> {
  const folder = temporaryFolder();
  expect((await runHere(["init", folder])).code).toBe(0);
  return join(folder, "site.yaml");
}

describe("policy explain", () => {
  const explain = async (...args: readonly string[]): Promise<Ran> =>
    await runHere(["policy", "explain", "--site", await newSite(), "--json", ...args]);

  it.each([
    ["a point", ["--as", "Operator", "--unit", "3", "--write", "setpoint=90"], { permit: false, because: "max" }],
    ["a function with a sub-function", ["--as", "Viewer", "--unit", "1", "--function", "43/14"], { permit: true }],
    ["a function without an address", ["--as", "Operator", "--unit", "1", "--function", "8/1"], { because: "forbid" }],
    [
      "the masks of function 22",
      ["--as", "Viewer", "--unit", "3", "--function", "22", "--address", "50009", "--and", "0", "--or", "1"],
      { permit: false, because: "no-permit" },
    ],
  ])("answers for %s", async (_, args, answer) => {
    expect(await explain(...args)).toMatchObject({ code: 0, json: [answer] });
  });

  it.each([
    ["no such point", ["--as", "Operator", "--unit", "3", "--write", "colour=1"], "ERR_POLICY_QUESTION"],
    ["a function that lacks its address", ["--as", "Viewer", "--unit", "3", "--function", "3"], "ERR_POLICY_QUESTION"],
    ["a gap among the values", ["--unit", "3", "--function", "16", "--address", "1", "--values", "1,,2"], "ERR_USAGE"],
    ["no function code", ["--unit", "3", "--function", "300"], "ERR_USAGE"],
  ])("ends with 2 for %s", async (_, args, code) => {
    expect(await explain(...args)).toMatchObject({ code: 2, json: [{ error: { code } }] });
  });
});

describe("a role that the policy does not have", () => {
  it.each([
    ["key create", ["key", "create", "--kind", "client"]],
    ["identity add", ["identity", "add", "hmi-1", "--kind", "client"]],
  ])("R-29 is given to nobody: it is refused, and nothing changes (%s)", async (_, args) => {
    const site = await newSite();
    const refused = await runHere([...args, "--role", "Operatr", "--site", site, "--json"]);
    expect(refused).toMatchObject({ code: 2, json: [{ error: { code: "ERR_ROLE_UNKNOWN" } }] });
    const listed = await runHere([args[0] ?? "", "list", "--site", site, "--json"]);
    expect(listed.json).toEqual([[]]);
    expect((await runHere([...args, "--role", "Operator", "--site", site, "--json"])).code).toBe(0);
  });

  it("is not complained of where it has it", async () => {
    const site = await newSite();
    const { code, stderr } = await runHere([
      "key",
      "create",
      "--kind",
      "client",
      "--role",
      "Viewer",
      "--site",
      site,
      "--json",
    ]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
  });
});

describe("the versions of the policy", () => {
  it("are applied, listed and rolled back to, also while the site does not run", async () => {
    const site = await newSite();
    const run = (...args: readonly string[]): Promise<Ran> => runHere(["policy", ...args, "--site", site, "--json"]);
    expect(await run("apply")).toMatchObject({ code: 0, json: [{ version: 1, tests: "passed", previous: null }] });
    const file = join(dirname(site), "policy.yaml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("max: 80", "max: 100"));
    expect(await run("apply")).toMatchObject({ code: 1, json: [{ error: { code: "ERR_POLICY_TESTS" } }] });
    expect(await run("apply", "--skip-tests")).toMatchObject({ code: 0, json: [{ version: 2, tests: "skipped" }] });
    writeFileSync(file, "policy: 1\nrules: 7\n");
    const refused = await run("apply");
    expect(refused).toMatchObject({ code: 2, json: [{ error: { code: "ERR_DOCUMENT" } }] });
    expect(refused.stderr).toMatch(/policy\.yaml:2:\d+: /);
    expect(await run("rollback", "--comment", "too much")).toMatchObject({ code: 0, json: [{ version: 3, of: 1 }] });
    expect(await run("rollback", "9")).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_POLICY_VERSION_UNKNOWN" } }],
    });
    const [history] = (await run("history")).json as readonly (readonly object[])[];
    expect(history).toMatchObject([
      { version: 1, by: "command" },
      { version: 2 },
      { version: 3, action: "rollback", comment: "too much" },
    ]);
    // The file is bad: what else works on the site does not need it.
    expect((await runHere(["identity", "list", "--site", site, "--json"])).code).toBe(0);
  });
});
