import type { Table } from "@modwarden/access";
import { inRanges } from "../language/range.ts";
import { type Coverage, coverEntry, type Slot } from "./coverage.ts";
import type { PolicyDevice } from "./device.ts";
import { sizeOf } from "./elements.ts";
import { IntervalTable } from "./interval-table.ts";
import type { CompiledRule } from "./rule.ts";
import { NO_CLASS, type SubjectClasses } from "./subject-class.ts";

/** Tables by function, table and half; those of one sub-function apart, for few functions have any. */
export interface Side {
  readonly plain: readonly (IntervalTable | undefined)[];
  readonly bySubfunction: ReadonlyMap<number, IntervalTable>;
}

/** What one role may do at one device and unit. */
export interface Scope {
  readonly permits: Side;
  readonly forbids: Side;
}

/** A request of 8 or 43 that does not say which sub-function it has. */
const UNSPECIFIED = 65_536;
const tables: Readonly<Record<Table, number>> = { coil: 1, discrete: 2, holding: 3, input: 4 };

/** Finds the table of a question: integers only, as this is on the way of every request. */
export function findTable(
  side: Side,
  code: number,
  subfunction: number | undefined,
  table: Table | null,
  write: boolean,
): IntervalTable | undefined {
  // Beyond 127 there are no request codes, and keys would collide.
  if (code < 1 || code > 127) return undefined;
  const plain = plainKey(code, table, write);
  if (side.bySubfunction.size > 0) {
    const exact = side.bySubfunction.get(exactKey(plain, subfunction ?? UNSPECIFIED));
    if (exact !== undefined) return exact;
  }
  return side.plain[plain];
}

function plainKey(code: number, table: Table | null, write: boolean): number {
  return (code * 5 + (table === null ? 0 : tables[table])) * 2 + (write ? 1 : 0);
}

function exactKey(plain: number, subfunction: number): number {
  return plain * 65_537 + subfunction;
}

/** More would be of a policy with a rule for each of very many identities; they are built again when asked for. */
const MAX_SCOPES = 20_000;

/** Rules that count for the same targets share their tables; they are built when first asked for. */
class RuleSet {
  readonly #rules: readonly CompiledRule[];
  readonly #device: string | null;
  readonly #roles: readonly string[];
  readonly #classes: SubjectClasses;
  #scopes: (Scope | undefined)[] = [];
  #count = 0;

  constructor(
    rules: readonly CompiledRule[],
    device: string | null,
    roles: readonly string[],
    classes: SubjectClasses,
  ) {
    this.#rules = rules;
    this.#device = device;
    this.#roles = roles;
    this.#classes = classes;
  }

  scope(role: number, subjectClass: number): Scope {
    const at = subjectClass * (this.#roles.length + 1) + role;
    return this.#scopes[at] ?? this.#build(at, role, subjectClass);
  }

  #build(at: number, role: number, subjectClass: number): Scope {
    if (this.#count >= MAX_SCOPES) {
      this.#scopes = [];
      this.#count = 0;
    }
    const isAbout = (rule: CompiledRule): boolean => this.#classes.contains(subjectClass, rule);
    const scope = buildScope(this.#rules, this.#device, this.#roles[role], isAbout);
    this.#scopes[at] = scope;
    this.#count += 1;
    return scope;
  }
}

/** What rules are about: a device at its own address, or a unit without a device. */
export interface Target {
  readonly device: string | null;
  readonly unit: number;
}

/** The scopes of all targets: devices of the site, and at most 256 units without one. */
export class Scopes {
  readonly #rules: readonly CompiledRule[];
  readonly #roles: readonly string[];
  readonly #classes: SubjectClasses;
  readonly #byDevice = new Map<string, RuleSet>();
  readonly #byUnit: (RuleSet | undefined)[] = [];
  readonly #sets = new Map<string, RuleSet>();

