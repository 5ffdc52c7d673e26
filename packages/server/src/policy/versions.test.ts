import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PolicyVersion } from "./version-entry.ts";
import { type VersionFiles, versionFiles } from "./version-files.ts";
import { PolicyVersions } from "./versions.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "modwarden-versions-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const draft: Omit<PolicyVersion, "version" | "sha256"> = {
  hash: "0123456789abcdef",
  time: "2026-11-21T09:14:03.120Z",
  action: "apply",
  by: "control",
  tests: "passed",
  seen: "",
};
const folder = (): VersionFiles => versionFiles(join(dir, "policy"));
const open = (files: VersionFiles = folder()): Promise<PolicyVersions> => PolicyVersions.open(files);
const index = (): string => join(dir, "policy", "versions.jsonl");

describe("the versions of a policy", () => {
  it("are kept with their texts, signed by a key that only their owner reads", async () => {
    const versions = await open();
    expect(versions.empty).toBe(true);
    expect(readdirSync(dir)).toEqual([]);
    await versions.add(draft, "one\n");
    await versions.add({ ...draft, action: "rollback", of: 1, comment: "as it was\nbefore" }, "two\n");
    const again = await open();
    expect(again.problems).toEqual([]);
    expect(again.entries()).toMatchObject([{ version: 1 }, { version: 2, of: 1, comment: "as it was\nbefore" }]);
    expect(await again.newest()).toMatchObject({ entry: { version: 2 }, text: "two\n" });
    expect((await again.kept(1)).text).toBe("one\n");
    await expect(again.kept(3)).rejects.toMatchObject({ code: "ERR_POLICY_VERSION_UNKNOWN" });
    expect(statSync(join(dir, "policy")).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(dir, "policy"))) {
      expect(statSync(join(dir, "policy", name)).mode & 0o777, name).toBe(0o600);
    }
  });

  it("are a hundred at most, and no number is given twice", async () => {
    let versions = await open();
    for (let count = 1; count <= 103; count += 1) await versions.add(draft, `text ${count}\n`);
    versions = await open();
    expect(versions.entries().map(({ version }) => version)).toEqual(Array.from({ length: 100 }, (_, at) => at + 4));
    expect(readdirSync(join(dir, "policy")).filter((name) => name.endsWith(".yaml"))).toHaveLength(100);
    // What a process left that died before its version counted.
    writeFileSync(join(dir, "policy", "000107.yaml"), "half");
    expect(await (await open()).add(draft, "next\n")).toMatchObject({ version: 108 });
  });

  const lines = (): string[] => readFileSync(index(), "utf8").trimEnd().split("\n");
  const damages: readonly (readonly [string, () => void, number])[] = [
    ["its text was changed", () => appendFileSync(join(dir, "policy", "000002.yaml"), "# more\n"), 1],
    ["its text is missing", () => rmSync(join(dir, "policy", "000002.yaml")), 1],
    ["a field was changed", () => writeFileSync(index(), `${lines().join("\n").replace('"of":1', '"of":2')}\n`), 1],
    ["a field was added", () => writeFileSync(index(), `${lines().join("\n").replace('"of":1', '"of":1,"x":1')}\n`), 1],
    ["its number was changed", () => writeFileSync(index(), `${lines().join("\n").replace('n":2', 'n":9')}\n`), 1],
    ["it is no JSON", () => appendFileSync(index(), "{\n"), 2],
  ];

  it.each(damages)("of which one does not hold are used without it: %s", async (_, damage, expected) => {
    const versions = await open();
    await versions.add(draft, "one\n");
    await versions.add({ ...draft, action: "rollback", of: 1 }, "two\n");
    damage();
    const again = await open();
    expect((await again.newest())?.entry.version).toBe(expected);
    expect(again.problems).toHaveLength(1);
    const next = await again.add(draft, "three\n");
    expect(next.version).toBeGreaterThan(expected);
    // What did not hold stays as evidence.
    expect((await (await open()).newest())?.text).toBe("three\n");
    expect(lines().length).toBe(expected === 2 ? 4 : 3);
  });

  it("are none without their key, or with that of somebody else", async () => {
    const versions = await open();
    await versions.add(draft, "one\n");
    rmSync(join(dir, "policy", "key.pem"));
    const without = await open();
    expect(await without.newest()).toBeUndefined();
    expect([without.empty, without.problems.length]).toEqual([false, 1]);
    await (await PolicyVersions.open(versionFiles(join(dir, "other")))).add(draft, "other\n");
    writeFileSync(join(dir, "policy", "key.pem"), readFileSync(join(dir, "other", "key.pem")));
    expect(await (await open()).newest()).toBeUndefined();
    writeFileSync(join(dir, "policy", "key.pem"), "no key");
    await expect(open()).rejects.toMatchObject({ code: "ERR_POLICY_KEY" });
  });

  it("are the old or the new one wherever a process dies between two", async () => {
    await (await open()).add(draft, "old\n");
    let died = 0;
    let before = 1;
    for (let steps = 0; ; steps += 1) {
      const dying = await open(diesAfter(steps));
      const added = await dying.add(draft, "new\n").catch(() => undefined);
      const again = await open();
      expect(again.problems).toEqual([]);
      const newest = await again.newest();
      expect(newest?.text).toMatch(/^(old|new)\n$/);
      if (added !== undefined) {
        expect(newest?.entry.version).toBe(added.version);
        break;
      }
      died += 1;
      expect(newest!.entry.version).toBeGreaterThanOrEqual(before);
      before = newest!.entry.version;
    }
    expect(died).toBeGreaterThan(2);
  });
});

/** Every file operation that changes something is two: before it is done, and after. */
function diesAfter(steps: number): VersionFiles {
  const files = folder();
  let left = steps;
  const step = (): void => {
    if (left <= 0) throw new Error("died");
    left -= 1;
  };
  const twice = async (run: () => Promise<void>): Promise<void> => {
    step();
    await run();
    step();
  };
  return {
    ...files,
    create: (name, text) => twice(() => files.create(name, text)),
    replace: (name, text) => twice(() => files.replace(name, text)),
  };
}
