import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSite } from "../site/load.ts";
import type { PolicyRecord } from "./record.ts";
import { type PolicyParts, SitePolicies } from "./site-policies.ts";
import { versionFiles } from "./version-files.ts";
import { PolicyVersions } from "./versions.ts";

let dir: string;
let records: PolicyRecord[];
let notices: string[];
let enforced: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "modwarden-policies-"));
  writeFileSync(
    join(dir, "site.yaml"),
    `modwarden: 1
site: hall
data: ./data
gateway:
  id: gw1
  listen: [{ url: "modbus+tls://127.0.0.1:0" }]
  devices: [{ id: drive, unit: 3, profile: danfoss-fc51, at: "modbus+tcp://10.0.0.11:502" }]
policy: policy.yaml
enrolment: { listen: "https://127.0.0.1:0", approvers: [Viewer] }
`,
  );
  records = [];
  notices = [];
  enforced = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A policy of which one limit is its own. */
const policy = (max: number, tests = ""): string =>
  `policy: 1\nroles: [Viewer]\nrules:\n  - { id: setpoint, permit: { roles: [Viewer] }, devices: [drive], allow: [{ write: setpoint, max: ${max} }] }\n${tests}`;
const failingTest = "tests:\n  - { as: Viewer, unit: 3, write: setpoint, value: 90, expect: permit }\n";
const unreadable = "policy: 1\nroles: [Viewer]\nrules: [{ id: a, permit: { roles: [Nobody] } }]\n";
const edit = (text: string): void => writeFileSync(join(dir, "policy.yaml"), text);

/** Nobody and no keys, unless said. */
const nobody = {
  identities: { list: () => Promise.resolve([]) },
  keys: { list: () => Promise.resolve([]) },
} as unknown as Parameters<SitePolicies["apply"]>[1];

async function parts(more: Partial<PolicyParts> = {}): Promise<PolicyParts> {
  const site = readSite(join(dir, "site.yaml"));
  return {
    site,
    versions: await PolicyVersions.open(versionFiles(join(site.data, "policy"))),
    now: () => new Date("2026-11-21T09:14:03.120Z"),
    by: "control",
    record: (record) => Promise.resolve(void records.push(record)),
    enforce: ({ text }) => Promise.resolve(void enforced.push(text)),
    ...more,
  };
}

const start = async (more: Partial<PolicyParts> = {}): Promise<SitePolicies> =>
  await SitePolicies.start(await parts(more), (text) => notices.push(text));
const apply = (policies: SitePolicies, text: string, more: object = {}) =>
  policies.apply({ text, file: "policy.yaml", ...more }, nobody);
const maxOf = ({ inForce }: SitePolicies): string => /max: (\d+)/.exec(inForce.text)?.[1] ?? "";
const events = (): unknown[] => records.map(({ event, version }) => [event, version]);

describe("what a site begins with", () => {
  it("is its policy file the first time, and again whenever that has changed", async () => {
    edit(policy(80));
    expect((await start()).version).toMatchObject({ version: 1, by: "start", action: "apply", tests: "passed" });
    expect((await start()).version).toMatchObject({ version: 1 });
    edit(policy(70));
    const policies = await start();
    expect([maxOf(policies), policies.version?.version]).toEqual(["70", 2]);
    expect(events()).toEqual([
      ["applied", 1],
      ["in-force", 1],
      ["applied", 2],
    ]);
    expect(notices).toEqual([]);
  });

  it("is nothing where the first file is bad", async () => {
    edit(unreadable);
    await expect(start()).rejects.toMatchObject({ code: "ERR_DOCUMENT" });
    expect(existsSync(join(dir, "data"))).toBe(false);
  });

  it.each([
    ["cannot be read", unreadable],
    ["is no YAML", "policy: ["],
    ["names a device that is not there", policy(80).replace("[drive]", "[motor]")],
    ["does not have the role of approvers", policy(80).replaceAll("Viewer", "Other")],
    ["fails its own tests", policy(80, failingTest)],
    ["is missing", undefined],
  ])("is the last good version where the file %s, which is told with its place and recorded", async (_, bad) => {
    edit(policy(80));
    await start();
    if (bad === undefined) rmSync(join(dir, "policy.yaml"));
    else edit(bad);
    for (const time of [1, 2]) {
      const policies = await start();
      expect([maxOf(policies), policies.version?.version]).toEqual(["80", 1]);
      expect(notices).toHaveLength(time);
      expect(notices[0]).toMatch(/(?:policy|site)\.yaml:\d+:\d+: /);
    }
    expect(events()).toEqual([
      ["applied", 1],
      ["refused", undefined],
      ["in-force", 1],
      ["refused", undefined],
      ["in-force", 1],
    ]);
  });

  it("is what was applied or rolled back to, until the file changes", async () => {
    edit(policy(80));
    const policies = await start();
    await apply(policies, policy(60));
    expect(maxOf(await start())).toBe("60");
    await (await start()).rollback({}, nobody);
    edit(policy(80));
    expect(maxOf(await start())).toBe("80");
    edit(policy(50));
    const changed = await start();
    await changed.rollback({}, nobody);
    expect(maxOf(await start())).toBe("80");
    edit(policy(40));
    expect(maxOf(await start())).toBe("40");
  });

  it("is never a version that was changed: the newest that holds, told and recorded", async () => {
    edit(policy(80));
    await apply(await start(), policy(60));
    const text = join(dir, "data", "policy", "000002.yaml");
    writeFileSync(text, readFileSync(text, "utf8").replace("60", "99"));
    expect(maxOf(await start())).toBe("80");
    expect(notices).toHaveLength(1);
    expect(records).toContainEqual(expect.objectContaining({ event: "damaged", version: 2 }));
    rmSync(join(dir, "data", "policy", "000001.yaml"));
    await expect(start()).rejects.toMatchObject({ code: "ERR_POLICY_VERSIONS" });
  });

  it("never needs the file again once it was applied, also to look", async () => {
    edit(policy(80));
    await start();
    edit("rules: [");
    const looking = await SitePolicies.look(await parts({ by: "command" }));
    expect(maxOf(looking)).toBe("80");
    expect(await apply(looking, policy(75))).toMatchObject({ version: 2, previous: 1 });
    expect(looking.version).toMatchObject({ by: "command" });
  });
});

