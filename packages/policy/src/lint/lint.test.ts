import { readFileSync } from "node:fs";
import { DocumentError } from "@modwarden/document";
import { readProfile } from "@modwarden/profile";
import { describe, expect, it } from "vitest";
import { type LintOptions, lintPolicy, readPolicy } from "../index.ts";
import { lintSeverities } from "./finding.ts";

const drive = readProfile(
  `profile: 1
device: { vendor: Test, model: Drive, kind: drive }
blocks: [{ table: holding, address: 0, count: 9, access: rw }, { table: coil, address: 0, count: 2, access: rw }]
points:
  - { id: setpoint, table: holding, address: 0, type: u16, scale: 0.1, access: rw, limits: { min: 0, max: 100 } }
  - { id: status, table: holding, address: 1, type: u16, bits: { 3: alarm } }
  - { id: free, table: holding, address: 2, type: s16, access: rw }
`,
  "drive.yaml",
);
const site = {
  location: { site: "demo", gateway: "gw1", zone: "hall-2" },
  devices: [
    { id: "drive", unit: 3, profile: drive },
    { id: "meter", unit: 1 },
  ],
  listeners: [
    { url: "modbus+tls://0.0.0.0:802", transport: "tls", sources: [], devices: ["drive", "meter"] },
    { url: "modbus+tcp://0.0.0.0:502", transport: "tcp", sources: ["10.0.0.5/32"], devices: ["meter"] },
  ],
} as const;
const plain = { ...site, listeners: [site.listeners[1]] };

const lint = (rules: string, options: LintOptions = { site }, head = "roles: [Viewer]") =>
  lintPolicy(readPolicy(`policy: 1\n${head}\nrules:\n  - ${rules}\n`, "policy.yaml"), options);
/** `line:column code`, without what a file of one rule always is. */
const told = (...of: Parameters<typeof lint>): readonly string[] =>
  lint(...of)
    .filter(({ code }) => code !== "tests-none")
    .map(({ line, column, code }) => `${line}:${column} ${code}`);
const permit = (more: string) => `{ id: a, permit: { roles: [Viewer] }, ${more} }`;
const reads = "allow: [{ functions: [3] }]";

