import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Coverage } from "./coverage.ts";
import { IntervalTable } from "./interval-table.ts";

const rule = { id: "a", index: 0, forbid: false, shadow: false, roles: "*", entries: [] } as const;
const coverage = (start: number, end: number, limited = false): Coverage => ({
  ...{ rule, start, end, transports: 63, networks: undefined, point: undefined },
  limits: limited ? { stated: { max: 1 } } : undefined,
  unconditional: !limited,
  stateful: false,
});

function itemsAt(table: IntervalTable, address: number): readonly Coverage[] {
  const block = table.block(address);
  return Array.from(
    table.references.slice(table.offsets[block], table.offsets[block + 1]),
    (reference) => table.items[reference]!,
  ).filter(({ start, end }) => address >= start && address <= end);
}

describe("IntervalTable", () => {
  it("cuts the addresses at the ends of the ranges", () => {
    const table = new IntervalTable([coverage(10, 20), coverage(15, 30, true), coverage(0, 65535)]);
    expect([...table.starts]).toEqual([0, 10, 15, 21, 31, 65536]);
    expect([...table.free]).toEqual([2, 0, 0, 2, 2]);
    expect([0, 9, 10, 65535].map((address) => table.block(address))).toEqual([0, 0, 1, 4]);
  });

  it("finds the same as a scan, in the same order, also when its bound coarsens it", () => {
    const ranges = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 65535 }), fc.integer({ min: 0, max: 2000 }), fc.boolean()),
      { minLength: 1, maxLength: 30 },
    );
    const bound = fc.constantFrom(1, 40, 2_000_000);
    fc.assert(
      fc.property(ranges, bound, fc.integer({ min: 0, max: 65535 }), (generated, maxReferences, elsewhere) => {
        const items = generated.map(([start, more, limited]) =>
          coverage(start, Math.min(65535, start + more), limited),
        );
        const table = new IntervalTable(items, maxReferences);
        for (const address of [elsewhere, ...items.flatMap(({ start, end }) => [start, end, Math.max(0, start - 1)])]) {
          expect(itemsAt(table, address)).toEqual(items.filter(({ start, end }) => address >= start && address <= end));
          const free = table.free[table.block(address)]!;
          if (free >= 0) expect(itemsAt(table, address)).toContain(items[free]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("keeps to its bound of references", () => {
    const items = Array.from({ length: 200 }, (_, index) => coverage(index * 10, index * 10 + 2000, true));
    expect(new IntervalTable(items).references.length).toBeGreaterThan(20_000);
    expect(new IntervalTable(items, 5000).references.length).toBeLessThanOrEqual(5000);
  });
});
