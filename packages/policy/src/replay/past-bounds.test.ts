import { describe, expect, it } from "vitest";
import type { Question } from "../index.ts";
import { replayed, seen } from "../testing/past.ts";
import { Movement } from "./movement.ts";
import { type Doubt, PastState } from "./past-state.ts";

const none = "{ id: nothing, permit: { roles: [Viewer] }, allow: [{ read: target }] }";
const read = seen({ as: "Operator", device: "plain", function: 3, address: 5, quantity: 2 }, { values: [7, 8] });

function asking(change: Partial<Question>) {
  return { ...read, question: { ...read.question, ...change } };
}

describe("a group of a replay", () => {
  it("has no role where nobody was known", () => {
    expect(replayed([none], [asking({ subject: null })]).newlyDenied).toMatchObject([{ role: null, count: 1 }]);
  });

  it("has a function with its sub-function, and no addresses where none were asked", () => {
    const identify = seen({ as: "Operator", device: "plain", function: "43/14" });
    const [group] = replayed([none], [identify]).newlyDenied;
    expect(group).toMatchObject({ function: "43/14", table: null, addresses: [] });
  });

  it("has the first few hosts that it came from, and where the example came from", () => {
    const past = Array.from({ length: 8 }, (_, index) => asking({ source: `10.0.0.${index}:4000` }));
    const [group] = replayed([none], past).newlyDenied;
    expect(group?.clients).toEqual(["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]);
    expect(group?.example.source).toBe("10.0.0.0:4000");
    expect(group?.count).toBe(8);
  });
});

describe("the state of the past", () => {
  const isKnown = (state: PastState): boolean => state.isFresh(read.firstMs, "plain", "holding", 5, 1000);
  const noted = (observation: typeof read): boolean => {
    const state = new PastState([], new Set());
    state.note(observation);
    return isKnown(state);
  };

  it("has what was answered, and nothing of what was not, or of a unit that is no device", () => {
    expect(noted(read)).toBe(true);
    expect(noted({ ...read, outcome: "unanswered" })).toBe(false);
    expect(noted({ ...read, permitted: false })).toBe(false);
    const nameless = read.question.accesses.map((access) => ({ ...access, device: null }));
    expect(noted(asking({ device: null, accesses: nameless }))).toBe(false);
  });

  it("keeps what was known where a later read was not answered", () => {
    const state = new PastState([], new Set());
    state.note(read);
    state.note({ ...read, outcome: "unanswered" });
    expect(isKnown(state)).toBe(true);
  });

  it("gives out tokens that are counted, and is in doubt of the others", () => {
    const state = new PastState([], new Set(["uncounted"]));
    const hasToken = (rule: string) => {
      const doubt: Doubt = { missing: false, unseen: false };
      const rate = { rule, burst: 1, perMs: 0.001 };
      const has = state.at(0, doubt).hasToken(rate, "hmi");
      state.take(rate, "hmi", 0);
      return { has, missing: doubt.missing };
    };
    expect([hasToken("counted"), hasToken("counted")]).toEqual([
      { has: true, missing: false },
      { has: false, missing: false },
    ]);
    expect(hasToken("uncounted")).toEqual({ has: false, missing: true });
  });
});

describe("the movement of a point", () => {
  const watch = {
    ...({ device: "plain", table: "holding", address: 5, quantity: 2, withinMs: 1000 } as const),
    raw: (registers: ArrayLike<number>) => (registers[0] ?? 0) * 65_536 + (registers[1] ?? 0),
  };
  const following = (...values: readonly (number | undefined)[]): Movement => {
    const movement = new Movement([watch]);
    for (const [index, value] of values.entries()) {
      movement.note(index * 500, "plain", "holding", [5, 6], (address) => (address === 5 ? 0 : value));
    }
    return movement;
  };

  it.each([
    { values: [10, 30, 20], extremes: { least: 10, most: 30 }, isWhole: true },
    { values: [30, 20, 10], extremes: { least: 10, most: 30 }, isWhole: true },
    { values: [90, 30, 20, 10], extremes: { least: 10, most: 30 }, isWhole: true },
    { values: [10, 20], extremes: { least: 10, most: 20 }, isWhole: false },
    // A register of it was not known in between: what it was before says nothing now.
    { values: [10, undefined, 20], extremes: { least: 20, most: 20 }, isWhole: false },
    { values: [10, 20, undefined], extremes: undefined, isWhole: false },
  ])("that was $values is $extremes", ({ values, extremes, isWhole }) => {
    const nowMs = (values.length - 1) * 500;
    expect(following(...values).extremes(nowMs, "plain", "holding", 5, 1000)).toEqual({ extremes, isWhole });
  });

  it("is not known of registers that nobody watches", () => {
    const movement = following(10, 20, 30);
    for (const address of [6, 7]) {
      expect(movement.extremes(1000, "plain", "holding", address, 1000)).toEqual({
        ...{ extremes: undefined, isWhole: false },
      });
    }
  });
});
