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
  const tags = Array.from({ length: 17 }, (_, bit) => `t${bit}`);
  const classes = new SubjectClasses(tags.map((tag, index) => rule(index, { tags: new Set([tag]) })));
  const classOf = (bits: number): number =>
    classes.classOf({ subject: `s${bits}`, tags: tags.filter((_, bit) => ((bits >> bit) & 1) === 1) });

  it("are not known, and those that are stay so", () => {
    let unknown = 0;
    for (let bits = 0; bits <= 65_536; bits += 1) unknown += classOf(bits) === UNKNOWN_CLASS ? 1 : 0;
    expect(unknown).toBe(0);
    expect([classOf(65_537), classOf(131_071)]).toEqual([UNKNOWN_CLASS, UNKNOWN_CLASS]);
    expect([classOf(0), classOf(1), classOf(65_536)]).toEqual([NO_CLASS, 1, 65_536]);
    expect(classes.contains(classOf(5), rule(0, { tags: new Set(["t0"]) }))).toBe(false);
  });
});
