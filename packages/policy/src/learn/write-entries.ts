import type { Table } from "@modwarden/access";
import type { Point } from "@modwarden/profile";
import { mergeRanges } from "../language/range.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { Distinct } from "./distinct.ts";
import { type ProposedEntry, rangeTexts } from "./entry.ts";
import type { SeenFunction, SeenPoint, SeenValues } from "./seen.ts";
import { atOnce, type Tally, together } from "./tally.ts";
import { FEW, pointLimit, registerLimit } from "./value-limit.ts";

/** A run of so many registers that would want more than `MAX_LIMITS` entries of their own gets one. */
const LONG_RUN = 4;
const MAX_LIMITS = 3;

export interface WriteEntries {
  readonly commands: readonly ProposedEntry[];
  readonly settings: readonly ProposedEntry[];
}

/** What was written with functions 5 and 15, or 6 and 16: points by name where their limits can be said, else raw. */
export function writeEntries(functions: readonly SeenFunction[], device: PolicyDevice | undefined): WriteEntries {
  const commands: ProposedEntry[] = [];
  const settings: ProposedEntry[] = [];
  const named = new Set<number>();
  for (const [point, seen] of pointsOf(functions)) {
    if (device?.profile === undefined || point.alias) continue;
    const limit = pointLimit(device.profile, point, seen);
    if (limit === undefined) continue;
    const isCommand = point.table === "coil" || point.labels.includes("command");
    const { tally } = seen;
    const made = { entry: { write: point.id, ...limit.limit }, tally, notes: limit.notes };
    (isCommand ? commands : settings).push(made);
    for (let index = 0; index < point.count; index += 1) named.add(point.address + index);
  }
  const raw = functions.flatMap((seen) =>
    registerEntries(seen.code, new Map([...seen.written].filter(([address]) => !named.has(address)))),
  );
  const isCoils = functions.some(({ code }) => code === 5 || code === 15);
  (isCoils ? commands : settings).push(...sharedByFunctions(raw));
  return { commands, settings };
}

/** Entries of one function on registers or coils, raw. */
export function registerEntries(code: number, written: ReadonlyMap<number, SeenValues>): readonly ProposedEntry[] {
  const groups = new Map<string, Group>();
  for (const run of runsOf(written)) {
    for (const group of groupsOf(run)) {
      const key = JSON.stringify([group.limit, group.notes]);
      const known = groups.get(key);
      if (known === undefined) groups.set(key, group);
      else {
        known.addresses.push(...group.addresses);
        known.tally = together(known.tally, group.tally);
      }
    }
  }
  return [...groups.values()].map(({ addresses, limit, notes, tally }) => {
    const ranges = mergeRanges(addresses.map((address) => ({ start: address, end: address })));
    return { entry: { functions: [code], addresses: rangeTexts(ranges), ...limit }, tally, notes };
  });
}

interface Group {
  readonly addresses: number[];
  readonly limit: ReturnType<typeof registerLimit>["limit"];
  readonly notes: readonly string[];
  tally: Tally;
}

type Run = readonly (readonly [number, SeenValues])[];

function runsOf(written: ReadonlyMap<number, SeenValues>): readonly Run[] {
  const runs: (readonly [number, SeenValues])[][] = [];
  for (const one of [...written].sort(([left], [right]) => left - right)) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1)?.[0] === one[0] - 1) run.push(one);
    else runs.push([one]);
  }
  return runs;
}

/** Registers with the same values share an entry; a long run of different ones is a block that is written as a whole. */
function groupsOf(run: Run): readonly Group[] {
  const byLimit = new Map<string, Group>();
  for (const [address, { table, values, tally }] of run) {
    const { limit, notes } = registerLimit(table, values);
    const key = JSON.stringify(limit);
    const known = byLimit.get(key);
    if (known === undefined) byLimit.set(key, { addresses: [address], limit, notes, tally });
    else {
      known.addresses.push(address);
      known.tally = atOnce(known.tally, tally);
    }
  }
  if (run.length < LONG_RUN || byLimit.size <= MAX_LIMITS) return [...byLimit.values()];
  return [pooled(run, run[0]?.[1].table ?? "holding")];
}

function pooled(run: Run, table: Table): Group {
  const values = new Distinct<number>();
  let tally: Tally | undefined;
  for (const [, seen] of run) {
    values.addAll(seen.values);
    tally = atOnce(tally, seen.tally);
  }
  const { limit } = registerLimit(table, values);
  const how = values.atMost(FEW) === undefined ? ", range assumed" : "";
  const notes = [`${run.length} registers in a row share one limit: ${values.countText} distinct values seen${how}`];
  const none = { count: 0, firstMs: 0, lastMs: 0 };
  return { addresses: run.map(([address]) => address), limit, notes, tally: tally ?? none };
}

/** What functions 6 and 16 wrote with the same limits is one entry of both. */
function sharedByFunctions(entries: readonly ProposedEntry[]): readonly ProposedEntry[] {
  const shared = new Map<string, ProposedEntry>();
  for (const one of entries) {
    const { functions: _functions, ...rest } = one.entry;
    const key = JSON.stringify(rest);
    const known = shared.get(key);
    if (known === undefined) {
      shared.set(key, one);
      continue;
    }
    const functions = [...(known.entry.functions ?? []), ...(one.entry.functions ?? [])];
    const notes = [...new Set([...known.notes, ...one.notes])];
    shared.set(key, { entry: { ...known.entry, functions }, tally: together(known.tally, one.tally), notes });
  }
  return [...shared.values()];
}

function pointsOf(functions: readonly SeenFunction[]): ReadonlyMap<Point, SeenPoint> {
  const points = new Map<Point, SeenPoint>();
  for (const { points: some } of functions) {
    for (const [point, { values, isOdd, tally }] of some) {
      const known = points.get(point);
      const all = known?.values ?? new Distinct<number | bigint>();
      all.addAll(values);
      points.set(point, { values: all, isOdd: isOdd || known?.isOdd === true, tally: together(known?.tally, tally) });
    }
  }
  return new Map([...points].sort(([left], [right]) => left.address - right.address));
}
