import { expect, it } from "vitest";
import { lintOf } from "../testing/lint-site.ts";

const said = (entry: string, units = "[1]") =>
  lintOf([`{ id: a, permit: { roles: [Viewer] }, units: ${units}, allow: [{ ${entry} }] }`]).filter((line) =>
    line.includes(".allow."),
  );
const wider = (point: string, stated: string) => `the profile of press gives ${point} ${stated}: this permits more`;
const step = "is more than the permitted values are apart";

it.each([
  ["write: word, max: -1", "value-impossible rules.0.allow.0.max: max -1, and word of press holds 0 to 6553.5"],
  // A negative scale turns the range round.
  ["write: signed, min: 16384.5", "value-impossible rules.0.allow.0.min: min 16384.5, and signed of press holds -1638"],
  ["write: word, maxStep: 7000", `step-without-effect rules.0.allow.0.maxStep: maxStep 7000 ${step}`],
  ["write: word, min: 10, maxStep: 6543.5", `step-without-effect rules.0.allow.0.maxStep: maxStep 6543.5 ${step}`],
  ["write: floor", "limit-missing rules.0.allow.0.write: the profile gives floor of press min 5, and this permits"],
  ["write: ceiling", "limit-missing rules.0.allow.0.write: the profile gives ceiling of press max 90, and this"],
  ["write: float", "limit-missing rules.0.allow.0.write: the profile gives float of press min 0, max 10, and"],
  ["write: floor, values: [5, 4]", `limit-wider rules.0.allow.0.values: ${wider("floor", "min 5")}`],
  ["write: ceiling, values: [90, 91]", `limit-wider rules.0.allow.0.values: ${wider("ceiling", "max 90")}`],
  ["write: floor, min: 4", `limit-wider rules.0.allow.0.min: ${wider("floor", "min 5")}`],
  ["write: floor, max: 20", `limit-wider rules.0.allow.0.write: ${wider("floor", "min 5")}`],
  ["write: ceiling, min: 0", `limit-wider rules.0.allow.0.write: ${wider("ceiling", "max 90")}`],
  ["functions: [6], min: 10, max: 19, maxStep: 9", `step-without-effect rules.0.allow.0.maxStep: maxStep 9 ${step}`],
  ["functions: [6], maxStep: 65535", `step-without-effect rules.0.allow.0.maxStep: maxStep 65535 ${step}`],
])("says of { %s }: %s", (entry, wanted) => {
  expect(said(entry)).toEqual([expect.stringContaining(wanted)]);
});

it.each([
  "read: floor",
  "write: word",
  "write: lamp",
  "write: word, min: 10, maxStep: 6543.4",
  "write: floor, min: 5",
  "write: floor, values: [5, 32767]",
  "write: ceiling, max: 90",
  "write: ceiling, values: [-5, 90]",
  // What a floating-point number can hold is not said, so no step is too wide for it.
  "write: float, min: 0, max: 10, maxStep: 100",
  "functions: [6], min: 10, max: 19, maxStep: 8",
  "functions: [6]",
])("has nothing to say of { %s }", (entry) => {
  expect(said(entry)).toEqual([]);
});

it("tells one thing of a profile once, however many devices have it", () => {
  expect(said("write: floor", "[1-2]")).toHaveLength(1);
});
