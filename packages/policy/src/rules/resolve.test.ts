import { DocumentError } from "@modwarden/document";
import { readProfile } from "@modwarden/profile";
import { describe, expect, it } from "vitest";
import { type PolicyDevice, readPolicy } from "../index.ts";
import { boiler, devices } from "../testing/site.ts";
import { resolveRules } from "./resolve.ts";
import type { CompiledRule } from "./rule.ts";

const documentOf = (...lines: readonly string[]) =>
  readPolicy(`policy: 1\nroles: [A, B]\nrules:\n${lines.map((line) => `  - ${line}\n`).join("")}`, "policy.yaml");
const resolved = (line: string, site: readonly PolicyDevice[] = devices): CompiledRule =>
  resolveRules(documentOf(line), site)[0]!;
const problems = (line: string, site: readonly PolicyDevice[] = devices): readonly string[] => {
  try {
    resolveRules(documentOf(line), site);
  } catch (error) {
    if (error instanceof DocumentError) return error.problems.map(({ message }) => message);
    throw error;
  }
  return [];
};
const permit = (rest: string): string => `{ id: a, permit: { roles: [A] }, ${rest} }`;

describe("a resolved rule", () => {
  it("has a key for each condition that the file has", () => {
    expect(Object.keys(resolved(permit("allow: [{ functions: [3] }]")))).toEqual([
      ...["id", "index", "forbid", "shadow", "roles", "entries"],
    ]);
    const full = resolved(
      `{ id: a, mode: shadow, forbid: { ids: [one], tags: [t], kinds: [client] }, units: [1-2], devices: [boiler], deny: [{ functions: [3] }], when: { transports: [tls], listeners: [x], sources: [10.0.0.0/8], hours: 06:00-07:00, tz: UTC, interlock: { point: door, equals: 1, maxAgeMs: 9 } } }`,
    );
    expect(full).toMatchObject({ forbid: true, shadow: true, roles: "*" });
    expect([full.ids, full.tags, full.kinds, full.units, full.devices]).toEqual([
      ...[new Set(["one"]), new Set(["t"]), new Set(["client"]), [{ start: 1, end: 2 }], new Set(["boiler"])],
    ]);
    expect([full.networks?.length, full.hours?.zone, full.interlocks?.length, full.listeners]).toEqual([
      ...[1, "UTC", 1, new Set(["x"])],
    ]);
    const asking = resolved(
      permit("allow: [{ functions: [6] }], rate: { requests: 1, perSeconds: 2 }, approval: { people: 1, ttl: 1m }"),
    );
    expect(Object.keys(asking).slice(-3)).toEqual(["rate", "approval", "entries"]);
    expect(resolved('{ id: a, permit: { roles: "*" }, allow: [{ functions: [3] }] }').roles).toBe("*");
    expect(resolved(permit("allow: [{ functions: [3] }]")).roles).toEqual(new Set(["A"]));
  });

  it("has entries with what they say, and nothing else", () => {
    const entries = (entry: string): unknown => resolved(permit(`allow: [${entry}]`)).entries[0];
    expect(Object.keys(entries("{ functions: [3] }") as object)).toEqual(["kind", "functions"]);
    expect(entries("{ functions: [16], table: holding, addresses: [5, 6-7], max: 3 }")).toMatchObject({
      ...{ table: "holding", addresses: [{ start: 5, end: 7 }], limits: { stated: { max: 3 } } },
    });
    expect(entries("{ functions: [20], files: [4, 5], records: [0-9] }")).toMatchObject({
      ...{ files: [{ start: 4, end: 5 }], records: [{ start: 0, end: 9 }] },
    });
  });
});

