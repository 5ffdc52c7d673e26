import { describe, expect, it } from "vitest";
import type { AskedText } from "../index.ts";
import { replayed, seen } from "../testing/past.ts";

const setpoint = (value: number, more: Partial<AskedText> = {}): AskedText => ({
  ...{ as: "Operator", device: "boiler", write: "target", value, ...more },
});
const upTo80 = "{ id: setpoint, permit: { roles: [Operator] }, allow: [{ write: target, min: 0, max: 80 }] }";

describe("a replay", () => {
  it("counts what would be refused that was permitted, in groups with a reason and an example", () => {
    const result = replayed(
      [upTo80],
      [
        seen(setpoint(40)),
        seen(setpoint(90), { second: 10 }),
        seen(setpoint(95), { second: 70, count: 2 }),
        seen(setpoint(20, { as: "Viewer" })),
      ],
    );
    expect(result).toMatchObject({ transactions: 5, changed: 4, denied: 4, permitted: 0, undecided: 0 });
    expect(result.newlyDenied).toMatchObject([
      {
        ...{ role: "Operator", device: "boiler", unit: 1, function: 6, write: true, table: "holding", point: "target" },
        ...{ addresses: [1], because: "max", count: 3 },
        ...{ first: "2026-11-21T12:00:10.000Z", last: "2026-11-21T12:01:10.000Z" },
        example: { explanation: { rules: ["setpoint"], failed: "max 80, got 90" } },
      },
      { role: "Viewer", because: "no-permit", count: 1 },
    ]);
  });

  it("counts what would be permitted that was refused, but for what the gateway refuses anyway", () => {
    const refused = { permitted: false, outcome: "exception" } as const;
    const result = replayed(
      [upTo80],
      [
        seen(setpoint(40), { ...refused, because: "time" }),
        seen(setpoint(40), { ...refused, because: "route" }),
        seen(setpoint(90), { ...refused, because: "no-permit" }),
      ],
    );
    expect(result).toMatchObject({ transactions: 3, changed: 1, permitted: 1, denied: 0, unaffected: 1 });
    expect(result.newlyPermitted).toMatchObject([{ because: "time", example: { explanation: { permit: true } } }]);
  });

  it("tries a policy in shadow mode as if it were in force", () => {
    const result = replayed([upTo80], [seen(setpoint(90)), seen(setpoint(40))], { mode: "shadow" });
    expect(result).toMatchObject({ denied: 1, newlyDenied: [{ because: "max" }] });
  });

  it("counts refusals whose requests were only counted as undecided", () => {
    const one = seen(setpoint(40), { permitted: false, because: "max", count: 30 });
    const result = replayed([upTo80], [{ ...one, question: { ...one.question, accesses: [] } }]);
    expect(result).toMatchObject({ transactions: 30, changed: 0, undecided: 30, undecidedGroups: [{ count: 30 }] });
  });

  it("does not judge what the gateway asked itself", () => {
    expect(replayed([upTo80], [seen(setpoint(90), { own: true })])).toMatchObject({ transactions: 0, changed: 0 });
  });

  it("has a bound for groups, and counts beyond it", () => {
    const many = Array.from({ length: 1100 }, (_, index) => {
      const one = seen(setpoint(90));
      return { ...one, question: { ...one.question, role: `role ${index}` } };
    });
    const result = replayed([upTo80], many);
    expect(result.newlyDenied).toHaveLength(1000);
    expect(result.denied).toBe(1100);
  });
});
