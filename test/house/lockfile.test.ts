import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
function entriesOf(path: string): Readonly<Record<string, Entry>> {
  const text = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
  return (JSON.parse(text) as { packages: Readonly<Record<string, Entry>> }).packages;
}

describe.each(["package-lock.json", "bench/peers/package-lock.json"])("%s", (path) => {
  const entries = entriesOf(path);

  it("names no registry, so that it works with any", () => {
    const remote = Object.values(entries).filter((entry) => entry.resolved !== undefined && entry.link !== true);
    expect(Object.keys(entries).length).toBeGreaterThan(10);
    expect(remote).toEqual([]);
  });
});

describe("package-lock.json", () => {
  const entries = entriesOf("package-lock.json");

  it("has an entry for every optional package: without one `npm ci` refuses it (node scripts/complete-lockfile.mjs)", () => {
    const names = Object.values(entries).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    const paths = Object.keys(entries);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !paths.some((path) => path.endsWith(`node_modules/${name}`)))).toEqual([]);
  });
});

describe("docs/interoperability.md", () => {
  it.each(["modbus-serial", "jsmodbus"])("names the version of %s that the tests speak with", (name) => {
    const version = entriesOf("bench/peers/package-lock.json")[`node_modules/${name}`]?.version;
    const page = readFileSync(fileURLToPath(new URL("../../docs/interoperability.md", import.meta.url)), "utf8");
    expect(page).toContain(`| ${name} | ${version} |`);
  });
});
