import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultSuites, sunSpecSuites } from "@modwarden/modbus";
import { describe, expect, it } from "vitest";
import { namedTests } from "./statement/named-tests.ts";
import { statementPage, unproven } from "./statement/page.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/modbus-tcp-security.md"), "utf8");
const tests = namedTests(root);

describe("the statement on Modbus/TCP Security", () => {
  it("claims nothing without a test or a gap", () => {
    expect(unproven(tests)).toEqual([]);
    expect(unproven(tests.filter(({ id }) => id !== "R-46"))).toEqual([
      expect.stringContaining("R-46"),
      expect.stringContaining("PKI-004"),
    ]);
    expect(unproven([...tests, { id: "R-99", name: "made up", file: "x.test.ts" }])).toEqual([
      expect.stringContaining("R-99"),
    ]);
  });

  it("is what the tests give (node scripts/statement.mjs)", () => {
    expect(page).toBe(statementPage(tests));
  });

  it("OPS-001 the suites, in their order, are on the page", () => {
    const listed = [...page.matchAll(/^- `(TLS_\w+)`$/gm)].map(([, suite]) => suite);
    expect(listed).toEqual(defaultSuites);
    expect(page).not.toContain("%s");
    for (const suite of sunSpecSuites) expect(page).toContain(`\`${suite}\``);
  });
});
