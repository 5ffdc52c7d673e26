import { describe, expect, it } from "vitest";
import { exportPolicy, readPolicy } from "../../index.ts";
import { devices } from "../../testing/site.ts";
import { accessRows, idleRules } from "./rows.ts";

function fileOf(rules: string, mode = "enforce") {
  return readPolicy(`policy: 1\nmode: ${mode}\nroles: [Viewer]\nrules:\n${rules}`, "policy.yaml").value;
}
const permit = "permit: { roles: [Viewer] }";
const header = { policy: "0123456789abcdef", mode: "enforce", time: "2026-11-21T09:14:03Z" } as const;

describe("a row says which", () => {
  it("points stand at the addresses, as many as fit", () => {
    const file = fileOf(`  - { id: r, ${permit}, allow: [{ functions: [3], addresses: [0-39] }] }\n`);
    const [atBoiler, atPlain] = accessRows(file, devices);
    expect(atBoiler?.object).toMatch(/^mode, target, (\w+, ){9}exponent and 5 more$/);
    expect(atPlain).toMatchObject({ device: "plain", object: "", addresses: "0-39" });
  });

  it.each([
    ["files: [4, 6-7]", "file 4, 6-7"],
    ["files: [4], records: [0-9, 12]", "file 4 record 0-9, 12"],
  ])("files and records it is about: %s", (entry, addresses) => {
    const file = fileOf(`  - { id: r, ${permit}, units: [1], allow: [{ functions: [20], ${entry} }] }\n`);
    expect(accessRows(file, devices)).toMatchObject([{ operation: "function", table: "", object: "", addresses }]);
  });

  it("people it is about: of no roles, everyone", () => {
    const file = fileOf("  - { id: r, forbid: { ids: [hmi-1] }, units: [1], deny: [{ functions: [6] }] }\n");
    expect(accessRows(file, devices)).toMatchObject([{ role: "Viewer", effect: "forbid", conditions: "only hmi-1" }]);
  });
});

describe("without a site", () => {
  const file = fileOf(`  - { id: all, ${permit}, allow: [{ functions: [3], addresses: [7] }] }
  - { id: some, ${permit}, units: [1-4, 9], allow: [{ functions: [3] }] }
`);

  it("rows are of units, and no rule is idle", () => {
    expect(accessRows(file, []).map(({ device, object }) => [device, object])).toEqual([
      ["every unit", ""],
      ["unit 1-4, 9", "all"],
    ]);
    expect(idleRules(file, [])).toEqual([]);
  });

  it("a page has a table for each of them", () => {
    const page = exportPolicy("markdown", file, [], header);
    expect(page).toContain("| site | none given |");
    expect(page).toContain("\n### every unit\n");
    expect(page).toContain("\n### unit 1-4, 9\n");
    expect(page).not.toContain("no device of this site");
  });
});

it("a page says what shadow mode takes the effect from", () => {
  const rules = `  - { id: tried, mode: shadow, ${permit}, units: [1], allow: [{ functions: [3] }] }
  - { id: off, mode: shadow, forbid: { roles: "*" }, units: [1], deny: [{ functions: [3] }] }
`;
  const enforced = exportPolicy("markdown", fileOf(rules), devices, header);
  const page = exportPolicy("markdown", fileOf(rules, "shadow"), devices, { ...header, mode: "shadow" });
  expect(enforced).not.toContain("This policy is in shadow mode");
  expect(page).toContain("**This policy is in shadow mode: what it refuses is forwarded all the same.**");
  expect(page).toMatch(/^\| read \| all \| holding \| 3 \| {2}\| no effect: in shadow mode \| tried \|$/m);
  expect(page).not.toContain("except what off forbids");
  expect(page).toContain("\n### plain (unit 2)\n\nNothing.\n");
});
