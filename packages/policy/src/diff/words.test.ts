import { describe, expect, it } from "vitest";
import { type DiffRegion, diffPolicies, readPolicy } from "../index.ts";
import { boiler, devices } from "../testing/site.ts";

const boilerOnly = { id: "boiler", unit: 1, profile: boiler };

const document = (...rules: readonly string[]) =>
  readPolicy(`policy: 1\nroles: [Operator]\nrules: [${rules.join(", ")}]\n`, "policy.yaml");
const regions = (a: readonly string[], b: readonly string[], site = devices): readonly DiffRegion[] =>
  diffPolicies(document(...a), document(...b), site).regions;
const permit = (more: string, id = "a"): string => `{ id: ${id}, permit: { roles: [Operator] }, ${more} }`;
const write = (entry: string): string => permit(`devices: [boiler], allow: [{ ${entry} }]`);
/** The conditions of what the first rule permits and the second does not. */
const lost = (a: string, b: string): readonly string[] =>
  regions([a], [b]).flatMap(({ onlyIn, conditions }) => (onlyIn === "a" ? conditions : []));

describe("the values of a region", () => {
  it.each<readonly [why: string, before: string, after: string, told: string]>([
    ["below 0", "write: offset, values: [-5, -4.5]", "write: offset, values: [-4.5]", "value -5"],
    [
      "on both sides of 0",
      "write: offset",
      "write: offset, min: -16000, max: 16000",
      "value -16384 to -16000.5 or 16000.5 to 16383.5",
    ],
    ["from below where the scale is negative", "write: inverse, max: 10", "write: inverse, max: 5", "value 5.5 to 10"],
    [
      "as the register of a point with its bytes swapped",
      "write: swapped, max: 2",
      "write: swapped, max: 1",
      "register 512",
    ],
    [
      "as the register of a point whose scale another point tells",
      "functions: [6], addresses: [21], max: 9",
      "functions: [6], addresses: [21], max: 7",
      "register 8 to 9",
    ],
    [
      "as a register where there is no point",
      "functions: [6], addresses: [30], min: 5, max: 9",
      "functions: [6], addresses: [30], min: 7, max: 9",
      "register 5 to 6",
    ],
    [
      "as some where the ranges are too many to be read",
      "functions: [6], addresses: [30]",
      "functions: [6], addresses: [30], values: [1, 3, 5, 7, 9, 11, 13]",
      "some values of the register",
    ],
    ["of a coil that may no longer be 0", "write: lamp", "write: lamp, values: [1]", "value 0"],
    ["of a coil that may no longer be 1", "write: lamp", "write: lamp, values: [0]", "value 1"],
  ])("are told %s", (_, before, after, told) => {
    expect(lost(write(before), write(after))).toEqual([told]);
  });

  it("are none where the limits of a point of several registers leave none", () => {
    expect(regions([write("write: counter, min: 5, values: [3]")], [])).toEqual([]);
    expect(regions([write("write: counter, min: 5, values: [7]")], [])).toHaveLength(1);
  });
});

describe("who may no longer", () => {
  const tags = Array.from({ length: 11 }, (_, index) => `t${index}`).join(", ");
  const about = (more: string): string =>
    `{ id: a, permit: { roles: [Operator]${more} }, allow: [{ functions: [3] }] }`;

  it("is told by tags, though they be too many for every set of them", () => {
    expect(lost(about(""), about(`, tags: [${tags}]`))).toEqual([`without a tag of ${tags}`]);
    const forbid = `{ id: f, forbid: { roles: "*", tags: [${tags}] }, deny: [{ functions: [3] }] }`;
    const [forbidden, ...more] = regions([about("")], [about(""), forbid]);
    expect(more).toEqual([]);
    expect(forbidden).toMatchObject({ conditions: [`with a tag of ${tags}`], forbiddenBy: "f" });
  });

  it("is told by networks, also by those that are left out", () => {
    const from = (sources: string): string => permit(`allow: [{ functions: [3] }], when: { sources: [${sources}] }`);
    const all = permit("allow: [{ functions: [3] }]");
    expect(lost(all, from("10.0.0.0/8, 10.1.0.0/16"))).toEqual(["from anywhere but 10.0.0.0/8"]);
    expect(lost(from("10.0.0.0/8, 192.168.0.0/16"), from("10.0.0.0/8"))).toEqual(["from 192.168.0.0/16"]);
  });
});

describe("where a region is", () => {
  it("is told in units and devices, which need no profile", () => {
    const [first] = regions([permit("units: [2, 5, 7-9], allow: [{ functions: [3], addresses: [4] }]")], []);
    expect(first).toMatchObject({ devices: ["plain"], units: ["2", "5", "7-9"], addresses: ["4"], points: [] });
  });

  it("joins neighbouring addresses that two entries name, and keeps others apart", () => {
    const entries = '{ functions: [3], addresses: ["0-9"] }, { functions: [3], addresses: ["5-19", "30-39"] }';
    const told = regions([permit(`units: [5], allow: [${entries}]`)], []);
    expect(told.map(({ addresses }) => addresses)).toEqual([["0-19", "30-39"]]);
  });

  it("names a request that hides its sub-function where that stands alone", () => {
    const open = permit("allow: [{ functions: [8] }]");
    const told = regions(
      [open],
      [
        open,
        permit("allow: [{ functions: [8/1] }]", "one"),
        '{ id: never, forbid: { roles: "*" }, deny: [{ functions: [8/1] }] }',
      ],
    );
    expect(told.map(({ functions }) => functions)).toEqual([["8/1"], ["8/unsaid"]]);
  });

  it("leaves out the units where an interlock has no point to ask", () => {
    const locked = "allow: [{ functions: [3] }], when: { interlock: { point: mode, equals: 1, maxAgeMs: 9 } }";
    expect(regions([permit(locked)], [], [boilerOnly])).toEqual([
      expect.objectContaining({ devices: ["boiler"], units: [] }),
    ]);
  });

  it("has every circumstance where a forbid has no point to ask", () => {
    const open = permit("units: [5], allow: [{ functions: [3] }]");
    const forbid =
      '{ id: f, forbid: { roles: "*" }, deny: [{ functions: [3] }], when: { interlock: { point: mode, equals: 1, maxAgeMs: 9 } } }';
    expect(regions([open], [open, forbid], [boilerOnly])).toEqual([
      expect.objectContaining({ onlyIn: "a", units: ["5"], conditions: [], forbiddenBy: "f" }),
    ]);
  });
});