  constructor(
    rules: readonly CompiledRule[],
    devices: readonly PolicyDevice[],
    roles: readonly string[],
    classes: SubjectClasses,
  ) {
    this.#rules = rules;
    this.#roles = roles;
    this.#classes = classes;
    for (const { id, unit } of devices) {
      const set = this.#ruleSet({ device: id, unit });
      this.#byDevice.set(id, set);
      // The first request of a role must not pay for building its tables.
      for (let role = 0; role <= roles.length; role += 1) set.scope(role, NO_CLASS);
    }
  }

  /**
   * `role` is the index of a declared role, or their number for everyone else. `unit` is 0 to 255. `subjectClass` is
   * one of the policy's SubjectClasses.
   */
  scope(device: string | null, unit: number, role: number, subjectClass: number): Scope {
    const set = device === null ? undefined : this.#byDevice.get(device);
    if (set !== undefined) return set.scope(role, subjectClass);
    this.#byUnit[unit] ??= this.#ruleSet({ device: null, unit });
    return this.#byUnit[unit].scope(role, subjectClass);
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
    const set = new RuleSet(rules, device, this.#roles, this.#classes);
    this.#sets.set(name, set);
    return set;
  }
}

export function appliesTo(rule: CompiledRule, { device, unit }: Target): boolean {
  if (rule.devices !== undefined && (device === null || !rule.devices.has(device))) return false;
  if (rule.units !== undefined) return inRanges(rule.units, unit);
  // Broadcast is never implied: 0 is listed, or the rule names the device that claims 0 as its own address.
  return unit !== 0 || rule.forbid || rule.devices !== undefined;
}

interface Filed {
  readonly slot: Slot;
  readonly filings: { readonly subfunction: number | undefined; readonly coverage: Coverage }[];
}

/** Whether a rule is about whoever has the role and is of the class. */
export type IsAbout = (rule: CompiledRule) => boolean;

/** `role` undefined: the NULL role, or one that the policy does not declare; only a forbid of "*" is about it. */
function buildScope(
  rules: readonly CompiledRule[],
  device: string | null,
  role: string | undefined,
  isAbout: IsAbout,
): Scope {
  const permits = new Map<number, Filed>();
  const forbids = new Map<number, Filed>();
  for (const rule of rules) {
    const named = rule.roles === "*" ? rule.forbid || role !== undefined : role !== undefined && rule.roles.has(role);
    if (!named || !isAbout(rule)) continue;
    const side = rule.forbid ? forbids : permits;
    for (const entry of rule.entries) {
      coverEntry(rule, entry, device, (slot, coverage) => {
        const at = plainKey(slot.code, slot.table, slot.write);
        let filed = side.get(at);
        if (filed === undefined) {
          filed = { slot, filings: [] };
          side.set(at, filed);
        }
        filed.filings.push({ subfunction: slot.subfunction, coverage });
      });
    }
  }
  return { permits: sideOf(permits, false), forbids: sideOf(forbids, true) };
}

function sideOf(filed: ReadonlyMap<number, Filed>, forbid: boolean): Side {
  const plain: (IntervalTable | undefined)[] = [];
  const bySubfunction = new Map<number, IntervalTable>();
  for (const [at, { slot, filings }] of filed) {
    const size = sizeOf(slot.code, slot.table);
    const about = (wanted: (subfunction: number | undefined) => boolean): IntervalTable => {
      const coverages = filings.filter((filing) => wanted(filing.subfunction)).map((filing) => filing.coverage);
      return new IntervalTable(coverages, undefined, size);
    };
    plain[at] = about((subfunction) => subfunction === undefined);
    const named = new Set(filings.flatMap(({ subfunction }) => subfunction ?? []));
    for (const one of named) {
      bySubfunction.set(
        exactKey(at, one),
        about((subfunction) => subfunction === undefined || subfunction === one),
      );
    }
    // Unsure means no: a request that hides its sub-function is hit by every forbid of one.
    if (forbid && named.size > 0) {
      bySubfunction.set(
        exactKey(at, UNSPECIFIED),
        about(() => true),
      );
    }
  }
  return { plain, bySubfunction };
}
