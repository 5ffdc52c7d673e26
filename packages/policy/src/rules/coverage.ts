import type { Table } from "@modwarden/access";
import type { Point } from "@modwarden/profile";
import { type FunctionReference, halvesOf, pointHalves } from "../language/function-reference.ts";
import type { Network } from "../language/network.ts";
import type { Range } from "../language/range.ts";
import { ALL_TRANSPORTS, TLS_ONLY } from "../language/transports.ts";
import type { Limits } from "./limits.ts";
import type { CompiledEntry, CompiledRule } from "./rule.ts";

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
}

/** What a coverage is filed under. `table` null: a function without registers. */
export interface Slot {
  readonly code: number;
  readonly subfunction: number | undefined;
  readonly table: Table | null;
  readonly write: boolean;
}

const EVERY_ADDRESS: readonly Range[] = [{ start: 0, end: 65535 }];

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
        if (entry.table !== undefined && entry.table !== table) continue;
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

/** A table or addresses leave out what has none. */
function coverWithoutRegisters(
  rule: CompiledRule,
  entry: CompiledEntry & { readonly kind: "functions" },
  reference: FunctionReference,
  file: (slot: Slot, coverage: Coverage) => void,
): void {
  if (entry.table !== undefined || entry.addresses !== undefined) return;
  for (const write of [false, true]) {
    const slot = { code: reference.code, subfunction: reference.subfunction, table: null, write };
    file(slot, coverage(rule, 0, 0, write, undefined, undefined));
  }
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
  return { rule, start, end, transports: rule.transports ?? unnamed, networks: rule.networks, limits, point };
}
