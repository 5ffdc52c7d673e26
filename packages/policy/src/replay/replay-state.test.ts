import { describe, expect, it } from "vitest";
import type { Observation } from "../index.ts";
import { replayed, seen } from "../testing/past.ts";

const boiler = { as: "Operator", device: "boiler" } as const;
const NOON: number = seen({ ...boiler, function: 3, address: 1 }).firstMs;
const setpoint = (value: number, second: number, more: Partial<Observation> = {}): Observation =>
  seen({ ...boiler, write: "target", value }, { second, ...more });
/** What a read of the point gave: raw, of a scale of 0.1. */
const readTarget = (raw: number, second: number, more: Partial<Observation> = {}): Observation =>
  seen({ ...boiler, function: 3, address: 1 }, { second, values: [raw], ...more });
const readFlags = (raw: number, second: number): Observation =>
  seen({ ...boiler, function: 3, address: 18 }, { second, values: [raw] });

const reads = "{ id: reads, permit: { roles: [Operator] }, allow: [{ functions: [3] }] }";
const permit = (rest: string): readonly string[] => [reads, `{ id: a, permit: { roles: [Operator] }, ${rest} }`];
const step = permit("allow: [{ write: target, maxStep: 10 }]");

describe("what depends on the moment is judged by what the past shows", () => {
  it("steps, from what was read or written last", () => {
    const past = [readTarget(400, 0), setpoint(50, 1), setpoint(70, 2), setpoint(65, 3)];
    expect(replayed(step, past)).toMatchObject({
      ...{ transactions: 4, denied: 1, undecided: 0 },
      newlyDenied: [{ because: "step", example: { explanation: { failed: "maxStep 10, got 70 after 50" } } }],
    });
  });

  it("and is undecided where the last value is too old, was never seen, or may have changed", () => {
    const never = [setpoint(50, 0)];
    const old = [readTarget(400, 0), setpoint(50, 6)];
    const lost = [readTarget(400, 0), setpoint(45, 1, { outcome: "unanswered" }), setpoint(50, 2)];
    expect(replayed(step, never)).toMatchObject({ denied: 0, undecided: 1, undecidedGroups: [{ because: "step" }] });
    expect(replayed(step, old)).toMatchObject({ denied: 0, undecided: 1 });
    expect(replayed(step, lost)).toMatchObject({ denied: 0, undecided: 1 });
    // What was refused, or answered with an exception, has changed nothing.
    for (const change of [{ permitted: false, because: "no-permit" }, { exception: 4 }] as const) {
      const kept = [readTarget(400, 0), setpoint(49, 1, { outcome: "exception", ...change }), setpoint(52, 2)];
      expect(replayed(step, kept)).toMatchObject({ denied: 1, undecided: 0 });
    }
  });

  it("and what the gateway read itself counts as known", () => {
    expect(replayed(step, [readTarget(400, 0, { own: true }), setpoint(70, 1)])).toMatchObject({ denied: 1 });
  });

  it("a read that is rolled up does not undo a write of the same minute", () => {
    const past = [setpoint(45, 30), readTarget(400, 0, { lastMs: NOON + 60_000, count: 60 }), setpoint(54, 31)];
    expect(replayed(step, [readTarget(400, 29), ...past], { hasRollups: true })).toMatchObject({
      denied: 0,
      undecided: 0,
    });
  });

  it("slews, once the past goes back far enough", () => {
    const slew = permit("allow: [{ write: target, maxStep: 10, perSeconds: 60, maxAgeMs: 60000 }]");
    const past = [readTarget(400, 0), setpoint(45, 61), setpoint(50, 62), setpoint(55, 63), setpoint(55, 140)];
    const result = replayed(slew, past);
    expect(result).toMatchObject({ denied: 1, newlyDenied: [{ because: "slew" }] });
    // The last one is of a value too old to be known; the first has all of its minute.
    expect(result.undecided).toBe(2);
    expect(replayed(slew, [readTarget(400, 0), setpoint(45, 30)])).toMatchObject({ denied: 0, undecided: 1 });
  });

  it("interlocks", () => {
    const locked = permit(
      "devices: [boiler], allow: [{ write: target }], when: { interlock: { point: flags.pump, equals: 0, maxAgeMs: 2000 } }",
    );
    const past = [readFlags(0, 0), setpoint(50, 1), readFlags(1, 2), setpoint(60, 3), setpoint(70, 5)];
    expect(replayed(locked, past)).toMatchObject({
      ...{ denied: 1, undecided: 1 },
      ...{ newlyDenied: [{ because: "interlock" }], undecidedGroups: [{ because: "interlock" }] },
    });
  });

  it("hours, by the time of the record", () => {
    const noon = permit('allow: [{ write: target }], when: { hours: "12:00-12:01", tz: UTC }');
    expect(replayed(noon, [setpoint(50, 10), setpoint(50, 70)])).toMatchObject({
      ...{ denied: 1, undecided: 0, newlyDenied: [{ because: "time", first: "2026-11-21T12:01:10.000Z" }] },
    });
  });

  it("rates, by the times of the requests, and not where reads that nobody timed use them up", () => {
    const rate = permit("allow: [{ write: target }], rate: { requests: 1, perSeconds: 10, burst: 2 }");
    const past = [setpoint(1, 0), setpoint(2, 1), setpoint(3, 2), setpoint(4, 12)];
    const limited = { denied: 1, undecided: 0, newlyDenied: [{ because: "rate", first: "2026-11-21T12:00:02.000Z" }] };
    expect(replayed(rate, past)).toMatchObject(limited);
    expect(replayed(rate, past, { hasRollups: true })).toMatchObject(limited);
    const reading = [
      "{ id: r, permit: { roles: [Operator] }, allow: [{ read: target }], rate: { requests: 1, perSeconds: 10 } }",
    ];
    const reads60 = [readTarget(1, 0, { count: 60 })];
    expect(replayed(reading, reads60, { hasRollups: true })).toMatchObject({ denied: 0, undecided: 60 });
  });

  it("approvals are never known", () => {
    const approved = permit("allow: [{ write: target }], approval: { people: 1, ttl: 5m }");
    expect(replayed(approved, [setpoint(50, 0)])).toMatchObject({ denied: 0, undecided: 1 });
  });
});

