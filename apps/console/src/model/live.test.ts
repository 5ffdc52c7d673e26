import { describe, expect, test } from "vitest";
import type { PointView } from "../api/wire.ts";
import { device, point, status, transaction } from "../testing/samples.ts";
import { afterEvents, KEPT_TRANSACTIONS, type Live, nothingYet } from "./live.ts";

const told = (live: Live, points: readonly PointView[], now: number): Live =>
  afterEvents(live, [{ kind: "devices", devices: [device(points)] }], now);
const changesOf = (live: Live) => Object.fromEntries(live.devices[0]?.changes ?? []);

describe("changes", () => {
  test("a value seen for the first time has not changed", () => {
    expect(changesOf(told(nothingYet, [point()], 1000))).toEqual({});
  });

  test("the same value again has not changed, whatever its age", () => {
    const live = told(nothingYet, [point()], 1000);
    expect(changesOf(told(live, [point({ ageMs: 900 })], 1100))).toEqual({});
  });

  test.each([
    [41, "41.0", "rose"],
    [39, "39.0", "fell"],
    ["start", "start", "changed"],
    [null, "not available", "changed"],
    [40, "40.00", "changed"],
  ] as const)("from 40 to %s it %s", (value, text, direction) => {
    const live = told(nothingYet, [point()], 1000);
    expect(changesOf(told(live, [point({ value, text })], 1100))).toEqual({ setpoint: { at: 1100, direction } });
  });

  test("a point that is read for the first time has not changed: there was no value before", () => {
    const live = told(nothingYet, [point({ value: null, text: "", quality: "none" })], 1000);
    expect(changesOf(told(live, [point()], 1100))).toEqual({});
  });

  test("an earlier change is remembered with its time", () => {
    const live = told(told(nothingYet, [point()], 1000), [point({ value: 41, text: "41.0" })], 1100);
    expect(changesOf(told(live, [point({ value: 41, text: "41.0" })], 5000))["setpoint"]?.at).toBe(1100);
  });
});

test("devices keep their order, and one that is told alone leaves the others", () => {
  const first = device([], { id: "meter" });
  const second = device([], { id: "drive" });
  const live = afterEvents(nothingYet, [{ kind: "devices", devices: [first, second] }], 1);
  const next = afterEvents(live, [{ kind: "devices", devices: [{ ...second, state: "silent" }] }], 2);
  expect(next.devices.map(({ view, receivedAt }) => [view.id, view.state, receivedAt])).toEqual([
    ["meter", "up", 1],
    ["drive", "silent", 2],
  ]);
});

test("transactions are kept up to a bound, the newest of them, and none twice", () => {
  const batch = (from: number, to: number) =>
    ({
      kind: "transactions",
      transactions: Array.from({ length: to - from }, (_, n) => transaction(from + n)),
    }) as const;
  const live = afterEvents(nothingYet, [batch(0, 1500), batch(1400, 2500)], 1);
  expect(live.transactions).toHaveLength(KEPT_TRANSACTIONS);
  const numbers = live.transactions.map(({ number }) => number);
  expect(numbers).toEqual(Array.from({ length: KEPT_TRANSACTIONS }, (_, n) => 500 + n));
});

test("what was dropped is summed, the status replaced", () => {
  const live = afterEvents(
    nothingYet,
    [
      { kind: "dropped", count: 3 },
      { kind: "status", status },
      { kind: "dropped", count: 4 },
    ],
    1,
  );
  expect(live).toEqual({ ...nothingYet, dropped: 7, status });
});
