import type { Table } from "@modwarden/access";
import type { Point } from "@modwarden/profile";
import { type FunctionReference, halvesOf, pointHalves } from "../language/function-reference.ts";
import type { Network } from "../language/network.ts";
import type { Range } from "../language/range.ts";
import { ALL_TRANSPORTS, TLS_ONLY } from "../language/transports.ts";
import { fileElement, LAST_ADDRESS, LAST_FILE, LAST_RECORD, spaceOf } from "./elements.ts";
import type { Limits } from "./limits.ts";
import type { CompiledEntry, CompiledRule, FunctionsEntry } from "./rule.ts";

/** One interval of elements that one entry of one rule is about, for one function and one half of it. Inclusive. */
export interface Coverage {
  readonly rule: CompiledRule;
  readonly start: number;
  readonly end: number;
  /** Bits of the transports on which it counts. */
  readonly transports: number;
  readonly networks: readonly Network[] | undefined;
  readonly limits: Limits | undefined;
  readonly point: Point | undefined;
  /** It counts whenever its transport fits. */
  readonly unconditional: boolean;
  /** What is known of the plant decides. */
  readonly stateful: boolean;
}

/** What a coverage is filed under. `table` null: a function without registers. */
export interface Slot {
  readonly code: number;
  readonly subfunction: number | undefined;
  readonly table: Table | null;
  readonly write: boolean;
}

const EVERY_ADDRESS: readonly Range[] = [{ start: 0, end: LAST_ADDRESS }];

/** Files everything an entry covers on a device (null: no device of the site). */
export function coverEntry(
  rule: CompiledRule,
  entry: CompiledEntry,
  device: string | null,
  file: (slot: Slot, coverage: Coverage) => void,
): void {
  if (entry.kind === "functions") {
    for (const reference of entry.functions) {
      const halves = halvesOf(reference.code);
      if (halves.length === 0) coverWithoutRegisters(rule, entry, reference, file);
      for (const { table, write } of halves) {
        if (entry.files !== undefined || (entry.table !== undefined && entry.table !== table)) continue;
        const slot = { code: reference.code, subfunction: undefined, table, write };
        for (const { start, end } of entry.addresses ?? EVERY_ADDRESS) {
          file(slot, coverage(rule, start, end, write, write ? entry.limits : undefined, undefined));
        }
      }
    }
    return;
  }
  for (const { point, limits } of (device === null ? undefined : entry.points.get(device)) ?? []) {
    const end = point.address + point.count - 1;
    for (const { code, write } of pointHalves(point.table, entry.write)) {
      const slot = { code, subfunction: undefined, table: point.table, write };
      file(slot, coverage(rule, point.address, end, write, write ? limits : undefined, point));
    }
  }
}

/** A table leaves out what has none; addresses do, but for the FIFO's. */
function coverWithoutRegisters(
  rule: CompiledRule,
  entry: FunctionsEntry,
  reference: FunctionReference,
  file: (slot: Slot, coverage: Coverage) => void,
): void {
  if (entry.table !== undefined) return;
  for (const write of [false, true]) {
    const slot = { code: reference.code, subfunction: reference.subfunction, table: null, write };
    for (const { start, end } of elementRanges(reference.code, entry)) {
      file(slot, coverage(rule, start, end, write, undefined, undefined));
    }
  }
}

/** In the elements of elements.ts. Files leave out what has none, as addresses do. */
function elementRanges(code: number, { addresses, files, records }: FunctionsEntry): readonly Range[] {
  const kind = spaceOf(code);
  if (kind === "files") {
    if (addresses !== undefined) return NOTHING;
    if (files === undefined) return [{ start: 0, end: fileElement(LAST_FILE, LAST_RECORD) }];
    if (records === undefined) {
      return files.map(({ start, end }) => ({ start: fileElement(start, 0), end: fileElement(end, LAST_RECORD) }));
    }
    return files.flatMap((range) =>
      numbersOf(range).flatMap((number) =>
        records.map(({ start, end }) => ({ start: fileElement(number, start), end: fileElement(number, end) })),
      ),
    );
  }
  if (files !== undefined) return NOTHING;
  if (kind === "fifo") return addresses ?? EVERY_ADDRESS;
  return addresses === undefined ? [{ start: 0, end: 0 }] : NOTHING;
}

const NOTHING: readonly Range[] = [];

function numbersOf({ start, end }: Range): readonly number[] {
  return Array.from({ length: end - start + 1 }, (_, index) => start + index);
}

/** A write over a plain listener needs a permit that names its transport; everything else counts on all of them. */
function coverage(
  rule: CompiledRule,
  start: number,
  end: number,
  write: boolean,
  limits: Limits | undefined,
  point: Point | undefined,
): Coverage {
  const unnamed = write && !rule.forbid ? TLS_ONLY : ALL_TRANSPORTS;
  const { networks, listeners, hours, interlocks, rate, approval } = rule;
  const conditions = [networks, listeners, hours, interlocks, rate, approval, limits];
  return {
    ...{ rule, start, end, transports: rule.transports ?? unnamed, networks, limits, point },
    unconditional: conditions.every((condition) => condition === undefined),
    stateful: [interlocks, rate, approval, limits?.step].some((condition) => condition !== undefined),
  };
}
