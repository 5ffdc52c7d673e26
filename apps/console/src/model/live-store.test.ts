import { expect, test } from "vitest";
import { status, transaction } from "../testing/samples.ts";
import { LiveStore } from "./live-store.ts";

function harness() {
  const waiting: (() => void)[] = [];
  const clock = { now: 0 };
  const store = new LiveStore({ now: () => clock.now, later: (run) => waiting.push(run) });
  let rendered = 0;
  store.subscribe(() => {
    rendered += 1;
  });
  return {
    store,
    clock,
    /** Lets the 100 ms pass. */
    pass: () => {
      for (const run of waiting.splice(0)) run();
    },
    rendered: () => rendered,
    tell: (from: number, count = 1) =>
      store.receive({
        kind: "transactions",
        transactions: Array.from({ length: count }, (_, index) => transaction(from + index)),
      }),
  };
}

test("any number of events between two beats is one rendering", () => {
  const { store, pass, rendered, tell } = harness();
  for (let number = 0; number < 500; number++) tell(number);
  expect(rendered()).toBe(0);
  pass();
  expect(rendered()).toBe(1);
  expect(store.shown().live.transactions).toHaveLength(500);
  pass();
  expect(rendered()).toBe(1);
});

test("a paused page keeps what it showed, and counts what it does not", () => {
  const { store, clock, pass, tell } = harness();
  tell(0, 10);
  pass();
  clock.now = 5000;
  store.pause();
  const before = store.shown().live;
  tell(10, 7);
  store.receive({ kind: "status", status });
  pass();
  expect(store.shown().live).toBe(before);
  expect(store.shown().paused).toEqual({ at: 5000, newSince: 7 });
  store.resume();
  expect(store.shown().paused).toBeUndefined();
  expect(store.shown().live.transactions).toHaveLength(17);
  expect(store.shown().live.status).toEqual(status);
});

test("a pause does not hide that the connection is lost", () => {
  const { store } = harness();
  store.setConnection("open");
  store.pause();
  store.setConnection("lost");
  expect(store.shown().connection).toBe("lost");
});

test("what is paused is what had happened, also what no beat had shown yet", () => {
  const { store, tell } = harness();
  tell(0, 3);
  store.pause();
  expect(store.shown().live.transactions).toHaveLength(3);
});

test("knows where to go on from, shown or not", () => {
  const { store, pass, tell } = harness();
  expect(store.newest).toBeUndefined();
  tell(0, 3);
  expect(store.newest).toBe(2);
  pass();
  expect(store.newest).toBe(2);
});

test("a sign of life is noted without an event", () => {
  const { store, clock, pass } = harness();
  clock.now = 777;
  store.heard();
  pass();
  expect(store.shown().heardAt).toBe(777);
});