describe("the points of an entry", () => {
  const pointsOf = (rest: string, site?: readonly PolicyDevice[]): unknown => {
    const [entry] = resolved(permit(rest), site).entries;
    if (entry?.kind !== "points") throw new Error("points were expected");
    return [...entry.points].map(([id, points]) => [id, ...points.map(({ point }) => point.id)]);
  };

  it("are those of every device that the rule is about and that has them", () => {
    expect(pointsOf("allow: [{ write: mode }]")).toEqual([
      ["boiler", "mode"],
      ["zero", "mode"],
    ]);
    expect(pointsOf("units: [1-9], allow: [{ write: mode }]")).toEqual([["boiler", "mode"]]);
    expect(pointsOf("devices: [zero], allow: [{ read: { label: command } }]")).toEqual([
      ["zero", "mode", "pump", "door"],
    ]);
    expect(pointsOf("devices: [zero], allow: [{ write: { label: command } }]")).toEqual([["zero", "mode", "pump"]]);
    expect(pointsOf("devices: [zero], allow: [{ read: door }]")).toEqual([["zero", "door"]]);
  });

  it.each([
    ["a point that no device has", permit("allow: [{ write: missing }]"), 1],
    ["a point of the device that has none", permit("devices: [plain], allow: [{ write: mode }]"), 1],
    ["a point of two devices of which one has it", permit("devices: [boiler, plain], allow: [{ write: mode }]"), 1],
    ["a label that no point has", permit("allow: [{ read: { label: missing } }]"), 1],
    ["a label of points that cannot be written", permit("allow: [{ write: { label: measurement } }]"), 1],
    ["a point that cannot be written", permit("allow: [{ write: door }]"), 1],
    ["an input that cannot be written", permit("allow: [{ write: temperature }]"), 1],
    ["units that no device has", permit("units: [9], allow: [{ write: mode }]"), 1],
    ["a device that there is not", permit("devices: [missing], allow: [{ functions: [3] }]"), 1],
    ["a device that units leave out", permit("devices: [boiler, plain], units: [2], allow: [{ functions: [3] }]"), 1],
    ["a device that units have", permit("devices: [boiler], units: [1], allow: [{ functions: [3] }]"), 0],
    ["a limit on text", permit("devices: [boiler], allow: [{ write: title, max: 1 }]"), 1],
    [
      "a value that the point cannot hold",
      permit("devices: [boiler], allow: [{ write: mode, values: [1, 70000] }]"),
      1,
    ],
  ])("are looked for: %s", (_what, line, count) => {
    expect(problems(line)).toHaveLength(count);
  });

  it("are missed with a hint at what is meant", () => {
    const [point] = problems(permit("devices: [boiler], allow: [{ write: tarqet }]"));
    expect(point).toContain("target");
    expect(problems(permit("devices: [boiler], allow: [{ write: setpoint }]"))[0]).toContain("{ label: setpoint }");
    expect(problems(permit("devices: [boiler], allow: [{ read: { label: setpiont } }]"))[0]).toContain("setpoint");
    expect(problems(permit("devices: [boyler], allow: [{ functions: [3] }]"))[0]).toContain("boiler");
    expect(problems(permit("devices: [plain], allow: [{ read: mode }]"))[0]).toContain("no profile");
    expect(problems(permit("devices: [boiler], allow: [{ read: mod }]"))[0]).not.toContain("no profile");
    expect(problems(permit("devices: [boiler], allow: [{ write: door }]"))[0]).toContain("can be written");
    expect(problems(permit("devices: [boiler], allow: [{ read: missing }]"))[0]).not.toContain("can be written");
    for (const needing of ["devices: [boiler], allow: [{ functions: [3] }]", "allow: [{ write: mode }]"]) {
      expect(problems(permit(needing), [])).toEqual([expect.stringContaining("needs the site's devices")]);
    }
    expect(problems(permit("units: [9], allow: [{ write: mode }]"))[0]).toContain("these units");
  });

  it("may be of devices that have no profile but for one", () => {
    const site = [
      { id: "bare", unit: 1 },
      { id: "full", unit: 2, profile: boiler },
    ];
    expect(pointsOf("allow: [{ write: mode }]", site)).toEqual([["full", "mode"]]);
  });
});

it("has limits on its points where the entry has some, and a name on its interlock where that has one", () => {
  const keys = (rest: string): unknown => {
    const [entry] = resolved(permit(`devices: [boiler], ${rest}`)).entries;
    return entry?.kind === "points" ? entry.points.get("boiler")?.map((point) => Object.keys(point)) : undefined;
  };
  expect(keys("allow: [{ write: mode }]")).toEqual([["point"]]);
  expect(keys("allow: [{ write: mode, max: 1 }]")).toEqual([["point", "limits"]]);
  const interlock = (point: string): unknown =>
    resolved(
      permit(
        `devices: [boiler], allow: [{ write: mode }], when: { interlock: { point: ${point}, equals: 1, maxAgeMs: 9 } }`,
      ),
    ).interlocks?.map((one) => Object.keys(one));
  expect([interlock("door"), interlock("zero.door")]).toEqual([
    [["points", "stated"]],
    [["named", "points", "stated"]],
  ]);
});

describe("registers that are followed", () => {
  const gapped = readProfile(
    `
profile: 1
device: { vendor: Test, model: Gaps, kind: meter }
blocks: [{ table: holding, address: 0, count: 40, access: rw }, { table: coil, address: 0, count: 40, access: rw }]
points:
  - { id: low, table: holding, address: 2, type: u16, access: rw }
  - { id: high, table: holding, address: 5, type: u16, access: rw }
  - { id: far, table: holding, address: 9, type: u16, access: rw }
  - { id: lamp, table: coil, address: 20, access: rw }
`,
    "gaps.yaml",
  );
  const site = [
    { id: "bare", unit: 1 },
    { id: "gapped", unit: 2, profile: gapped },
  ];
  const followed = (entry: string): number =>
    problems(permit(`allow: [{ functions: [5, 6], ${entry}, maxStep: 1, perSeconds: 3 }]`), site).length;

  it.each([
    ["addresses: [3-4]", 0],
    ["addresses: [6-8]", 0],
    ["addresses: [4-5]", 1],
    ["addresses: [2-3]", 1],
    ["addresses: [3, 9]", 1],
    ["addresses: [1-30]", 1],
    ["addresses: [5], table: holding", 1],
    ["addresses: [5], table: coil", 0],
    ["addresses: [20]", 1],
    ["addresses: [20], table: holding", 0],
    ["addresses: [20], table: coil", 1],
  ])("are no points: %s has %i problems", (entry, count) => {
    expect(followed(entry)).toBe(count);
  });
});

it("names twenty problems of a file, and no more", () => {
  const lines = Array.from(
    { length: 25 },
    (_, index) => `{ id: r${index}, permit: { roles: [A] }, devices: [missing], allow: [{ functions: [3] }] }`,
  );
  try {
    resolveRules(documentOf(...lines), devices);
    expect.unreachable();
  } catch (error) {
    expect(error instanceof DocumentError ? error.problems.length : error).toBe(20);
  }
});
