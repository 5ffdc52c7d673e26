import { describe, expect, it } from "vitest";
import { type DiffRegion, diffPolicies, type PolicyDiff, readPolicy } from "../index.ts";
import { devices } from "../testing/site.ts";

const document = (rules: string, head = "") =>
  readPolicy(
    `policy: 1\n${head}roles: [Viewer, Operator]\nrules:${rules === "  []" ? "" : "\n"}${rules}\n`,
    "policy.yaml",
  );
const difference = (a: string, b: string): PolicyDiff => diffPolicies(document(a), document(b), devices);
const permit = (more: string) => `  - { id: a, permit: { roles: [Operator] }, ${more} }`;
/** `a: value 25.1 to 30` of each region. */
const told = ({ regions }: PolicyDiff): readonly string[] =>
  regions.map((region) => `${region.onlyIn} ${region.functions.join(",")}: ${region.conditions.join("; ")}`);
const first = ({ regions }: PolicyDiff): DiffRegion => regions[0]!;

describe("diffPolicies", () => {
  it("finds nothing where one thing is said in two ways", () => {
    const both = permit('units: ["1-3"], allow: [{ functions: [3], addresses: ["0-9", "10-20"] }, { functions: [4] }]');
    const apart = [
      '  - { id: x, permit: { roles: [Operator] }, units: [1, 2], allow: [{ functions: [3, 4], addresses: ["0-20"] }] }',
      '  - { id: y, permit: { roles: [Operator] }, units: [3], allow: [{ functions: [3], addresses: ["0-20"] }] }',
      '  - { id: z, permit: { roles: [Operator] }, units: ["1-3"], allow: [{ functions: [4] }] }',
      '  - { id: v, forbid: { roles: "*" }, deny: [{ functions: [90] }] }',
    ].join("\n");
    expect(difference(both, apart)).toEqual({ same: true, regions: [] });
  });

  it("tells values in the point's own units, with the rules of both", () => {
    const diff = difference(
      permit("allow: [{ write: target, max: 30 }]"),
      permit("allow: [{ write: target, max: 25 }]"),
    );
    expect(diff.same).toBe(false);
    expect(diff.regions).toHaveLength(1);
    expect(first(diff)).toMatchObject({
      ...{ onlyIn: "a", roles: ["Operator"], devices: ["boiler"], functions: ["6", "16"], table: "holding" },
      ...{ write: true, addresses: ["1"], points: ["target"], conditions: ["value 25.1 to 30 °C"] },
      ...{ by: { rule: "a", says: "max 30" }, nearest: [{ rule: "a", says: "max 25" }] },
    });
  });

  it("knows a point's limit from the same limit of its register", () => {
    const point = permit("devices: [boiler], allow: [{ write: target, min: 1, max: 25 }]");
    const raw = permit("devices: [boiler], allow: [{ functions: [6, 16], addresses: [1], min: 10, max: 250 }]");
    expect(difference(point, raw)).toEqual({ same: true, regions: [] });
    const signed = permit("devices: [boiler], allow: [{ write: offset, min: -1, max: 0 }]");
    const list = permit("devices: [boiler], allow: [{ write: offset, values: [-1, -0.5, 0] }]");
    expect(difference(signed, list).same).toBe(true);
  });

  it("tells what points of several registers may become", () => {
    const limited = (limit: string) => permit(`devices: [boiler], allow: [{ write: counter, ${limit} }]`);
    expect(told(difference(limited("max: 70000"), limited("max: 70001")))).toEqual(["b 16: value = 70001"]);
    expect(difference(limited("min: 3, max: 4"), limited("values: [3, 4]")).same).toBe(true);
  });

  it("compares networks, hours and transports as sets", () => {
    const when = (text: string) => permit(`allow: [{ functions: [3] }], when: { ${text} }`);
    const halves = when("sources: [10.0.0.0/9, 10.128.0.0/9]");
    expect(difference(when("sources: [10.0.0.0/8]"), halves).same).toBe(true);
    const part = difference(when("sources: [10.0.0.0/8]"), when("sources: [10.1.0.0/16]"));
    expect(told(part)).toEqual(["a 3: from 10.0.0.0/8 without 10.1.0.0/16"]);
    const hours = (text: string) => when(`hours: ${text}, tz: Europe/Berlin`);
    const later = difference(hours('"Mon-Fri 06:00-22:00"'), hours('["Mon-Fri 06:00-12:00", "Mon-Fri 12:00-20:00"]'));
    expect(told(later)).toEqual(["a 3: Mon-Fri 20:00-22:00 (Europe/Berlin)"]);
    expect(told(difference(when("transports: [tcp, tls]"), when("transports: [tls]")))).toEqual(["a 3: over tcp"]);
  });

  it("knows the looser of two steps, rates, approvals and interlocks, and never takes them for the same", () => {
    const step = (text: string) => permit(`allow: [{ write: target, ${text} }]`);
    expect(told(difference(step("maxStep: 1"), step("maxStep: 2"))).map((line) => line[0])).toEqual(["b"]);
    const more = (text: string) => permit(`allow: [{ functions: [3] }], ${text}`);
    const rate = (requests: number) => more(`rate: { requests: ${requests}, perSeconds: 1 }`);
    expect(told(difference(rate(5), rate(3))).map((line) => line[0])).toEqual(["a", "a"]);
    const people = (count: number) => more(`approval: { people: ${count}, ttl: 15m }`);
    expect(told(difference(people(1), people(2)))).toEqual([
      expect.stringContaining('1 <= people who approved under "a" < 2'),
    ]);
    const lock = (text: string) => more(`when: { interlock: { point: boiler.mode, ${text} } }`);
    expect(told(difference(lock("max: 3, maxAgeMs: 500"), lock("max: 2, maxAgeMs: 500")))).toEqual([
      "a 3: ms since boiler.mode was read <= 500; 2 < boiler.mode <= 3",
    ]);
    const renamed = rate(5).replace("id: a", "id: b");
    expect(difference(rate(5), renamed).same).toBe(false);
  });

  it("names the forbid that takes away, and what a request without its sub-function meets", () => {
    const open = permit("allow: [{ functions: [8] }]");
    const diff = difference(open, `${open}\n  - { id: never, forbid: { roles: "*" }, deny: [{ functions: [8/1] }] }`);
    expect(first(diff)).toMatchObject({ onlyIn: "a", functions: ["8/1"], forbiddenBy: "never" });
    expect(diff.regions).toHaveLength(1);
  });

  it("tells files and records", () => {
    const files = (records: string) => permit(`allow: [{ functions: [20], files: [3], records: ["${records}"] }]`);
    expect(first(difference(files("0-9"), files("0-4")))).toMatchObject({ files: ["3/5 to 3/9"], functions: ["20"] });
  });

  it("compares rules for other places too, and only those for this one where it is known", () => {
    const here = permit("allow: [{ functions: [3] }], when: { sites: [north] }");
    expect(told(difference(here, "  []"))).toEqual(["a 3: site north"]);
    const location = { site: "south", gateway: "gw1" };
    expect(diffPolicies(document(here), document("  []"), devices, { location }).same).toBe(true);
  });

  it("counts rules that are only tried as not there, and tells a whole policy that is", () => {
    const tried = permit("mode: shadow, allow: [{ functions: [3] }]");
    expect(difference(tried, "  []").same).toBe(true);
    const shadow = diffPolicies(document("  []", "mode: shadow\n"), document("  []"), devices);
    expect(shadow).toEqual({ same: false, modes: { a: "shadow", b: "enforce" }, regions: [] });
  });

  it("tells as a whole what has too many parts to be told apart, and never takes it for the same", () => {
    const locks = Array.from({ length: 14 }, (_, bit) => `{ point: boiler.flags.${bit}, equals: 1, maxAgeMs: ${bit} }`);
    const forbid = (list: readonly string[]) =>
      `  - { id: f, forbid: { roles: "*" }, deny: [{ functions: [3] }], when: { interlock: [${list.join(", ")}] } }`;
    const open = permit("allow: [{ functions: [3] }]");
    const diff = difference(`${open}\n${forbid(locks)}`, `${open}\n${forbid(locks.slice(1))}`);
    expect(diff.regions).toEqual([
      expect.objectContaining({ onlyIn: "a", vague: true }),
      expect.objectContaining({ onlyIn: "b", vague: true }),
    ]);
  });
});
