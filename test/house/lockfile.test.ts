import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const text = readFileSync(fileURLToPath(new URL("../../package-lock.json", import.meta.url)), "utf8");

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const entries = (JSON.parse(text) as { packages: Readonly<Record<string, Entry>> }).packages;

describe("the lockfile", () => {
  it("names no registry, so that it works with any", () => {
    const remote = Object.values(entries).filter((entry) => entry.resolved !== undefined && entry.link !== true);
    expect(remote).toEqual([]);
  });

  it("has an entry for every optional package: without one `npm ci` refuses it (node scripts/complete-lockfile.mjs)", () => {
    const names = Object.values(entries).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    const paths = Object.keys(entries);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !paths.some((path) => path.endsWith(`node_modules/${name}`)))).toEqual([]);
  });
});
