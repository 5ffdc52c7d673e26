import { expect, test } from "vitest";
import { point, transaction } from "../testing/samples.ts";
import { everything, isFiltering, matchesPoint, matchesTraffic } from "./filters.ts";

test.each(["", "  ", "setp", "SETPOINT", "450010", "0xc359", "set %"])("the setpoint is found by %j", (text) => {
  expect(matchesPoint(point(), text)).toBe(true);
});

test.each(["frequency", "setpoint frequency", "40010"])("and not by %j", (text) => {
  expect(matchesPoint(point(), text)).toBe(false);
});

const refused = transaction(2, {
  subject: { id: null, role: null },
  accesses: [],
  decision: { permit: false, rules: [], because: "unknown-subject", policy: "x" },
});

test.each([
  [everything, true, true],
  [{ ...everything, refusedOnly: true }, false, true],
  [{ ...everything, device: "drive" }, true, false],
  [{ ...everything, device: "meter" }, false, false],
  [{ ...everything, subject: "hmi" }, true, false],
  [{ ...everything, subject: "operator 10.0.0" }, true, false],
  [{ ...everything, subject: "10.0.0.5" }, true, true],
])("%o", (filter, operator, stranger) => {
  expect(matchesTraffic(transaction(1), filter)).toBe(operator);
  expect(matchesTraffic(refused, filter)).toBe(stranger);
});

test("blank text is no filter", () => {
  expect(isFiltering({ ...everything, subject: "  " })).toBe(false);
  expect(isFiltering({ ...everything, device: "drive" })).toBe(true);
});
