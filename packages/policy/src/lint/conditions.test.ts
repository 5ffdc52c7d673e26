import { expect, it } from "vitest";
import { lintOf } from "../testing/lint-site.ts";

const never = (lock: string, effect = "permit: { roles: [Viewer] }, allow") =>
  lintOf([`{ id: a, ${effect}: [{ functions: [3] }], devices: [plain], when: { interlock: ${lock} } }`]).filter(
    (line) => line.startsWith("interlock-never"),
  );
const lock = (what: string) => `{ point: press.${what}, maxAgeMs: 9 }`;

it.each([
  "word, min: 6554",
  "word, max: -0.1",
  "word, min: 0.5, max: 0.5, not: 0.5",
  "word, equals: 0.35",
  "word, equals: 3, max: 2",
  "word, equals: 3, min: 4",
  "word, equals: 3, not: 3",
  "word, equals: 3, values: [4, 5]",
  "word, values: [0.35, 7000]",
  "signed, values: [0.3, 16384.5]",
  "long, min: 4294967296",
  "long.alarm, min: 2",
  "long.alarm, equals: 0.5",
  "lamp, equals: 2",
])("tells that { point: %s } can never hold", (what) => {
  expect(never(lock(what))).toEqual([
    expect.stringMatching(/^interlock-never rules\.0\.when\.interlock\.point: .* so nothing is permitted: correct it$/),
  ]);
});

it.each([
  "word, min: 6553.5",
  "word, max: 0",
  "word, min: 0.5, max: 0.6, not: 0.5",
  "word, not: 0",
  "word, equals: 0.3",
  "word, values: [0.35, 0.4]",
  "word, values: [3, 4], not: 3",
  "signed, equals: -0.5",
  "long, equals: 4294967295",
  "long.alarm, equals: true",
  "long.alarm, not: true",
  "lamp, equals: false",
  // Nothing is said of what depends on another register, or of a word with its bytes turned.
  "power, equals: 0.35",
  "power, min: 1000000",
  "turned, equals: 0.35",
])("has nothing to say of { point: %s }", (what) => {
  expect(never(lock(what))).toEqual([]);
});

it("names the one of several that cannot hold, and what that does to a forbid", () => {
  expect(never(`[${lock("word, min: 1")}, ${lock("word, max: -1")}]`, 'forbid: { roles: "*" }, deny')).toEqual([
    expect.stringMatching(
      /^interlock-never rules\.0\.when\.interlock\.1\.point: .* the rule forbids only while the point is not known/,
    ),
  ]);
});

it("wants a point to be impossible on every device that is asked", () => {
  const rule = (max: number) =>
    `{ id: a, permit: { roles: [Viewer] }, units: [1-2], allow: [{ functions: [3] }], when: { interlock: { point: word, max: ${max}, maxAgeMs: 9 } } }`;
  expect(lintOf([rule(-1)])).toContainEqual(expect.stringContaining("interlock-never"));
  expect(lintOf([rule(0)])).toEqual([]);
});

it.each([
  ['hours: "Mon-Fri 00:00-24:00", tz: UTC', []],
  ['hours: ["Mon-Fri 00:00-24:00", "Sat-Sun 00:00-24:00"], tz: UTC', ["hours-always"]],
])("of %s tells %o", (when, codes) => {
  const found = lintOf([`{ id: a, permit: { roles: [Viewer] }, allow: [{ functions: [3] }], when: { ${when} } }`]);
  expect(found.map((line) => line.split(" ", 1)[0])).toEqual(codes);
});

it("says nothing of a bucket whose size is stated", () => {
  const rate = "rate: { requests: 0.5, perSeconds: 1, burst: 1 }";
  expect(lintOf([`{ id: a, permit: { roles: [Viewer] }, allow: [{ functions: [3] }], ${rate} }`])).toEqual([]);
});
