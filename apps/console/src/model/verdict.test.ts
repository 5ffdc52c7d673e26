import { expect, test } from "vitest";
import type { LiveTransaction } from "../api/wire.ts";
import { transaction } from "../testing/samples.ts";
import { isRefusal, verdictKind, verdictOf } from "./verdict.ts";

const policy = "3f9a61c07be24d18";
const latencyUs = 312;
const permit = { permit: true, rules: ["setpoint"], policy } as const;
const refuse = { permit: false, rules: ["setpoint"], because: "max", failed: "max 80, got 90", policy } as const;

test.each<[string, Partial<LiveTransaction>, string, boolean]>([
  ["permitted", { decision: permit, outcome: { latencyUs } }, "", false],
  ["refused", { decision: refuse, outcome: { exception: 1, latencyUs } }, "Above the limit: max 80, got 90", true],
  [
    "closed",
    {
      decision: { ...refuse, because: "malformed", failed: "protocol id 1" },
      outcome: { result: "closed", latencyUs },
    },
    "Malformed: protocol id 1",
    true,
  ],
  ["failed", { decision: permit, outcome: { exception: 11, latencyUs } }, "0B no answer", false],
  [
    "failed",
    { decision: permit, outcome: { exception: 2, from: "device", latencyUs } },
    "02 illegal data address",
    false,
  ],
  ["failed", { decision: permit, outcome: { exception: 99, from: "device", latencyUs } }, "63 exception", false],
  ["unknown", { decision: permit, outcome: { result: "unknown", exception: 11, latencyUs } }, "0B no answer", false],
  [
    "shadow",
    { decision: { ...permit, shadow: { permit: false, because: "no-permit" } }, outcome: { latencyUs } },
    "No rule permits it",
    true,
  ],
])("%s", (kind, given, reason, refusal) => {
  const judged = transaction(1, given);
  expect(verdictKind(judged)).toBe(kind);
  expect(verdictOf(judged).reason).toBe(reason);
  expect(isRefusal(judged)).toBe(refusal);
});
