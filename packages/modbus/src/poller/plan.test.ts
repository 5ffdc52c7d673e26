import fc from "fast-check";
import { expect, test } from "vitest";
import { type PlanRules, planBlocks, type Stretch } from "./plan.ts";

const spanOf = (maxAddress: number, maxCount: number): fc.Arbitrary<Stretch> =>
  fc.record({ address: fc.nat(maxAddress), count: fc.integer({ min: 1, max: maxCount }) });

/** Spans that leave room for forbidden addresses, so that a plan exists. */
const cases = fc
  .record({
    spans: fc.array(spanOf(120, 12), { maxLength: 14 }),
    maxGap: fc.nat(20),
    maxLength: fc.integer({ min: 12, max: 60 }),
    forbidden: fc.array(spanOf(130, 4), { maxLength: 6 }),
  })
  .map(({ spans, forbidden, ...rest }) => ({
    ...rest,
    spans,
    forbidden: forbidden.filter((stretch) => !spans.some((span) => overlap(span, stretch))),
  }));

function overlap(left: Stretch, right: Stretch): boolean {
  return left.address < right.address + right.count && right.address < left.address + left.count;
}

/** Whether the spans could be one block, by looking at every address. */
function isBlock(spans: readonly Stretch[], rules: PlanRules<Stretch>): boolean {
  const start = Math.min(...spans.map(({ address }) => address));
  const end = Math.max(...spans.map(({ address, count }) => address + count));
  if (end - start > rules.maxLength) return false;
  let gap = 0;
  for (let address = start; address < end; address++) {
    const one = { address, count: 1 };
    if (rules.forbidden?.some((stretch) => overlap(stretch, one))) return false;
    gap = spans.some((span) => overlap(span, one)) ? 0 : gap + 1;
    if (gap > rules.maxGap) return false;
  }
  return true;
}

/** The fewest consecutive groups that are all blocks, by trying every way. */
function fewest(sorted: readonly Stretch[], rules: PlanRules<Stretch>): number {
  const best = [0];
  for (let end = 1; end <= sorted.length; end++) {
    const ways = Array.from({ length: end }, (_, start) =>
      isBlock(sorted.slice(start, end), rules) ? best[start]! + 1 : Number.POSITIVE_INFINITY,
    );
    best.push(Math.min(...ways));
  }
  return best.at(-1)!;
}

test("every span lies in exactly one block, every block obeys the rules, and none could be saved", () => {
  fc.assert(
    fc.property(cases, ({ spans, ...rules }) => {
      const blocks = planBlocks(spans, rules);
      const planned = blocks.flatMap((block) => block.spans);
      expect(planned).toHaveLength(spans.length);
      expect(new Set(planned)).toEqual(new Set(spans));
      for (const block of blocks) {
        expect(block.address).toBe(Math.min(...block.spans.map(({ address }) => address)));
        expect(block.address + block.count).toBe(Math.max(...block.spans.map(({ address, count }) => address + count)));
        expect(isBlock(block.spans, rules)).toBe(true);
      }
      expect(blocks).toHaveLength(fewest(planned, rules));
    }),
    { numRuns: 500 },
  );
});

test("neighbours that are to stay apart never share a block, and nothing else is torn", () => {
  fc.assert(
    fc.property(cases, fc.array(fc.nat(13), { maxLength: 4 }), ({ spans, ...rules }, chosen) => {
      const rights = new Set(chosen.map((index) => spans[index]));
      const blocks = planBlocks(spans, { ...rules, apart: (_, right) => rights.has(right) });
      for (const block of blocks) for (const span of block.spans.slice(1)) expect(rights.has(span)).toBe(false);
      const planned = blocks.flatMap((block) => block.spans);
      const segments: Stretch[][] = [];
      for (const span of planned) {
        if (segments.length === 0 || rights.has(span)) segments.push([]);
        segments.at(-1)!.push(span);
      }
      expect(blocks).toHaveLength(segments.reduce((sum, segment) => sum + fewest(segment, rules), 0));
    }),
  );
});

test("without gaps only neighbours are merged", () => {
  const spans = [0, 1, 2, 4, 5, 9].map((address) => ({ address, count: 1 }));
  const shape = (maxGap: number, maxLength = 125) =>
    planBlocks(spans, { maxGap, maxLength }).map(({ address, count }) => [address, count]);
  expect(shape(0)).toEqual([
    [0, 3],
    [4, 2],
    [9, 1],
  ]);
  expect(shape(1)).toEqual([
    [0, 6],
    [9, 1],
  ]);
  expect(shape(3)).toEqual([[0, 10]]);
  expect(shape(3, 5)).toEqual([
    [0, 5],
    [5, 5],
  ]);
  expect(planBlocks([], { maxGap: 0, maxLength: 1 })).toEqual([]);
});

test.each([
  ["longer than a block", { address: 0, count: 11 }],
  ["beyond the table", { address: 65_535, count: 2 }],
  ["negative", { address: -1, count: 1 }],
  ["empty", { address: 1, count: 0 }],
  ["no whole number", { address: 0.5, count: 1 }],
  ["forbidden", { address: 19, count: 2 }],
])("a span that is %s is refused", (_, span) => {
  const rules = { maxGap: 0, maxLength: 10, forbidden: [{ address: 20, count: 5 }] };
  expect(() => planBlocks([span], rules)).toThrow(expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" }));
});