describe("docs/policy-lint.md", () => {
  it("has every code with its severity, and no other", () => {
    const page = readFileSync(new URL("../../../../docs/policy-lint.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| (`[a-z`, -]+`) \| (error|warning|info) \|/gm)].flatMap(
      ([, codes = "", severity]) => [...codes.matchAll(/[a-z-]+/g)].map(([code]) => [code, severity]),
    );
    expect(Object.fromEntries(rows)).toEqual(lintSeverities);
  });
});

describe("lintPolicy", () => {
  it("has nothing to say of a policy that is in order", () => {
    expect(told(permit("devices: [drive], allow: [{ functions: [3] }, { write: setpoint, min: 0, max: 80 }]"))).toEqual(
      [],
    );
  });

  it.each<readonly [string, string, readonly string[]]>([
    ["a unit without a device", permit(`units: [1, 9], ${reads}`), ["4:54 unit-without-device"]],
    ["a broadcast that nobody claims", permit(`units: [0, 1], ${reads}`), ["4:51 broadcast-without-device"]],
    ["another zone", permit(`${reads}, when: { zones: [hall-3] }`), ["4:5 never-matches", "4:80 elsewhere"]],
    [
      "an unknown listener",
      permit(`${reads}, when: { listeners: ["modbus+tls://0.0.0.0:803"] }`),
      ["4:92 listener-unknown"],
    ],
    [
      "a transport that none speaks",
      permit(`${reads}, when: { transports: [udp, tls] }`),
      ["4:93 transport-without-listener"],
    ],
    [
      "a source without identity",
      permit(`${reads}, when: { transports: [tcp], sources: [10.1.0.0/16] }`),
      ["4:109 source-unmapped"],
    ],
    [
      "a device behind another listener",
      permit(`devices: [drive], ${reads}, when: { transports: [tcp] }`),
      ["4:53 device-unreachable"],
    ],
    [
      "a minimum that no register reaches",
      permit("allow: [{ write: free, min: 40000 }]"),
      ["4:5 never-matches", "4:66 value-impossible"],
    ],
    ["a write without the profile's limits", permit("allow: [{ write: setpoint }]"), ["4:53 limit-missing"]],
    ["limits beyond the profile's", permit("allow: [{ write: setpoint, min: 0, max: 120 }]"), ["4:78 limit-wider"]],
    ["values beyond the profile's", permit("allow: [{ write: setpoint, values: [90, 110] }]"), ["4:70 limit-wider"]],
    [
      "a step as wide as the limits",
      permit("allow: [{ write: setpoint, min: 0, max: 80, maxStep: 80 }]"),
      ["4:87 step-without-effect"],
    ],
    [
      "an interlock that cannot hold",
      permit(`devices: [drive], ${reads}, when: { interlock: { point: status.alarm, equals: 2, maxAgeMs: 9 } }`),
      ["4:5 never-matches", "4:111 interlock-never"],
    ],
    [
      "a number that no register reads as",
      permit(`devices: [drive], ${reads}, when: { interlock: { point: setpoint, equals: 0.35, maxAgeMs: 9 } }`),
      ["4:111 interlock-never"],
    ],
    [
      "hours that are the whole week",
      permit(`${reads}, when: { hours: "00:00-24:00", tz: UTC }`),
      ["4:80 hours-always"],
    ],
    [
      "a bucket that holds no request",
      permit(`${reads}, rate: { requests: 0.5, perSeconds: 1 }`),
      ["4:80 rate-below-one"],
    ],
    ["a point that no device has", permit("devices: [drive], allow: [{ write: setpiont }]"), ["4:71 name-unknown"]],
  ])("tells %s", (_what, rule, wanted) => {
    expect(told(rule)).toEqual(wanted);
  });

  it("tells a rule that is forbidden altogether, and by which", () => {
    const forbid = '{ id: never, forbid: { roles: "*" }, deny: [{ functions: [3, 4] }] }';
    const findings = lint(`${permit("units: [1], allow: [{ functions: [3] }]")}\n  - ${forbid}`);
    expect(findings).toMatchObject(
      [{ code: "shadowed", rule: "a", line: 4, column: 5 }, { code: "tests-none" }].toReversed(),
    );
    expect(findings.find(({ code }) => code === "shadowed")?.message).toContain('"never"');
    // Only over TCP, only from somewhere: something is left.
    expect(told(`${permit(reads)}\n  - ${forbid.replace(" }] }", " }], when: { transports: [tcp] } }")}`)).toEqual([]);
  });

  it("tells the later of two rules that give the same, also when only several others together do", () => {
    const one = '{ id: b, permit: { roles: "*" }, units: [1], allow: [{ functions: [3] }] }';
    expect(told(`${permit(reads)}\n  - ${one}`)).toEqual(["5:5 redundant"]);
    expect(told(`${one}\n  - ${permit(reads)}`)).toEqual([]);
    const halves = ["0-9", "10-65535"].map(
      (range, at) =>
        `{ id: h${at}, permit: { roles: [Viewer] }, allow: [{ functions: [3], addresses: ["${range}"] }] }`,
    );
    expect(told([...halves, permit(reads)].join("\n  - "))).toEqual(["6:5 redundant"]);
    expect(told([halves[0], permit(reads)].join("\n  - "))).toEqual([]);
  });

  it("tells writes that never count because there is no TLS", () => {
    expect(told(permit("devices: [meter], allow: [{ functions: [6] }]"), { site: plain })).toContain(
      "4:61 write-without-transport",
    );
  });

  it("tells roles that nobody can have or that get nothing, as far as it is told who can", () => {
    const options = { site, problemOfRole: (role: string) => (role.length > 5 ? "too long" : undefined) };
    expect(told(permit(reads), options, "roles: [Viewer, viewer]")).toEqual([
      ...["2:9 role-impossible", "2:17 role-impossible", "2:17 role-alike", "2:17 role-without-permit"],
    ]);
  });

  it("tells ids, tags and approvals that the registry cannot serve, only when it is at hand", () => {
    const rule =
      '{ id: a, permit: { roles: "*", ids: [hmi-2, hmi-3], tags: [night] }, allow: [{ functions: [3] }], approval: { people: 2, ttl: 15m } }';
    const registry = [
      { id: "hmi-2", role: "Viewer", tags: ["hall"] },
      { id: "boss", role: "Viewer", tags: [] },
    ];
    expect(told(rule, { site, registry })).toEqual(["4:49 id-unknown", "4:64 tag-unknown", "4:103 approval-too-few"]);
    expect(told(rule)).toEqual([]);
  });

  it("tells a file that tests nothing, one thing twice, or against itself", () => {
    const test = (expected: string) => `  - { as: Viewer, unit: 1, function: 3, address: 0, expect: ${expected} }`;
    const codes = (tests: string) => lint(`${permit(reads)}\n${tests}`).map(({ code }) => code);
    expect(codes("")).toEqual(["tests-none"]);
    expect(codes(["tests:", test("permit"), test("permit"), test("deny")].join("\n"))).toEqual([
      "test-repeated",
      "test-contradicts",
    ]);
  });

  it("says that nothing is refused in shadow mode, and needs the site where a file names its devices", () => {
    expect(told(permit(reads), { site }, "mode: shadow\nroles: [Viewer]")).toEqual(["2:1 mode-shadow"]);
    expect(() => lint(permit(`devices: [drive], ${reads}`), {})).toThrow(DocumentError);
  });
});
