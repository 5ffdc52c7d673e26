import { describe, expect, it } from "vitest";
import { type Box, joined, subtractAll, TooManyBoxes } from "./box.ts";

const dimensions = { full: (): bigint => 3n };
const box = (sets: Readonly<Record<string, bigint>>): Box => new Map(Object.entries(sets));
const shown = (boxes: readonly Box[]): unknown => boxes.map((one) => Object.fromEntries(one));

describe("joined", () => {
  it.each([
    ["leaves out a box in one before", [{ x: 1n }, { x: 1n, y: 1n }], [{ x: 1n }]],
    ["leaves out a box in one after", [{ x: 1n, y: 1n }, { x: 1n }], [{ x: 1n }]],
    ["takes two that are the same for one", [{ x: 1n }, { x: 1n }], [{ x: 1n }]],
    [
      "joins those that differ in one dimension",
      [
        { x: 1n, y: 1n },
        { x: 2n, y: 1n },
      ],
      [{ y: 1n }],
    ],
    [
      "keeps those that differ in two",
      [
        { x: 1n, y: 1n },
        { x: 2n, y: 2n },
      ],
      [
        { x: 1n, y: 1n },
        { x: 2n, y: 2n },
      ],
    ],
    ["does not tell what may be anything", [{ x: 3n, y: 1n }], [{ y: 1n }]],
  ] as const)("%s", (_, boxes, wanted) => {
    expect(shown(joined(boxes.map(box), dimensions))).toEqual(wanted);
  });

  it("leaves very many as they are", () => {
    const many = Array.from({ length: 257 }, () => box({ x: 1n }));
    expect(joined(many, dimensions)).toHaveLength(257);
    expect(joined(many.slice(1), dimensions)).toHaveLength(1);
  });
});

describe("subtractAll", () => {
  const apart = (from: number): Box =>
    new Map(Array.from({ length: 17 }, (_, index) => [`d${from + index}`, 1n] as const));

  it("gives up on more boxes than anybody would read", () => {
    const everything = [box({})];
    expect(subtractAll(everything, [apart(0), apart(17)], dimensions)).toHaveLength(17 * 17);
    expect(() => subtractAll(everything, [apart(0), apart(17), apart(34)], dimensions)).toThrow(TooManyBoxes);
  });
});
