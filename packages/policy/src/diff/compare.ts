import type { Table } from "@modwarden/access";
import { type Coverage, coverEntry, type Slot } from "../rules/coverage.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { type Box, TooManyBoxes } from "./box.ts";
import type { StatedRule } from "./circumstances.ts";
import { onlyIn, type Piece, type Stand, type Standing } from "./pieces.ts";
import { ruleSays } from "./rule-says.ts";
import type { Space } from "./space.ts";
import { blocksOf, type Stretch } from "./sweep.ts";
import { type TargetGroup, targetGroups } from "./targets.ts";

/** One policy's rules in force, and the roles that it declares. */
export interface PolicySide {
  readonly rules: readonly StatedRule[];
  readonly roles: ReadonlySet<string>;
}

/** A sub-function that rules name, any that none names, or a request that does not say. */
export type SubfunctionClass = number | "other" | "unsaid" | undefined;

/** Elements of one function that one policy permits and the other does not, in the circumstances of the piece. */
export interface RawRegion {
  readonly onlyIn: "a" | "b";
  readonly role: string;
  readonly target: TargetGroup;
  readonly code: number;
  readonly subfunction: SubfunctionClass;
  readonly table: Table | null;
  readonly write: boolean;
  readonly start: number;
  readonly end: number;
  readonly piece: Piece;
}

interface Filed extends Stretch {
  readonly side: "a" | "b";
  readonly rule: StatedRule;
  readonly slot: Slot;
  readonly coverage: Coverage;
}

/** All that one of two policies permits and the other does not. `here`: where both are in force. */
export function compareRules(
  a: PolicySide,
  b: PolicySide,
  devices: readonly PolicyDevice[],
  space: Space,
  here: Box,
): readonly RawRegion[] {
  const sideOf = new Map<StatedRule, "a" | "b">();
  for (const rule of a.rules) sideOf.set(rule, "a");
  for (const rule of b.rules) sideOf.set(rule, "b");
  const comparison = new Comparison(space, here);
  const regions: RawRegion[] = [];
  for (const target of targetGroups([...a.rules, ...b.rules], devices)) {
    for (const role of new Set([...a.roles, ...b.roles])) {
      const slots = new Map<string, Filed[]>();
      for (const rule of target.rules) {
        const side = sideOf.get(rule) ?? "a";
        const declared = (side === "a" ? a : b).roles.has(role);
        const { roles, forbid, entries } = rule.compiled;
        if (roles === "*" ? !(forbid || declared) : !roles.has(role)) continue;
        for (const entry of entries) {
          coverEntry(rule.compiled, entry, target.device, (slot, coverage) => {
            const name = `${slot.code} ${slot.table ?? ""} ${slot.write}`;
            const list = slots.get(name) ?? [];
            list.push({ side, rule, slot, coverage, start: coverage.start, end: coverage.end });
            slots.set(name, list);
          });
        }
      }
      for (const filed of slots.values()) {
        if (!filed.some((one) => !one.coverage.rule.forbid)) continue;
        for (const region of comparison.ofSlot(filed, target)) {
          if (isWhole(region, slots, target, space) && !isPartOfPoint(region, target, devices))
            regions.push({ ...region, role, target });
        }
      }
    }
  }
  return regions;
}

type SlotRegion = Omit<RawRegion, "role" | "target">;

const WRITE_SINGLE = 6;
const MASK_WRITE = 22;
const READ_WRITE = 23;

/** One half of functions 22 and 23 is permitted for nothing where the other is not permitted at all. */
function isWhole(
  { code, write, onlyIn: side, start, end }: SlotRegion,
  slots: ReadonlyMap<string, readonly Filed[]>,
  { device }: TargetGroup,
  space: Space,
): boolean {
  if (code !== MASK_WRITE && code !== READ_WRITE) return true;
  const others = slots.get(`${code} holding ${!write}`) ?? [];
  return others.some((one) => {
    if (one.side !== side || one.coverage.rule.forbid) return false;
    if (code === MASK_WRITE && (one.start > end || one.end < start)) return false;
    return space.boxesOf(one.rule, side, one.slot, one.coverage, device).length > 0;
  });
}

/** A function that writes one register writes no point of several: that is refused whatever the rules say. */
function isPartOfPoint(
  { code, table, write, start, end }: SlotRegion,
  target: TargetGroup,
  devices: readonly PolicyDevice[],
): boolean {
  if (table === null || !write || (code !== WRITE_SINGLE && code !== MASK_WRITE)) return false;
  const points = devices.find(({ id }) => id === target.device)?.profile?.pointsAt(table, start, 1) ?? [];
  return points.some((point) => point.count > 1 && point.address <= start && end < point.address + point.count);
}

class Comparison {
  readonly #space: Space;
  readonly #here: Box;
  readonly #names = new Names();
  /** What was compared before: most elements of most roles stand under the same rules. */
  readonly #known = new Map<string, readonly { readonly side: "a" | "b"; readonly piece: Piece }[]>();

