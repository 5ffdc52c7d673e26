import { type Box, intersect, subtractAll, TooManyBoxes } from "../diff/box.ts";
import type { StatedRule } from "../diff/circumstances.ts";
import { Space } from "../diff/space.ts";
import { blocksOf, type Stretch } from "../diff/sweep.ts";
import { targetGroups } from "../diff/targets.ts";
import { type Coverage, coverEntry, type Slot } from "../rules/coverage.ts";
import type { LintContext } from "./finding.ts";

interface Filed extends Stretch {
  readonly rule: StatedRule;
  readonly slot: Slot;
  readonly coverage: Coverage;
}

/** What is known of a permit so far. */
interface Standing {
  counts: boolean;
  /** Something of it that no forbid takes away. */
  survives: boolean;
  readonly hitBy: Set<string>;
  /** Something of it that no other permit gives. */
  needed: boolean;
  readonly givenBy: Set<string>;
}

const UNSAID = { counts: true, survives: true, needed: true };

/** More rules than this would take longer than a person waits. */
const MOST_RULES = 2_000;

/** Permits that nothing ever meets, that forbids take away altogether, or that others give as well. */
export function lintIdle(rules: readonly StatedRule[], { file, devices, site, find }: LintContext): void {
  const inForce = rules.filter(({ compiled }) => !compiled.shadow);
  if (inForce.length > MOST_RULES) return;
  const space = new Space(inForce, file.roles);
  const here = space.hereBox(site?.location);
  const standings = new Map<StatedRule, Standing>();
  for (const rule of inForce) {
    standings.set(rule, { counts: false, survives: false, hitBy: new Set(), needed: false, givenBy: new Set() });
  }
  for (const { device, rules: about } of targetGroups(inForce, devices)) {
    for (const role of file.roles) {
      const named = about.filter(({ compiled: { roles } }) => roles === "*" || roles.has(role));
      for (const filed of slotsOf(named, device)) {
        for (const subfunction of subfunctionsOf(filed)) {
          const meant = filed.filter(({ slot }) => slot.subfunction === undefined || slot.subfunction === subfunction);
          for (const { items } of blocksOf(meant)) judge([...items], device, space, here, standings);
        }
      }
    }
  }
  for (const rule of inForce) {
    const standing = standings.get(rule);
    if (standing !== undefined) report(rule, standing, find);
  }
}

const MASK_WRITE = 22;

function slotsOf(rules: readonly StatedRule[], device: string | null): Iterable<readonly Filed[]> {
  const slots = new Map<string, Filed[]>();
  for (const rule of rules) {
    for (const entry of rule.compiled.entries) {
      coverEntry(rule.compiled, entry, device, (slot, coverage) => {
        // What function 22 reads stays in the device: by itself that is no permit.
        if (slot.code === MASK_WRITE && !slot.write) return;
        const name = `${slot.code} ${slot.table ?? ""} ${slot.write}`;
        const list = slots.get(name) ?? [];
        list.push({ rule, slot, coverage, start: coverage.start, end: coverage.end });
        slots.set(name, list);
      });
    }
  }
  return slots.values();
}

function subfunctionsOf(filed: readonly Filed[]): readonly (number | undefined)[] {
  return [...new Set(filed.map(({ slot }) => slot.subfunction)), undefined].filter(
    (one, index, all) => all.indexOf(one) === index,
  );
}

function judge(
  items: readonly Filed[],
  device: string | null,
  space: Space,
  here: Box,
  standings: ReadonlyMap<StatedRule, Standing>,
): void {
  const { dimensions } = space;
  const boxes = new Map<Filed, readonly Box[]>();
  try {
    for (const one of items) {
      const all = space.boxesOf(one.rule, "a", one.slot, one.coverage, device);
      boxes.set(
        one,
        all.flatMap((box) => intersect(box, here) ?? []),
      );
    }
  } catch (error) {
    if (!(error instanceof TooManyBoxes)) throw error;
    // Nothing is said of what would take too long to find out.
    for (const one of items) Object.assign(standings.get(one.rule) ?? {}, UNSAID);
    return;
  }
  const forbids = items.filter(({ coverage }) => coverage.rule.forbid);
  for (const one of items) {
    const standing = standings.get(one.rule);
    const mine = boxes.get(one) ?? [];
    if (standing === undefined || mine.length === 0) continue;
    standing.counts = true;
    if (one.coverage.rule.forbid || standing.needed) continue;
    try {
      let left = mine;
      for (const forbid of forbids) {
        const after = subtractAll(left, boxes.get(forbid) ?? [], dimensions);
        if (isLess(after, left)) standing.hitBy.add(forbid.rule.compiled.id);
        left = after;
      }
      if (left.length === 0) continue;
      standing.survives = true;
      for (const other of items) {
        if (other.coverage.rule.forbid || other.rule === one.rule || !goesFirst(other.rule, one.rule)) continue;
        const after = subtractAll(left, boxes.get(other) ?? [], dimensions);
        if (isLess(after, left)) standing.givenBy.add(other.rule.compiled.id);
        left = after;
        if (left.length === 0) break;
      }
      if (left.length > 0) standing.needed = true;
    } catch (error) {
      if (!(error instanceof TooManyBoxes)) throw error;
      Object.assign(standing, UNSAID);
    }
  }
}

/** What is not cut stays the same box. */
function isLess(after: readonly Box[], before: readonly Box[]): boolean {
  return after.length !== before.length || after.some((box, index) => box !== before[index]);
}

/** Of two that give the same, the later one in the file is told to be redundant. */
function goesFirst(one: StatedRule, other: StatedRule): boolean {
  return one.compiled.index < other.compiled.index;
}

function report({ compiled }: StatedRule, standing: Standing, find: LintContext["find"]): void {
  const path = ["rules", compiled.index];
  const { counts, survives, needed, hitBy, givenBy } = standing;
  if (!counts)
    find(
      "never-matches",
      path,
      `rule "${compiled.id}" never counts: no request meets all that it asks for; correct or remove it`,
    );
  else if (compiled.forbid) return;
  else if (!survives)
    find(
      "shadowed",
      path,
      `all that rule "${compiled.id}" permits is forbidden by ${quoted(hitBy)}: remove one of them`,
    );
  else if (!needed)
    find("redundant", path, `all that rule "${compiled.id}" permits is permitted by ${quoted(givenBy)} already`);
}

function quoted(rules: ReadonlySet<string>): string {
  return [...rules].map((rule) => `"${rule}"`).join(", ");
}
