import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ShownStatus, statusRows } from "../site/status-rows.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { type Ran, runHere } from "../testing/terminal.ts";

/** A site as `init` writes it, that nobody runs. */
async function newSite(folder: string = temporaryFolder()): Promise<string> {
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

describe("what a decision depends on", () => {
  const asked = ["--as", "Operator", "--unit", "3", "--write", "setpoint=50"];
  const working = ["--tag", "hall-2", "--at", "2026-11-23T09:00:00Z"];

  let site: string;
  beforeAll(async () => {
    site = await newSite(mkdtempSync(join(tmpdir(), "modwarden-explain-")));
    const policy = `policy: 1
roles: [Viewer, Operator]
rules:
  - id: careful
    permit: { roles: [Operator], tags: [hall-2] }
    devices: [drive]
    allow: [{ write: setpoint, maxStep: 10 }]
    when: { hours: "Mon-Fri 06:00-22:00", tz: Europe/Berlin }
    approval: { people: 1, ttl: 15m }
`;
    writeFileSync(join(dirname(site), "policy.yaml"), policy);
  });
  afterAll(() => rmSync(dirname(site), { recursive: true, force: true }));
  const explain = async (...args: readonly string[]): Promise<Ran> =>
    await runHere(["policy", "explain", "--site", site, ...asked, ...args]);

  it.each([
    ["who asks", ["--at", "2026-11-23T09:00:00Z"], "no-permit"],
    ["when", ["--tag", "hall-2", "--at", "2026-11-22T09:00:00Z"], "time"],
    ["what a point held", [...working, "--known", "setpoint=30"], "step"],
    ["how long ago", [...working, "--known", "setpoint=45@60"], "step"],
    ["whether people have approved it", [...working, "--known", "setpoint=45"], "approval"],
  ])("is told to explain: %s", async (_, args, because) => {
    expect(await explain(...args, "--json")).toMatchObject({ code: 0, json: [{ permit: false, because }] });
  });

  it("permits when all of it is so, and names the command that asks people where only they are missing", async () => {
    const args = [...working, "--known", "setpoint=45"];
    expect((await explain(...args, "--approved", "--json")).json).toMatchObject([{ permit: true }]);
    expect((await explain(...args)).stdout).toContain("approval request --for ID --unit 3 --write setpoint=50");
    expect((await explain("--known", "setpoint")).code).toBe(2);
    expect((await explain("--at", "now")).code).toBe(2);
  });
});

describe("status", () => {
  it("is of a running site, and leaves no trace where none runs", async () => {
    const site = await newSite();
    const refused = await runHere(["status", "--site", site, "--json"]);
    expect(refused).toMatchObject({ code: 1, json: [{ error: { code: "ERR_SITE_STOPPED" } }] });
    expect(existsSync(join(dirname(site), "data"))).toBe(false);
  });

  it("says what a person has to look at", () => {
    const witness = { name: "file /mnt/w", state: "working", size: 7, t: "2026-11-21T09:14:03.120771Z" };
    const audit = {
      ...{ records: 8, checkpointed: 7, state: "working", checkpoint: { size: 7, t: witness.t } },
      ...{ segments: 2, bytes: 67_108_864, oldest: { seq: 0, t: witness.t }, freeBytes: 999, witnesses: [witness] },
    };
    const status: ShownStatus = {
      ...{ site: "demo", gateway: "gw1", version: "0.1.0", startedAt: "2026-11-21T09:14:03.120Z" },
      policy: { version: 3, hash: "a1b2", mode: "enforce" },
      ...{ listeners: [{ url: "modbus+tls://127.0.0.1:802", connections: 2 }], counters: { permitted: 5 }, audit },
      identity: { registered: 3, pending: 0, undelivered: 0 },
    };
    const { rows, alarms } = statusRows(status);
    expect(alarms).toEqual([]);
    const text = rows.flat().join("\n");
    for (const part of ["5 permitted, 0 refused", "2 segments of 67.1 MB", "999 B", "file /mnt/w: working, has 7"]) {
      expect(text).toContain(part);
    }
    const unknown = { checkpoint: null, segments: null, bytes: null, oldest: null, freeBytes: null };
    const differs = { ...witness, state: "differs", size: null, t: null };
    const bad = statusRows({ ...status, audit: { ...audit, ...unknown, state: "stuck", witnesses: [differs] } });
    expect(bad.alarms).toHaveLength(2);
    expect(bad.rows.flat()).not.toContain("oldest");
  });
});

describe("approval", () => {
  it.each([
    ["request", ["--device", "drive", "--write", "setpoint=50", "--for", "hmi-1"]],
    ["deny", ["7Q2M4KXA", "--reason", "not now"]],
  ])("%s is of a running site, and leaves no trace where none runs", async (step, args) => {
    const site = await newSite();
    const refused = await runHere(["approval", step, ...args, "--site", site, "--json"]);
    expect(refused).toMatchObject({ code: 1, json: [{ error: { code: "ERR_SITE_STOPPED" } }] });
    expect(existsSync(join(dirname(site), "data"))).toBe(false);
  });

  it("request wants to know what is asked", async () => {
    const site = await newSite();
    expect((await runHere(["approval", "request", "--device", "drive", "--site", site])).code).toBe(2);
    expect((await runHere(["approval", "request", "--write", "setpoint=50", "--site", site])).code).toBe(2);
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
    const explain = ["explain", "--as", "Operator", "--unit", "3", "--write", "setpoint=90"];
    expect(await run(...explain)).toMatchObject({ code: 0, json: [{ permit: true }], stderr: "" });
    writeFileSync(file, text);
    const draft = await run(...explain);
    expect(draft).toMatchObject({ code: 0, json: [{ permit: false }] });
    expect(draft.stderr).toContain("version 2");
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