describe("another policy", () => {
  it("is kept, recorded and given to the line, in that order, before the promise is kept", async () => {
    edit(policy(80));
    const order: string[] = [];
    const policies = await start({
      record: (record) => {
        const index = readFileSync(join(dir, "data", "policy", "versions.jsonl"), "utf8");
        order.push(`record ${index.trimEnd().split("\n").length}`);
        return Promise.resolve(void records.push(record));
      },
      enforce: () => Promise.resolve(void order.push("enforce")),
    });
    order.length = 0;
    expect(await apply(policies, policy(60), { comment: "less" })).toMatchObject({
      version: 2,
      previous: 1,
      rules: 1,
      mode: "enforce",
      tests: "passed",
      hash: policies.inForce.compiled.hash,
      warnings: [],
    });
    expect(order).toEqual(["record 2", "enforce"]);
    expect(records.at(-1)).toMatchObject({ event: "applied", version: 2, comment: "less", by: "control" });
    expect(await apply(policies, policy(60))).toMatchObject({ version: 2, unchanged: true });
    expect(order).toHaveLength(2);
  });

  it.each([
    ["that cannot be read", unreadable, "ERR_DOCUMENT"],
    ["without the role of approvers", policy(60).replaceAll("Viewer", "Other"), "ERR_DOCUMENT"],
    ["whose tests fail", policy(60, failingTest), "ERR_POLICY_TESTS"],
    ["whose tests ask nothing", policy(60, failingTest.replace("unit: 3", "unit: 4")), "ERR_DOCUMENT"],
  ])("%s changes nothing, and that is recorded", async (_, text, code) => {
    edit(policy(80));
    const policies = await start();
    enforced.length = 0;
    await expect(apply(policies, text)).rejects.toMatchObject({ code });
    expect([maxOf(policies), enforced, policies.history(10).length]).toEqual(["80", [], 1]);
    expect(records.at(-1)).toMatchObject({ event: "refused", by: "control" });
  });

  it("may be applied without its tests, and it stands there that it was", async () => {
    edit(policy(80));
    const policies = await start();
    const applied = await apply(policies, policy(60, failingTest), { skipTests: true });
    expect(applied.tests).toBe("skipped");
    expect(records.at(-1)).toMatchObject({ event: "applied", tests: "skipped" });
  });

  it.each(["enforce", "record"] as const)(
    "is taken back when %s fails, and the one before is the newest",
    async (fails) => {
      edit(policy(80));
      let failing = false;
      const policies = await start({
        [fails]: () => {
          if (!failing) return Promise.resolve();
          failing = false;
          return Promise.reject(new Error("not now"));
        },
      });
      failing = true;
      await expect(apply(policies, policy(60))).rejects.toThrow("not now");
      expect(maxOf(policies)).toBe("80");
      expect(policies.version).toMatchObject({ version: 3, action: "withdraw", of: 1 });
      expect(maxOf(await start())).toBe("80");
      expect(await apply(policies, policy(60))).toMatchObject({ version: 4, previous: 3 });
    },
  );

  it("warns of those whose role goes", async () => {
    edit(policy(80).replace("[Viewer]", "[Viewer, Guest]"));
    const policies = await start();
    const somebody = {
      identities: { list: () => Promise.resolve([{ id: "hmi", role: "Guest", state: "active" }]) },
      keys: { list: () => Promise.resolve([{ id: "5M3Y0RKT", roles: ["Guest"], state: "open" }]) },
    } as unknown as Parameters<SitePolicies["apply"]>[1];
    const { warnings } = await policies.apply({ text: policy(80), file: "policy.yaml" }, somebody);
    expect(warnings.map((warning) => [warning.includes("hmi"), warning.includes("5M3Y0RKT")])).toEqual([
      [true, false],
      [false, true],
    ]);
  });
});

describe("a rollback", () => {
  it("goes one further back each time, as a new version", async () => {
    edit(policy(80));
    const policies = await start();
    for (const max of [70, 60]) await apply(policies, policy(max));
    expect(await policies.rollback({ comment: "no" }, nobody)).toMatchObject({ version: 4, of: 2, previous: 3 });
    expect(maxOf(policies)).toBe("70");
    expect(await policies.rollback({}, nobody)).toMatchObject({ version: 5, of: 1 });
    await expect(policies.rollback({}, nobody)).rejects.toMatchObject({ code: "ERR_POLICY_VERSION_UNKNOWN" });
    expect(await policies.rollback({ version: 3 }, nobody)).toMatchObject({ version: 6, of: 3 });
    expect(enforced.at(-1)).toBe(policy(60));
    expect(records.map(({ event, of }) => [event, of]).slice(-4)).toEqual([
      ["rolled-back", 2],
      ["rolled-back", 1],
      ["refused", undefined],
      ["rolled-back", 3],
    ]);
    await expect(policies.rollback({ version: 99 }, nobody)).rejects.toMatchObject({
      code: "ERR_POLICY_VERSION_UNKNOWN",
    });
  });
});
