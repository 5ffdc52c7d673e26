import fc from "fast-check";
import { expect, test } from "vitest";
import { EVENT_TRANSACTIONS, EventQueue, QUEUE_CAPACITY } from "./event-queue.ts";
import type { LiveEvent, LiveTransaction } from "./site-view.ts";
import { sampleDevices } from "./testing/sample-devices.ts";
import { sampleTransaction } from "./testing/sample-transactions.ts";

const live = (number: number): LiveTransaction => ({
  number,
  t: "2026-11-21T09:14:03.120Z",
  ...sampleTransaction(number),
});
const batch = (from: number, count: number): LiveEvent => ({
  kind: "transactions",
  transactions: Array.from({ length: count }, (_, index) => live(from + index)),
});

function takeAll(queue: EventQueue): readonly LiveEvent[] {
  const events: LiveEvent[] = [];
  for (let event = queue.take(); event !== undefined; event = queue.take()) events.push(event);
  return events;
}

const numbers = (events: readonly LiveEvent[]): readonly number[] =>
  events.flatMap((event) => (event.kind === "transactions" ? event.transactions.map(({ number }) => number) : []));
const lost = (events: readonly LiveEvent[]): number =>
  events.reduce((sum, event) => sum + (event.kind === "dropped" ? event.count : 0), 0);

test("everything told or counted as lost, in order, the newest kept", () => {
  const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 1400 }), fc.constant("take" as const)), { maxLength: 20 });
  fc.assert(
    fc.property(steps, (plan) => {
      const queue = new EventQueue();
      const told: LiveEvent[] = [];
      let pushed = 0;
      for (const step of plan) {
        if (step === "take") told.push(...takeAll(queue));
        else {
          queue.push(batch(pushed, step));
          pushed += step;
        }
      }
      const rest = takeAll(queue);
      expect(numbers(rest).length).toBeLessThanOrEqual(QUEUE_CAPACITY);
      told.push(...rest);
      const seen = numbers(told);
      expect(seen.length + lost(told)).toBe(pushed);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(seen.at(-1)).toBe(pushed === 0 ? undefined : pushed - 1);
      expect(queue.isEmpty).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("what was lost is said before what came after it, and one event is bounded", () => {
  const queue = new EventQueue();
  queue.push(batch(0, QUEUE_CAPACITY + 7));
  const [first, ...rest] = takeAll(queue);
  expect(first).toEqual({ kind: "dropped", count: 7 });
  for (const event of rest) expect(numbers([event]).length).toBe(EVENT_TRANSACTIONS);
});

test("a transaction that comes twice is told once", () => {
  const queue = new EventQueue(4);
  queue.push(batch(0, 8));
  queue.push(batch(6, 4));
  expect(numbers(takeAll(queue))).toEqual([5, 6, 7, 8, 9]);
});

test("of a device only the newest state is told", () => {
  const queue = new EventQueue();
  const [meter, inverter] = sampleDevices();
  if (meter === undefined || inverter === undefined) throw new Error("two devices");
  queue.push({ kind: "devices", devices: [meter, inverter] });
  queue.push({ kind: "devices", devices: [{ ...meter, state: "silent" }] });
  expect(takeAll(queue)).toEqual([{ kind: "devices", devices: [{ ...meter, state: "silent" }, inverter] }]);
});

test("what the site itself dropped is added", () => {
  const queue = new EventQueue();
  queue.push({ kind: "dropped", count: 3 });
  queue.push({ kind: "dropped", count: 4 });
  expect(takeAll(queue)).toEqual([{ kind: "dropped", count: 7 }]);
});
