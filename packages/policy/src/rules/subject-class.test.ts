import { describe, expect, it } from "vitest";
import type { CompiledRule } from "./rule.ts";
import { NO_CLASS, SubjectClasses, UNKNOWN_CLASS } from "./subject-class.ts";

const rule = (index: number, change: Partial<CompiledRule>): CompiledRule => ({
  ...{ id: `r${index}`, index, forbid: false, shadow: false, roles: "*", entries: [] },
  ...change,
});
const all = rule(0, {});
const one = rule(1, { ids: new Set(["one", "both"]) });
const two = rule(2, { ids: new Set(["two", "both"]), kinds: new Set(["client"]) });
const hall = rule(3, { tags: new Set(["hall-1", "hall-2"]) });
const gateway = rule(4, { kinds: new Set(["gateway"]) });

describe("the class of a subject", () => {
  const rules = [all, one, two, hall, gateway];
  const classes = new SubjectClasses(rules);
  const about = (traits: Parameters<SubjectClasses["classOf"]>[0]): readonly number[] =>
    rules.filter((each) => classes.contains(classes.classOf(traits), each)).map(({ index }) => index);

  it("says which rules are about it", () => {
    expect(about({ subject: "other" })).toEqual([0]);
    expect(about({ subject: "one" })).toEqual([0, 1]);
    expect(about({ subject: "two" })).toEqual([0]);
    expect(about({ subject: "two", kind: "client" })).toEqual([0, 2]);
    expect(about({ subject: "both", kind: "client", tags: ["old", "hall-2"] })).toEqual([0, 1, 2, 3]);
    expect(about({ subject: "other", kind: "gateway", tags: ["old"] })).toEqual([0, 4]);
    expect(about({ subject: "other", tags: [] })).toEqual([0]);
    expect(about({ subject: null, kind: "gateway", tags: ["hall-1"] })).toEqual([0]);
  });

  it("changes with what the registry says of them", () => {
    const tags = ["hall-1"];
    expect(about({ subject: "changing", tags })).toEqual([0, 3]);
    expect(about({ subject: "changing", kind: "gateway", tags })).toEqual([0, 3, 4]);
    expect(about({ subject: "changing", kind: "gateway", tags: ["hall-9"] })).toEqual([0, 4]);
    expect(about({ subject: "changing", tags: ["hall-9"] })).toEqual([0]);
  });

  it("is one for all whom the same rules are about, and none for the rest", () => {
    expect(classes.classOf({ subject: "x", tags: ["hall-1"] })).toBe(
      classes.classOf({ subject: "y", tags: ["hall-2"] }),
    );
    expect(classes.classOf({ subject: "x", tags: ["hall-9"] })).toBe(NO_CLASS);
    const bothWays = [rule(0, { kinds: new Set(["client"]) }), rule(1, { ids: new Set(["x"]) }), hall];
    const mixed = new SubjectClasses(bothWays);
    const classOf = (subject: string, ...tags: readonly string[]) => mixed.classOf({ subject, kind: "client", tags });
    expect([classOf("x", "hall-1"), classOf("x"), classOf("y", "hall-1"), classOf("x", "hall-2")]).toEqual([
      1, 2, 3, 1,
    ]);
    const plain = new SubjectClasses([all]);
    expect([plain.classOf({ subject: "one", kind: "client" }), plain.contains(NO_CLASS, all)]).toEqual([
      NO_CLASS,
      true,
    ]);
    expect(plain.contains(NO_CLASS, one)).toBe(false);
    expect(plain.contains(UNKNOWN_CLASS, hall)).toBe(false);
  });
});

describe("more classes than there is room for", () => {
  const tags = Array.from({ length: 3 }, (_, bit) => `t${bit}`);
  const rules = tags.map((tag, index) => rule(index, { tags: new Set([tag]) }));
  const classes = new SubjectClasses(rules, 4);
  const classOf = (bits: number): number =>
    classes.classOf({ subject: `s${bits}`, tags: tags.filter((_, bit) => ((bits >> bit) & 1) === 1) });

  it("are not known, and those that are stay so", () => {
    expect([0, 1, 2, 3, 4].map(classOf)).toEqual([NO_CLASS, 1, 2, 3, 4]);
    expect([5, 6, 7].map(classOf)).toEqual([UNKNOWN_CLASS, UNKNOWN_CLASS, UNKNOWN_CLASS]);
    expect([4, 3, 2, 1, 0].map(classOf)).toEqual([4, 3, 2, 1, NO_CLASS]);
    expect(rules.map((each) => [classes.contains(classOf(3), each), classes.contains(classOf(5), each)])).toEqual([
      [true, false],
      [true, false],
      [false, false],
    ]);
  });
});
