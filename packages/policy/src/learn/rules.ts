import type { Transport } from "@modwarden/access";
import type { PolicyDevice } from "../rules/device.ts";
import type { ProposedEntry } from "./entry.ts";
import { functionEntries, maskEntries, readWriteEntries } from "./other-entries.ts";
import { readEntries } from "./read-entries.ts";
import type { SeenFunction } from "./seen.ts";
import { together } from "./tally.ts";
import { writeEntries } from "./write-entries.ts";

/** What a rule is for: one rule per role and purpose, and per set of devices that are asked the same. */
export type Purpose = "reads" | "commands" | "settings" | "functions";
const purposes: readonly Purpose[] = ["reads", "commands", "settings", "functions"];

export interface ProposedRule {
  readonly role: string;
  readonly purpose: Purpose;
  /** What writes counts on these transports only. Undefined: it only reads. */
  readonly transports: readonly Transport[] | undefined;
  readonly devices: readonly string[];
  readonly units: readonly number[];
  readonly entries: readonly ProposedEntry[];
}

/** Rules for everything that was seen, by role and purpose. */
export function proposedRules(
  functions: Iterable<SeenFunction>,
  devices: ReadonlyMap<string, PolicyDevice>,
): readonly ProposedRule[] {
  const places = Map.groupBy(functions, ({ role, device, unit, transport }) =>
    JSON.stringify([role, device, unit, transport]),
  );
  const rules: ProposedRule[] = [];
  for (const seen of places.values()) {
    const [first] = seen;
    if (first === undefined) continue;
    const { role, device, unit, transport } = first;
    const known = device === null ? undefined : devices.get(device);
    for (const [purpose, entries] of Object.entries(entriesOf(seen, known))) {
      if (entries.length === 0) continue;
      rules.push({
        role,
        purpose: purpose as Purpose,
        transports: transport === null ? undefined : [transport],
        devices: device === null ? [] : [device],
        units: device === null ? [unit] : [],
        entries,
      });
    }
  }
  // Devices and units are two conditions of one rule, and both would have to hold: a rule has only one of them.
  const sameTargets = merged(rules, (rule) => [
    ...[rule.role, rule.purpose, rule.transports, texts(rule)],
    rule.devices.length > 0,
  ]);
  const sameTransports = merged(sameTargets, (rule) => [
    ...[rule.role, rule.purpose, rule.transports !== undefined, texts(rule)],
    ...[rule.devices, rule.units],
  ]);
  return sameTransports.toSorted(
    (left, right) => compare(left.role, right.role) || purposes.indexOf(left.purpose) - purposes.indexOf(right.purpose),
  );
}

function entriesOf(
  functions: readonly SeenFunction[],
  device: PolicyDevice | undefined,
): Readonly<Record<Purpose, readonly ProposedEntry[]>> {
  const sorted = functions.toSorted((left, right) => left.code - right.code);
  const of = (...codes: readonly number[]) => sorted.filter(({ code }) => codes.includes(code));
  const coils = writeEntries(of(5, 15), device);
  const registers = writeEntries(of(6, 16), device);
  const withTables = [1, 2, 3, 4, 5, 6, 15, 16, 22, 23];
  return {
    reads: of(1, 2, 3, 4).flatMap((seen) => readEntries(seen, device)),
    commands: [...coils.commands, ...registers.commands],
    settings: [...registers.settings, ...of(22).flatMap(maskEntries), ...of(23).flatMap(readWriteEntries)],
    functions: sorted.filter(({ code }) => !withTables.includes(code)).flatMap(functionEntries),
  };
}

/** Rules that are equal in all that `key` names become one, for all their devices, units and transports. */
function merged(
  rules: readonly ProposedRule[],
  key: (rule: ProposedRule) => readonly unknown[],
): readonly ProposedRule[] {
  return [...Map.groupBy(rules, (rule) => JSON.stringify(key(rule))).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const transports = first.transports && [...new Set(same.flatMap((rule) => rule.transports ?? []))].sort();
    return [
      {
        ...first,
        transports,
        devices: [...new Set(same.flatMap(({ devices }) => devices))].sort(compare),
        units: [...new Set(same.flatMap(({ units }) => units))].sort((left, right) => left - right),
        entries: first.entries.map((entry, index) => sumOf(entry, same.slice(1), index)),
      },
    ];
  });
}

function sumOf(first: ProposedEntry, others: readonly ProposedRule[], index: number): ProposedEntry {
  let { tally } = first;
  const notes = new Set(first.notes);
  for (const { entries } of others) {
    const other = entries[index];
    if (other === undefined) continue;
    tally = together(tally, other.tally);
    for (const note of other.notes) notes.add(note);
  }
  return { entry: first.entry, tally, notes: [...notes] };
}

function texts({ entries }: ProposedRule): readonly unknown[] {
  return entries.map(({ entry }) => entry);
}

/** By code units, so that a file is the same whatever machine wrote it. */
function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
