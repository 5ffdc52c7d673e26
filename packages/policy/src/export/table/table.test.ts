import { describe, expect, it } from "vitest";
import { type AccessRow, accessRows, exportPolicy, readPolicy } from "../../index.ts";
import { devices } from "../../testing/site.ts";
import { csvCell } from "./csv.ts";
import { conditionsText } from "./words.ts";

const text = `policy: 1
roles: [Viewer, "=Boss|"]
rules:
  - { id: read, permit: { roles: [Viewer, "=Boss|"] }, units: [1], allow: [{ functions: [3, 4] }, { functions: [7, 90] }] }
  - id: set
    permit: { roles: ["=Boss|"] }
    devices: [boiler]
    allow: [{ write: target, min: 0.5, max: 80 }, { write: mode, values: [1] }, { write: flags, mask: 3 }]
    when: { sources: [10.0.0.0/8] }
  - { id: raw, permit: { roles: ["=Boss|"] }, devices: [boiler], allow: [{ functions: [16, 22], addresses: [0-3] }] }
  - { id: never, forbid: { roles: "*" }, deny: [{ write: mode }, { functions: [8] }] }
  - { id: nowhere, permit: { roles: [Viewer] }, units: [77], allow: [{ functions: [3] }] }
`;
const file = readPolicy(text, "policy.yaml").value;
const header = { policy: "0123456789abcdef", mode: "enforce", site: "a<b>", time: "2026-11-21T09:14:03Z" } as const;
const rows = accessRows(file, devices);

function of(role: string, device: string, rule: string): readonly Partial<AccessRow>[] {
  return rows.filter((row) => row.role === role && row.device === device && row.rule === rule);
}

describe("the rows of a policy", () => {
  it("say what may be read, by each role at each device", () => {
    expect(of("Viewer", "boiler", "read")).toMatchObject([
      { effect: "permit", operation: "read", object: "all", table: "holding", functions: "3", conditions: "" },
      { operation: "read", table: "input", functions: "4" },
      { operation: "function", functions: "7", conditions: "" },
      { operation: "function", functions: "90", conditions: "over TLS only" },
    ]);
    expect(of("Viewer", "plain", "read")).toEqual([]);
  });

  it("say what may be written, under which limits, in the units of the point", () => {
    expect(of("=Boss|", "boiler", "set")).toMatchObject([
      { object: "target", addresses: "1", functions: "6, 16, 23", limits: "0.5 to 80 °C" },
      { object: "mode", limits: "one of 1 (heat)", exceptions: "never" },
      { object: "flags", functions: "6, 16, 22, 23", limits: "only bits pump, fan (mask 0x0003)" },
    ]);
    expect(of("=Boss|", "boiler", "set")[0]?.conditions).toBe("over TLS only; from 10.0.0.0/8");
    expect(of("Viewer", "boiler", "set")).toEqual([]);
  });

  it("name the points at addresses, and the forbids that take some of them away", () => {
    expect(of("=Boss|", "boiler", "raw")).toMatchObject([
      { object: "mode, target, offset, inverse", addresses: "0-3", functions: "16, 22", exceptions: "never" },
    ]);
    expect(of("Viewer", "boiler", "never")).toMatchObject([
      { effect: "forbid", operation: "write", object: "mode" },
      { effect: "forbid", operation: "function", functions: "8" },
    ]);
  });

  it("are of units where there is no site", () => {
    expect(accessRows({ ...file, rules: [file.rules[0]!] }, [])[0]).toMatchObject({ device: "unit 1", unit: null });
  });

  it("have every condition in words", () => {
    const { rules } = readPolicy(
      `policy: 1
roles: [A, B]
rules:
  - id: all
    permit: { roles: [A], ids: [hmi-1], tags: [hall, night], kinds: [client] }
    allow: [{ functions: [6] }]
    when: { transports: [tcp, tls], listeners: ["modbus+tls://a:802"], sites: [s], gateways: [g], zones: [z], hours: "Mon-Fri 06:00-22:00", tz: Europe/Berlin, interlock: { point: drive.alarm, equals: 0, maxAgeMs: 2000 } }
    rate: { requests: 5, perSeconds: 1, burst: 10 }
    approval: { people: 2, ttl: 15m, by: [B] }
`,
      "all.yaml",
    ).value;
    const words = conditionsText(rules[0]!, true);
    for (const part of [
      ...["hmi-1", "hall or night", "client", "over tcp or tls", "modbus+tls://a:802", "site s", "gateway g", "zone z"],
      ...["06:00-22:00 (Europe/Berlin)", "drive.alarm is 0", "2000 ms", "5 requests in 1 s, 10 at once"],
      ...["two other people of the role B", "15m"],
    ]) {
      expect(words).toContain(part);
    }
  });
});

describe("CSV", () => {
  it.each([
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    [" =1", "' =1"],
    ["\uFF1D1", "'\uFF1D1"],
    ["|calc", "'|calc"],
  ])("is no formula: %j", (cell, safe) => {
    expect(csvCell(cell).replaceAll('"', "")).toBe(safe);
  });

  it("quotes what would end a cell, and leaves the rest as it is", () => {
    expect(csvCell('a "b", c')).toBe('"a ""b"", c"');
    expect(csvCell("0 to 80 %")).toBe("0 to 80 %");
  });

  it("has one line for each row, all of them as long as the first", () => {
    const lines = exportPolicy("csv", file, devices, header).split("\r\n");
    expect(lines.length).toBe(rows.length + 2);
    const cells = (line: string) => line.match(/("([^"]|"")*"|[^,]*)(,|$)/g)!.length;
    expect(new Set(lines.slice(0, -1).map(cells)).size).toBe(1);
    expect(lines[0]).toMatch(/^role,device,unit,effect,operation,object,table,addresses,functions,limits,/);
    expect(lines.some((line) => line.startsWith("=") || line.includes(",="))).toBe(false);
  });
});

describe("Markdown", () => {
  const page = exportPolicy("markdown", file, devices, header);

  it("has a header, a part for each role, a table for each device", () => {
    expect(page).toContain("`0123456789abcdef`");
    expect(page).toContain("2026-11-21T09:14:03Z");
    expect(page).toContain("\n## Viewer\n");
    expect(page).toContain("\n### boiler (unit 1, boiler)\n");
    expect(page).toContain("no device of this site: nowhere");
  });

  it("takes nothing of the file for markup", () => {
    expect(page).toContain("## =Boss\\|");
    expect(page).toContain("a\\<b\\>");
    const columns = page.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| |"));
    expect(new Set(columns.map((line) => line.match(/(?<!\\)\|/g)!.length))).toEqual(new Set([3, 8]));
  });
});
