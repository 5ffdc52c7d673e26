import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { compilePolicy, readPolicy, runPolicyTests } from "@modwarden/policy";
import { builtinProfile, builtinProfileText, readProfile } from "@modwarden/profile";
import { loadSite, policyDevices } from "@modwarden/server";
import { loadPlant, readPlant } from "@modwarden/simulator";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const examples = join(root, "examples");
const docs = join(root, "docs");

const folders = readdirSync(examples, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(examples, entry.name, "site.yaml")))
  .map((entry) => entry.name);

/** The YAML files below a folder that are not made by running the example. */
function yamlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".yaml"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/[/\\](data|identities)[/\\]/.test(relative(folder, file)));
}

describe("the examples", () => {
  it("are there", () => {
    expect(folders).toContain("energy-hall");
  });

  it.each(folders)("%s: its site loads, and every test of its policy holds", (name) => {
    const { policy, devices, profiles } = loadSite(join(examples, name, "site.yaml"));
    const result = runPolicyTests(policy.document, policy.compiled, policyDevices(devices, profiles));
    expect(result.cases.filter((one) => !one.ok)).toEqual([]);
    expect(result.passed).toBeGreaterThan(0);
  });

  it.each([
    ["RBAC-002 the four roles of Secure SunSpec Modbus have the rights of its table", "policy.yaml"],
    ["RBAC-003 the roles of IEC 62351-8 are there as a template", "policy-iec-62351-8.yaml"],
  ])("%s", (_, file) => {
    const folder = join(examples, "secure-sunspec");
    const { devices, profiles } = loadSite(join(folder, "site.yaml"));
    const document = readPolicy(readFileSync(join(folder, file), "utf8"), file);
    const asked = policyDevices(devices, profiles);
    const result = runPolicyTests(document, compilePolicy(document, asked), asked);
    expect(result.cases.filter((one) => !one.ok)).toEqual([]);
    expect(result.passed).toBeGreaterThan(10);
  });

  it.each(folders)("%s: its plant has a unit for every device of the site, with the same profile", async (name) => {
    const folder = join(examples, name);
    const plant = await loadPlant([join(folder, "plant.yaml")]);
    const site = loadSite(join(folder, "site.yaml"));
    const simulated = plant.units.map(({ unit, profile }) => [unit, profile.name]);
    expect(simulated).toEqual(site.devices.map(({ id, deviceUnit }) => [deviceUnit, site.profiles.get(id)?.name]));
  });

  it.each(folders)("%s: each of its device files reads, golden vectors included", (name) => {
    for (const file of yamlFiles(join(examples, name))) {
      const text = readFileSync(file, "utf8");
      if (/^profile: 1$/m.test(text)) expect(readProfile(text, file).golden.length).toBeGreaterThan(0);
    }
  });

  it.each(folders)("%s: every YAML file names the published schema of its kind", (name) => {
    for (const file of yamlFiles(join(examples, name))) {
      const text = readFileSync(file, "utf8");
      const kind = /^(modwarden|policy|profile|plant): 1$/m.exec(text)?.[1]?.replace("modwarden", "site");
      const named = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1] ?? "";
      const schema = join(root, "schemas", `${kind}.schema.json`);
      expect(join(file, "..", named)).toBe(schema);
    }
  });
});

const pages = readdirSync(docs).filter((name) => name.endsWith(".md"));

function pageText(name: string): string {
  return readFileSync(join(docs, name), "utf8");
}

/** Blocks of a page that open with ```yaml and the version key of a kind of file. */
function filesIn(name: string, key: string): string[] {
  return [...pageText(name).matchAll(/```yaml\n(.*?)```/gs)]
    .map(([, text = ""]) => text)
    .filter((text) => text.startsWith(`${key}: 1`));
}

/** Every page with the files of one kind that stand in it. */
function pagesWith(key: string): [page: string, text: string][] {
  return pages.flatMap((page) => filesIn(page, key).map((text): [string, string] => [page, text]));
}

/** The heading's anchor, as Markdown viewers make it. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, "");
  return words.trim().replaceAll(/\s/g, "-");
}

describe("the documentation", () => {
  it("is linked from its index, every page", () => {
    const index = pageText("index.md");
    expect(pages.filter((page) => page !== "index.md" && !index.includes(`](${page})`))).toEqual([]);
  });

  it.each(pages)("%s: every link to a file or heading leads somewhere", (page) => {
    const targets = [...pageText(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    const lost = targets.filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? join(docs, page) : join(docs, path);
      if (!existsSync(file)) return true;
      if (anchor === undefined) return false;
      const headings = [...readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) => anchorOf(text));
      return !headings.includes(anchor);
    });
    expect(lost).toEqual([]);
  });

  it.each(pagesWith("policy"))("%s: the policy in it reads", (page, text) => {
    expect(readPolicy(text, page).value.rules.length).toBeGreaterThan(0);
  });

  it.each(pagesWith("profile"))("%s: the device file in it reads", (page, text) => {
    expect(readProfile(text, page).points.length).toBeGreaterThan(0);
  });

  it.each(pagesWith("plant"))("%s: the plant in it reads", (page, text) => {
    expect(readPlant(text, page, builtinProfile).units.length).toBeGreaterThan(0);
  });

  it.each(pagesWith("modwarden"))("%s: the site in it loads", (_page, text) => {
    const folder = mkdtempSync(join(tmpdir(), "modwarden-docs-"));
    try {
      const file = join(folder, "site.yaml");
      writeFileSync(file, text);
      writeFileSync(join(folder, "policy.yaml"), "policy: 1\nroles: []\nrules: []\n");
      const drive = join(folder, "devices/drive.yaml");
      mkdirSync(dirname(drive));
      writeFileSync(drive, builtinProfileText("danfoss-fc51"));
      expect(loadSite(file).listeners.length).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  /** TypeScript that is followed by what it prints, with the page it stands on. */
  const written = [...pages.map((page) => join("docs", page)), "packages/modbus/README.md"].flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/```ts\n(.*?)```\n```\n(.*?)```/gs)].map(
      ([, program = "", prints = ""]) => ({ page, program, prints }),
    ),
  );

  it("has programs and what they print", () => {
    expect(written.filter(({ page }) => page === "docs/library.md").length).toBeGreaterThanOrEqual(4);
    expect(written.filter(({ page }) => page === "packages/modbus/README.md")).toHaveLength(1);
  });

  it.concurrent.each(written)("$page: the program that prints $prints does", async ({ program, prints }) => {
    const flags = ["--conditions=@modwarden/source", "--input-type=module-typescript"];
    const { stdout, stderr } = await run(process.execPath, [...flags, "-e", program], { cwd: root });
    expect(stdout + stderr).toBe(prints);
  });
});
