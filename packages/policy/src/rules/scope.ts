import type { Table } from "@modwarden/access";
import { inRanges } from "../language/range.ts";
import { type Coverage, coverEntry, type Slot } from "./coverage.ts";
import type { PolicyDevice } from "./device.ts";
import { IntervalTable } from "./interval-table.ts";
import type { CompiledRule } from "./rule.ts";

/** What one role may do at one device and unit, by function and table. */
export interface Scope {
  readonly permits: ReadonlyMap<number, IntervalTable>;
  readonly forbids: ReadonlyMap<number, IntervalTable>;
}

/** Any sub-function · a request of 8 or 43 that does not say which one · otherwise the sub-function + 1. */
const ANY = 0;
const UNSPECIFIED = 65537;
const tables: Readonly<Record<Table, number>> = { coil: 1, discrete: 2, holding: 3, input: 4 };

/** Finds the table of a question: integers only, as this is on the way of every request. */
export function findTable(
  side: ReadonlyMap<number, IntervalTable>,
  code: number,
  subfunction: number | undefined,
  table: Table | null,
  write: boolean,
): IntervalTable | undefined {
  // Beyond 127 there are no request codes, and keys would collide.
  if (code < 1 || code > 127) return undefined;
  const exact = subfunction === undefined ? UNSPECIFIED : subfunction + 1;
  return side.get(key(code, exact, table, write)) ?? side.get(key(code, ANY, table, write));
}

function key(code: number, subfunction: number, table: Table | null, write: boolean): number {
  return ((code * 65538 + subfunction) * 5 + (table === null ? 0 : tables[table])) * 2 + (write ? 1 : 0);
}

/** Rules that count for the same targets share their tables; they are built when first asked for. */
class RuleSet {
  readonly #rules: readonly CompiledRule[];
  readonly #device: string | null;
  readonly #roles: readonly string[];
  readonly #scopes: (Scope | undefined)[] = [];

  constructor(rules: readonly CompiledRule[], device: string | null, roles: readonly string[]) {
    this.#rules = rules;
    this.#device = device;
    this.#roles = roles;
  }

  scope(role: number): Scope {
    this.#scopes[role] ??= buildScope(this.#rules, this.#device, this.#roles[role]);
    return this.#scopes[role];
  }
}

/** What rules are about: a device at its own address, or a unit without a device. */
interface Target {
  readonly device: string | null;
  readonly unit: number;
}

/** The scopes of all targets: devices of the site, and at most 256 units without one. */
export class Scopes {
  readonly #rules: readonly CompiledRule[];
  readonly #roles: readonly string[];
  readonly #byDevice = new Map<string, RuleSet>();
  readonly #byUnit: (RuleSet | undefined)[] = [];
  readonly #sets = new Map<string, RuleSet>();

  constructor(rules: readonly CompiledRule[], devices: readonly PolicyDevice[], roles: readonly string[]) {
    this.#rules = rules;
    this.#roles = roles;
    for (const { id, unit } of devices) {
      const set = this.#ruleSet({ device: id, unit });
      this.#byDevice.set(id, set);
      // The first request of a role must not pay for building its tables.
      for (let role = 0; role <= roles.length; role += 1) set.scope(role);
    }
  }

  /** `role` is the index of a declared role, or their number for everyone else. `unit` is 0 to 255. */
  scope(device: string | null, unit: number, role: number): Scope {
    const set = device === null ? undefined : this.#byDevice.get(device);
    if (set !== undefined) return set.scope(role);
    this.#byUnit[unit] ??= this.#ruleSet({ device: null, unit });
    return this.#byUnit[unit].scope(role);
  }

  #ruleSet(target: Target): RuleSet {
    const indexes: number[] = [];
    let namesPoints = false;
    for (const [index, rule] of this.#rules.entries()) {
      if (!appliesTo(rule, target)) continue;
      indexes.push(index);
      namesPoints ||= rule.entries.some((entry) => entry.kind === "points");
    }
    const device = namesPoints ? target.device : null;
    const name = `${indexes.join(" ")}:${device ?? ""}`;
    const known = this.#sets.get(name);
    if (known !== undefined) return known;
    const rules = indexes.map((index) => this.#rules[index]!);
    const set = new RuleSet(rules, device, this.#roles);
    this.#sets.set(name, set);
    return set;
  }
}

function appliesTo(rule: CompiledRule, { device, unit }: Target): boolean {
  if (rule.devices !== undefined && (device === null || !rule.devices.has(device))) return false;
  if (rule.units !== undefined) return inRanges(rule.units, unit);
  // Broadcast is never implied: 0 is listed, or the rule names the device that claims 0 as its own address.
  return unit !== 0 || rule.forbid || rule.devices !== undefined;
}

interface Filed {
  readonly slot: Slot;
  readonly filings: { readonly subfunction: number | undefined; readonly coverage: Coverage }[];
}

/** `role` undefined: the NULL role, or one that the policy does not declare; only a forbid of "*" is about it. */
function buildScope(rules: readonly CompiledRule[], device: string | null, role: string | undefined): Scope {
  const permits = new Map<number, Filed>();
  const forbids = new Map<number, Filed>();
  for (const rule of rules) {
    const named = rule.roles === "*" ? rule.forbid || role !== undefined : role !== undefined && rule.roles.has(role);
    if (!named) continue;
    const side = rule.forbid ? forbids : permits;
    for (const entry of rule.entries) {
      coverEntry(rule, entry, device, (slot, coverage) => {
        const at = key(slot.code, ANY, slot.table, slot.write);
        let filed = side.get(at);
        if (filed === undefined) {
          filed = { slot, filings: [] };
          side.set(at, filed);
        }
        filed.filings.push({ subfunction: slot.subfunction, coverage });
      });
    }
  }
  return { permits: tablesOf(permits, false), forbids: tablesOf(forbids, true) };
}

function tablesOf(side: ReadonlyMap<number, Filed>, forbid: boolean): ReadonlyMap<number, IntervalTable> {
  const built = new Map<number, IntervalTable>();
  for (const { slot, filings } of side.values()) {
    const { code, table, write } = slot;
    const about = (wanted: (subfunction: number | undefined) => boolean): IntervalTable =>
      new IntervalTable(filings.filter((filing) => wanted(filing.subfunction)).map((filing) => filing.coverage));
    built.set(
      key(code, ANY, table, write),
      about((subfunction) => subfunction === undefined),
    );
    const named = new Set(filings.map((filing) => filing.subfunction));
    for (const one of named) {
      if (one === undefined) continue;
      built.set(
        key(code, one + 1, table, write),
        about((subfunction) => subfunction === undefined || subfunction === one),
      );
    }
    // Unsure means no: a request that hides its sub-function is hit by every forbid of one.
    if (forbid)
      built.set(
        key(code, UNSPECIFIED, table, write),
        about(() => true),
      );
  }
  return built;
}