describe("what a record does not say", () => {
  const tagged = permit("allow: [{ write: target }]").map((rule) =>
    rule.replace("id: a, permit: { roles: [Operator]", "id: a, permit: { roles: [Operator], tags: [day]"),
  );
  const refused = { permitted: false, outcome: "exception", because: "no-permit" } as const;

  it("leaves a decision open where it would make a difference", () => {
    const past = [setpoint(50, 0), setpoint(50, 1, refused), readTarget(1, 2)];
    expect(replayed(tagged, past, { unknown: ["tags"] })).toMatchObject({ changed: 0, undecided: 2 });
    expect(replayed(tagged, past)).toMatchObject({ denied: 1, undecided: 0 });
    const listener = permit('allow: [{ write: target }], when: { listeners: ["modbus+tls://0.0.0.0:802"] }');
    expect(replayed(listener, past, { unknown: ["listener"] })).toMatchObject({ changed: 0, undecided: 2 });
    const kinds = [reads, "{ id: a, permit: { kinds: [client] }, allow: [{ write: target }] }"];
    expect(replayed(kinds, past, { unknown: ["kind"] })).toMatchObject({ changed: 0, undecided: 2 });
    const ids = [reads, "{ id: a, permit: { ids: [hmi-2] }, allow: [{ write: target }] }"];
    expect(replayed(ids, past, { unknown: ["id"] })).toMatchObject({ changed: 0, undecided: 2 });
  });

  it("does not where everything that it could be is decided alike", () => {
    const both = [...tagged, "{ id: b, permit: { roles: [Operator] }, allow: [{ write: target }] }"];
    expect(replayed(both, [setpoint(50, 0)], { unknown: ["tags"] })).toMatchObject({ changed: 0, undecided: 0 });
    const neither = [reads, "{ id: b, permit: { roles: [Viewer], tags: [day] }, allow: [{ write: target }] }"];
    expect(replayed(neither, [setpoint(50, 0)], { unknown: ["tags"] })).toMatchObject({ denied: 1, undecided: 0 });
  });

  it("is not gone through when it could be too much", () => {
    const tags = Array.from({ length: 80 }, (_, index) => `t${index}`).join(", ");
    const many = [reads, `{ id: a, permit: { roles: [Operator], tags: [${tags}] }, allow: [{ write: target }] }`];
    expect(replayed(many, [setpoint(50, 0)], { unknown: ["tags"] })).toMatchObject({ changed: 0, undecided: 1 });
  });
});
