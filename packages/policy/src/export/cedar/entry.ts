import type { Table } from "@modwarden/access";
import type { Point } from "@modwarden/profile";
import { functionReference, halvesOf } from "../../language/function-reference.ts";
import { inRanges, rangeOf } from "../../language/range.ts";
import type { EntryText, RuleText } from "../../language/text.ts";
import type { PolicyDevice } from "../../rules/device.ts";
import { pointLimits, registerLimits } from "./limits.ts";
import { IS_READ } from "./rule.ts";
import { allOf, anyOf, cedarSet, cedarString, within } from "./text.ts";

/** What an entry is about, and under which limits: an expression over one element. */
export function entryText(entry: EntryText, rule: RuleText, devices: readonly PolicyDevice[]): string {
  return entry.functions === undefined ? pointsText(entry, rule, devices) : functionsText(entry, rule);
}

function functionsText(entry: EntryText, rule: RuleText): string {
  const denies = rule.forbid !== undefined;
  const references = (entry.functions ?? []).map(functionReference);
  const whole = references.flatMap(({ code, subfunction }) => (subfunction === undefined ? [code] : []));
  const parts = references.flatMap(({ code, subfunction }) => {
    if (subfunction === undefined) return [];
    // Unsure means no: a request that hides its sub-function is hit by every forbid of one.
    const hidden = denies ? "!(context has subfunction) || " : "";
    const named = `context has subfunction && context.subfunction == ${subfunction}`;
    return [`(context.function == ${code} && (${hidden}${denies ? `(${named})` : named}))`];
  });
  const functions = anyOf([
    ...(whole.length === 0 ? [] : [`${cedarSet([...new Set(whole)])}.contains(context.function)`]),
    ...parts,
  ]);
  const { addresses, table, files, records } = entry;
  const ranges = addresses?.map(rangeOf);
  const tableless = references.some(({ code }) => halvesOf(code).length === 0);
  return allOf([
    functions,
    table && `resource.table == "${table}"`,
    // Of what has no table only a FIFO has an address.
    ranges && (tableless ? '(resource.table != "none" || context.function == 24)' : undefined),
    ranges && within("resource.address", ranges),
    files && `resource has file && ${within("resource.file", files.map(rangeOf))}`,
    records && within("resource.address", records.map(rangeOf)),
    limited(registerLimits(entry)),
  ]);
}

function limited(limits: string | undefined): string | undefined {
  return limits && `(${IS_READ} || (${limits}))`;
}

export function reachedBy(rule: RuleText, devices: readonly PolicyDevice[]): readonly PolicyDevice[] {
  const units = rule.units?.map(rangeOf);
  return devices
    .filter(({ id }) => rule.devices?.includes(id) ?? true)
    .filter(({ unit }) => units === undefined || inRanges(units, unit));
}

/** Every device of the rule that has the point, or points with the label. */
function pointsText(entry: EntryText, rule: RuleText, devices: readonly PolicyDevice[]): string {
  const parts = reachedBy(rule, devices).flatMap(({ id, profile }) =>
    profile === undefined
      ? []
      : pointsNamed(entry, profile.points).map((point) =>
          allOf([
            `resource.device == ${cedarString(id)}`,
            functionsOf(point.table, entry.write !== undefined),
            `resource.table == "${point.table}"`,
            within("resource.address", [{ start: point.address, end: point.address + point.count - 1 }]),
            entry.write === undefined ? undefined : limited(pointLimits(entry, profile, point)),
          ]),
        ),
  );
  return `resource has device && ${anyOf(parts.map((part) => (parts.length > 1 ? `(${part})` : part)))}`;
}

function pointsNamed(entry: EntryText, points: readonly Point[]): readonly Point[] {
  const named = entry.write ?? entry.read;
  if (named === undefined) return [];
  return points.filter(
    ({ id, labels, table }) =>
      (typeof named === "string" ? id === named : labels.includes(named.label)) &&
      (entry.write === undefined || table === "coil" || table === "holding"),
  );
}

/** What function 22 reads stays in the device: both its halves belong to a write. */
function functionsOf(table: Table, writes: boolean): string {
  const reading: Readonly<Record<Table, readonly number[]>> = {
    coil: [1],
    discrete: [2],
    holding: [3, 23],
    input: [4],
  };
  const writing = table === "coil" ? [5, 15] : [6, 16, 22, 23];
  const half = writes ? 'action == Action::"write"' : IS_READ;
  const direct = `${half} && ${cedarSet(writes ? writing : reading[table])}.contains(context.function)`;
  return writes && table === "holding" ? `((${direct}) || context.function == 22)` : direct;
}