  constructor(space: Space, here: Box) {
    this.#space = space;
    this.#here = here;
  }

  *ofSlot(filed: readonly Filed[], target: TargetGroup): Generator<SlotRegion> {
    const [first] = filed;
    if (first === undefined) return;
    const { code, table, write } = first.slot;
    for (const subfunction of subfunctionsOf(filed)) {
      const about = filed.filter((one) => isAbout(one, subfunction));
      for (const { start, end, items } of blocksOf(about)) {
        for (const { side, piece } of this.#ofBlock([...items], target.device)) {
          yield { onlyIn: side, code, subfunction, table, write, start, end, piece };
        }
      }
    }
  }

  #ofBlock(items: readonly Filed[], device: string | null): readonly { side: "a" | "b"; piece: Piece }[] {
    try {
      return this.#exactly(items, device);
    } catch (error) {
      if (!(error instanceof TooManyBoxes)) throw error;
      // Unsure means that it differs.
      return items
        .filter(({ coverage }) => !coverage.rule.forbid)
        .map(({ side, rule, coverage }) => {
          const by = { rule: rule.compiled.id, says: ruleSays(rule.text, coverage) };
          return { side, piece: { box: this.#here, by, nearest: [], vague: true } };
        });
    }
  }

  #exactly(items: readonly Filed[], device: string | null): readonly { side: "a" | "b"; piece: Piece }[] {
    const stands = { a: this.#stand(items, "a", device), b: this.#stand(items, "b", device) };
    const [a, b] = [this.#names.ofStand(stands.a), this.#names.ofStand(stands.b)];
    if (a.where === b.where) return [];
    const name = `${a.name} | ${b.name}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const { dimensions } = this.#space;
    const found = [
      ...onlyIn(stands.a, stands.b, this.#here, dimensions).map((piece) => ({ side: "a" as const, piece })),
      ...onlyIn(stands.b, stands.a, this.#here, dimensions).map((piece) => ({ side: "b" as const, piece })),
    ];
    this.#known.set(name, found);
    return found;
  }

  #stand(items: readonly Filed[], side: "a" | "b", device: string | null): Stand {
    const permits: Standing[] = [];
    const forbids: Standing[] = [];
    const mine = items.filter((one) => one.side === side);
    mine.sort((left, right) => left.rule.compiled.index - right.rule.compiled.index);
    for (const { rule, slot, coverage } of mine) {
      const boxes = this.#space.boxesOf(rule, side, slot, coverage, device);
      if (boxes.length > 0)
        (rule.compiled.forbid ? forbids : permits).push({
          rule: rule.compiled.id,
          says: ruleSays(rule.text, coverage),
          boxes,
        });
    }
    return { permits, forbids };
  }
}

/** Short names for boxes, so that the same ones are found to be the same at once. */
class Names {
  readonly #sets = new Map<bigint, number>();
  readonly #boxes = new Map<Box, string>();

  /** `where`: which circumstances; `name`: under which rules as well. */
  ofStand({ permits, forbids }: Stand): { readonly where: string; readonly name: string } {
    const where = (list: readonly Standing[]) =>
      [...new Set(list.flatMap(({ boxes }) => boxes.map((box) => this.#ofBox(box))))].sort().join(" ");
    const name = (list: readonly Standing[]) =>
      list
        .map(
          ({ rule, says, boxes }) =>
            `${JSON.stringify([rule, says])} ${boxes.map((box) => this.#ofBox(box)).join(" ")}`,
        )
        .join("; ");
    return { where: `${where(permits)} / ${where(forbids)}`, name: `${name(permits)} / ${name(forbids)}` };
  }

  #ofBox(box: Box): string {
    const known = this.#boxes.get(box);
    if (known !== undefined) return known;
    const parts = [...box].map(([dimension, set]) => `${dimension}=${this.#ofSet(set)}`);
    const name = `{${parts.sort().join(",")}}`;
    this.#boxes.set(box, name);
    return name;
  }

  #ofSet(set: bigint): number {
    const known = this.#sets.get(set);
    if (known !== undefined) return known;
    this.#sets.set(set, this.#sets.size);
    return this.#sets.size - 1;
  }
}

function subfunctionsOf(filed: readonly Filed[]): readonly SubfunctionClass[] {
  const named = new Set(filed.flatMap(({ slot }) => slot.subfunction ?? []));
  return named.size === 0 ? [undefined] : [...named, "other", "unsaid"];
}

/** Unsure means no: a request that does not say its sub-function is hit by every forbid of one. */
function isAbout({ slot, coverage }: Filed, subfunction: SubfunctionClass): boolean {
  if (slot.subfunction === undefined) return true;
  return subfunction === "unsaid" ? coverage.rule.forbid : slot.subfunction === subfunction;
}
