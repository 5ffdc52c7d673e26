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

  it("is coarsened as soon as there are more references than its bound, and not before", () => {
    // Three staggered ranges: 1 + 2 + 2 + 1 references in as many blocks, and the rest in none.
    const items = [coverage(10, 29), coverage(20, 39), coverage(30, 49)];
    expect([...new IntervalTable(items, 6).starts]).toEqual([0, 10, 20, 30, 40, 50, 65536]);
    expect(new IntervalTable(items, 5).starts.length).toBeLessThan(7);
  });

  it.each([3, 4, 5, 6, 7, 8])("however coarse, has every element in one block: %i ranges", (count) => {
    const size = 200;
    for (const maxReferences of [1, 5, 8, 12, 20, 1000]) {
      const items = Array.from({ length: count }, (_, index) =>
        coverage(index * 20 + 5, index * 20 + 44, index % 3 === 2),
      );
      const table = new IntervalTable(items, maxReferences, size);
      const blocks = table.starts.length - 1;
      expect([table.starts[0], table.starts[blocks]]).toEqual([0, size]);
      for (let address = 0; address < size; address += 1) {
        const block = table.block(address);
        expect(address).toBeGreaterThanOrEqual(table.starts[block]!);
        expect(address).toBeLessThanOrEqual(table.end(block));
        expect(table.end(block)).toBe(table.starts[block + 1]! - 1);
        expect(itemsAt(table, address)).toEqual(items.filter(({ start, end }) => address >= start && address <= end));
        const free = table.free[block]!;
        if (free >= 0)
          expect([items[free]!.unconditional, itemsAt(table, address)]).toEqual([
            true,
            expect.arrayContaining([items[free]]),
          ]);
      }
    }
  });

  it("gives the rule that covers a block without conditions, on its transports", () => {
    const [tcp, tls] = [0b01, 0b10];
    const at = (index: number, transports: number, start: number, end: number, limited = false): Coverage => ({
      ...coverage(start, end, limited),
      ...{ rule: { ...rule, index }, transports },
    });
    const table = new IntervalTable([
      at(0, tls, 0, 9, true),
      at(7, tls, 0, 9),
      at(9, tls | tcp, 0, 9),
      at(1_000_000, 0b100000, 10, 19),
      at(0, tcp, 20, 29),
      at(3, tls, 30, 39, true),
    ]);
    const free = (address: number, transports: number): number => table.freeOf(table.block(address), transports);
    expect([free(0, tls), free(9, tls), free(5, tcp), free(5, 0)]).toEqual([7, 7, -1, -1]);
    expect([free(10, 0b100000), free(19, 0b100000), free(15, tls)]).toEqual([1_000_000, 1_000_000, -1]);
    expect([free(20, tcp), free(20, tls), free(35, tls), free(40, tls), free(65535, 63)]).toEqual([0, -1, -1, -1, -1]);
  });
});
