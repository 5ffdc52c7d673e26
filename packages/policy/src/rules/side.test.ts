import type { Table } from "@modwarden/access";
import { describe, expect, it } from "vitest";
import type { Coverage } from "./coverage.ts";
import { findTable, type Side, SideBuilder, Slots } from "./side.ts";

const coverage = (index: number): Coverage => ({
  rule: { id: `r${index}`, index, forbid: false, shadow: false, roles: "*", entries: [] },
  ...{ start: 0, end: 0, transports: 63, networks: undefined, limits: undefined, point: undefined },
  ...{ unconditional: true, stateful: false },
});
const found = (
  side: Side | undefined,
  code: number,
  subfunction: number | undefined,
  table: Table | null,
  write: boolean,
) => findTable(side, code, subfunction, table, write)?.items.map(({ rule }) => rule.index);

describe("the tables of a side", () => {
  const tables = ["coil", "discrete", "holding", "input", null] as const;

  it("are one for each function, table and half", () => {
    const builder = new SideBuilder(new Slots());
    let index = 0;
    for (let code = 1; code <= 127; code += 1) {
      for (const table of tables) {
        for (const write of [false, true]) {
          builder.file({ code, subfunction: undefined, table, write }, coverage(index));
          index += 1;
        }
      }
    }
    const side = builder.build(false);
    index = 0;
    for (let code = 1; code <= 127; code += 1) {
      for (const table of tables) {
        for (const write of [false, true]) {
          expect(found(side, code, undefined, table, write)).toEqual([index]);
          index += 1;
        }
      }
    }
    expect(found(side, 0, undefined, null, false)).toBeUndefined();
    expect(found(side, 128, undefined, null, false)).toBeUndefined();
    expect(found(side, -1, undefined, null, false)).toBeUndefined();
  });

  it("are none of what no rule is about", () => {
    const slots = new Slots();
    expect(new SideBuilder(slots).build(true)).toBeUndefined();
    const [few, other] = [new SideBuilder(slots), new SideBuilder(slots)];
    few.file({ code: 3, subfunction: undefined, table: "holding", write: false }, coverage(1));
    other.file({ code: 4, subfunction: undefined, table: "input", write: false }, coverage(2));
    const [first, second] = [few.build(false), other.build(false)];
    expect([found(first, 3, undefined, "holding", false), found(first, 4, undefined, "input", false)]).toEqual([
      [1],
      undefined,
    ]);
    expect([found(second, 3, undefined, "holding", false), found(second, 4, undefined, "input", false)]).toEqual([
      undefined,
      [2],
    ]);
    expect(found(undefined, 3, undefined, "holding", false)).toBeUndefined();
    expect(found(first, 6, undefined, "holding", true)).toBeUndefined();
  });
});

describe("a function with sub-functions", () => {
  const build = (forbid: boolean): Side | undefined => {
    const builder = new SideBuilder(new Slots());
    const at = (subfunction: number | undefined, index: number): void =>
      builder.file({ code: 8, subfunction, table: null, write: true }, coverage(index));
    at(undefined, 0);
    at(1, 1);
    at(0, 2);
    at(65_535, 3);
    builder.file({ code: 43, subfunction: 14, table: null, write: false }, coverage(4));
    return builder.build(forbid);
  };
  const of = (side: Side | undefined, subfunction: number | undefined): unknown =>
    found(side, 8, subfunction, null, true);

  it("has what is about all of them and what is about one, in the order of the file", () => {
    for (const side of [build(false), build(true)]) {
      expect([of(side, 0), of(side, 1), of(side, 2), of(side, 65_535)]).toEqual([[0, 2], [0, 1], [0], [0, 3]]);
      expect(found(side, 43, 14, null, false)).toEqual([4]);
      expect(found(side, 43, 13, null, false)).toEqual([]);
    }
  });

  it("has tables of its own also where there is one alone, and there are none where none is named", () => {
    const sides = (subfunction: number | undefined): readonly (Side | undefined)[] =>
      [false, true].map((forbid) => {
        const builder = new SideBuilder(new Slots());
        builder.file({ code: 8, subfunction, table: null, write: true }, coverage(0));
        return builder.build(forbid);
      });
    expect(sides(undefined).map((side) => side?.bySubfunction)).toEqual([undefined, undefined]);
    expect(sides(undefined).map((side) => [of(side, undefined), of(side, 7)])).toEqual([
      [[0], [0]],
      [[0], [0]],
    ]);
    expect(sides(5).map((side) => [of(side, 5), of(side, 7), of(side, undefined)])).toEqual([
      [[0], [], []],
      [[0], [], [0]],
    ]);
  });

  it("keeps what hides its sub-function apart from the first one of the next function", () => {
    const builder = new SideBuilder(new Slots());
    builder.file({ code: 8, subfunction: 5, table: null, write: true }, coverage(0));
    builder.file({ code: 43, subfunction: 0, table: null, write: true }, coverage(1));
    const side = builder.build(true);
    expect([of(side, undefined), found(side, 43, 0, null, true)]).toEqual([[0], [1]]);
  });

  it("is hit by every forbid where the request does not say which, and permitted by what is about all", () => {
    expect([of(build(true), undefined), of(build(false), undefined)]).toEqual([[0, 1, 2, 3], [0]]);
    expect([found(build(true), 43, undefined, null, false), found(build(false), 43, undefined, null, false)]).toEqual([
      [4],
      [],
    ]);
  });
});
