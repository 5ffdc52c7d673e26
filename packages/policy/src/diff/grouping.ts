import { contains } from "./box.ts";
import type { RawRegion, SubfunctionClass } from "./compare.ts";
import type { TargetGroup } from "./targets.ts";

/** Regions that differ in one thing only are one. */
export interface GroupedRegion {
  readonly first: RawRegion;
  readonly roles: readonly string[];
  readonly targets: readonly TargetGroup[];
  readonly functions: readonly { readonly code: number; readonly subfunction: SubfunctionClass }[];
  readonly intervals: readonly { readonly start: number; readonly end: number }[];
}

/** A name for each value, the same for those that are the same. */
class Numbers<Value> {
  readonly #numbers = new Map<Value, number>();

  of(value: Value): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    this.#numbers.set(value, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

export function grouped(regions: readonly RawRegion[]): readonly GroupedRegion[] {
  const sets = new Numbers<bigint>();
  const targets = new Numbers<TargetGroup>();
  const pieceName = ({ piece, onlyIn, table, write }: RawRegion): string => {
    const box = [...piece.box].map(([dimension, set]) => `${dimension}=${sets.of(set)}`).sort();
    return JSON.stringify([onlyIn, table, write, piece.by, piece.forbiddenBy, piece.nearest, piece.vague, box]);
  };
  let list = withoutTwins(regions).map((first): GroupedRegion & { readonly name: string } => ({
    first,
    name: pieceName(first),
    roles: [first.role],
    targets: [first.target],
    functions: [{ code: first.code, subfunction: first.subfunction }],
    intervals: [{ start: first.start, end: first.end }],
  }));
  const functionsName = (one: GroupedRegion): string => JSON.stringify(one.functions);
  const intervalsName = (one: GroupedRegion): string => JSON.stringify(one.intervals);
  const targetsName = (one: GroupedRegion): string => one.targets.map((target) => targets.of(target)).join(" ");
  const join = (
    key: (one: GroupedRegion) => string,
    both: (one: GroupedRegion, other: GroupedRegion) => Partial<GroupedRegion>,
  ) => {
    const joined = new Map<string, (typeof list)[number]>();
    for (const one of list) {
      const name = `${one.name} | ${key(one)}`;
      const before = joined.get(name);
      joined.set(name, before === undefined ? one : { ...before, ...both(before, one) });
    }
    list = [...joined.values()];
  };
  join(
    (one) => `${functionsName(one)} ${one.roles.join(",")} ${targetsName(one)}`,
    (one, other) => ({ intervals: adjacent([...one.intervals, ...other.intervals]) }),
  );
  join(
    (one) => `${intervalsName(one)} ${one.roles.join(",")} ${targetsName(one)}`,
    (one, other) => ({ functions: [...one.functions, ...other.functions] }),
  );
  join(
    (one) => `${intervalsName(one)} ${functionsName(one)} ${targetsName(one)}`,
    (one, other) => ({ roles: [...one.roles, ...other.roles] }),
  );
  join(
    (one) => `${intervalsName(one)} ${functionsName(one)} ${one.roles.join(",")}`,
    (one, other) => ({ targets: [...one.targets, ...other.targets] }),
  );
  return list;
}

function adjacent(intervals: GroupedRegion["intervals"]): GroupedRegion["intervals"] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of intervals.toSorted((left, right) => left.start - right.start)) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end + 1) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/** A function without a table is a read or a write by what it does, so the same of both is told once. */
function withoutTwins(regions: readonly RawRegion[]): readonly RawRegion[] {
  const reads = new Map<string, RawRegion[]>();
  const name = (one: RawRegion, targets: Numbers<TargetGroup>): string =>
    JSON.stringify([
      one.onlyIn,
      one.role,
      targets.of(one.target),
      one.code,
      one.subfunction,
      one.start,
      one.end,
      one.piece.by,
      one.piece.forbiddenBy,
    ]);
  const targets = new Numbers<TargetGroup>();
  for (const one of regions) {
    if (one.table !== null || one.write) continue;
    const list = reads.get(name(one, targets)) ?? [];
    list.push(one);
    reads.set(name(one, targets), list);
  }
  return regions.filter((one) => {
    if (one.table !== null || !one.write) return true;
    return !reads.get(name(one, targets))?.some((read) => contains(read.piece.box, one.piece.box));
  });
}
