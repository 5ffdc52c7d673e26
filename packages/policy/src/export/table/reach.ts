import type { Table } from "@modwarden/access";
import type { Point } from "@modwarden/profile";
import { functionReference, halvesOf, pointHalves } from "../../language/function-reference.ts";
import { inRanges, mergeRanges, type Range, rangeOf } from "../../language/range.ts";
import type { EntryText, FunctionText, RuleText } from "../../language/text.ts";
import type { PolicyDevice } from "../../rules/device.ts";

/** What an entry reaches on a device, in one table or in none, with one kind of operation. */
export interface Reach {
  readonly effect: "read" | "write" | "function";
  /** Codes with their sub-functions, as the file writes them. */
  readonly functions: readonly string[];
  readonly table: Table | null;
  /** Undefined: every address, or nothing that has one. */
  readonly ranges?: readonly Range[];
  readonly point?: Point;
  /** It changes something, or nobody here knows that it does not: over plain links a rule has to name the transport. */
  readonly writes: boolean;
}

const MASK_WRITE = 22;

/** Whether a rule is about a device of the site. Broadcast is never implied. */
export function appliesTo(rule: RuleText, { id, unit }: PolicyDevice): boolean {
  if (rule.devices !== undefined && !rule.devices.includes(id)) return false;
  if (rule.units !== undefined) return inRanges(rule.units.map(rangeOf), unit);
  return unit !== 0 || rule.forbid !== undefined || rule.devices !== undefined;
}

export function reachOf(entry: EntryText, device: PolicyDevice | undefined): readonly Reach[] {
  return entry.functions === undefined ? pointReach(entry, device) : functionReach(entry, entry.functions);
}

function functionReach(entry: EntryText, functions: readonly FunctionText[]): readonly Reach[] {
  const ranges = entry.addresses && mergeRanges(entry.addresses.map(rangeOf));
  const byHalf = new Map<string, Reach & { functions: string[] }>();
  const add = (name: string, effect: Reach["effect"], table: Table | null, writes: boolean) => {
    const key = `${effect} ${table} ${writes}`;
    const reach = byHalf.get(key);
    if (reach === undefined) byHalf.set(key, { effect, functions: [name], table, writes, ...(ranges && { ranges }) });
    else if (!reach.functions.includes(name)) reach.functions.push(name);
  };
  for (const text of functions) {
    const { code, subfunction } = functionReference(text);
    if (code === MASK_WRITE && refusesMaskWrite(entry)) continue;
    const halves = halvesOf(code);
    // What function 22 reads stays in the device: it is a write as a whole.
    for (const { table, write } of halves) {
      if (entry.table !== undefined && entry.table !== table) continue;
      if (write || code !== MASK_WRITE) add(String(text), write ? "write" : "read", table, write);
    }
    const hasAddress = code === 24 && entry.table === undefined;
    const isWhole = entry.table === undefined && entry.addresses === undefined;
    if (halves.length === 0 && (isWhole || hasAddress))
      add(String(text), "function", null, !onlyLooks(code, subfunction));
  }
  return [...byHalf.values()];
}

function pointReach(entry: EntryText, device: PolicyDevice | undefined): readonly Reach[] {
  const named = entry.write ?? entry.read;
  const writes = entry.write !== undefined;
  const points = (device?.profile?.points ?? []).filter(
    ({ id, labels, table }) =>
      (typeof named === "string" ? id === named : named !== undefined && labels.includes(named.label)) &&
      (!writes || table === "coil" || table === "holding"),
  );
  return points.map((point) => ({
    effect: writes ? "write" : "read",
    functions: [...new Set(pointHalves(point.table, writes).map(({ code }) => code))]
      .filter((code) => code !== MASK_WRITE || !refusesMaskWrite(entry))
      .map(String),
    table: point.table,
    ranges: [{ start: point.address, end: point.address + point.count - 1 }],
    point,
    writes,
  }));
}

/** What function 22 leaves in the register is not known before: under a limit of values only a mask permits it. */
function refusesMaskWrite({ min, max, values, maxStep, mask }: EntryText): boolean {
  return mask === undefined && [min, max, values, maxStep].some((limit) => limit !== undefined);
}

const looking: ReadonlySet<number> = new Set([7, 11, 12, 17, 20, 24]);
const lookingDiagnostics: ReadonlySet<number> = new Set([0, 2, 11, 12, 13, 14, 15, 16, 17, 18]);
const READ_DEVICE_IDENTIFICATION = 14;

/** Functions without registers that change nothing, as the accesses of a request have it. */
function onlyLooks(code: number, subfunction: number | undefined): boolean {
  if (subfunction === undefined) return looking.has(code);
  return code === 8 ? lookingDiagnostics.has(subfunction) : code === 43 && subfunction === READ_DEVICE_IDENTIFICATION;
}

/** Whether both are about something that is the same. */
export function overlap(one: Reach, other: Reach): boolean {
  if (one.effect !== other.effect || one.table !== other.table) return false;
  const sameFunction = one.functions.some((left) => other.functions.some((right) => sameCode(left, right)));
  if (!sameFunction || one.ranges === undefined || other.ranges === undefined) return sameFunction;
  return one.ranges.some(({ start, end }) => other.ranges!.some((range) => range.start <= end && range.end >= start));
}

/** `8` is every sub-function of 8. */
function sameCode(left: string, right: string): boolean {
  return left === right || left.startsWith(`${right}/`) || right.startsWith(`${left}/`);
}
