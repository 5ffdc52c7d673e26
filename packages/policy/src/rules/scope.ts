import { inRanges } from "../language/range.ts";
import { coverEntry } from "./coverage.ts";
import type { PolicyDevice } from "./device.ts";
import type { CompiledRule } from "./rule.ts";
import { type Side, SideBuilder, type Slots } from "./side.ts";
import { NO_CLASS, type SubjectClasses } from "./subject-class.ts";

/** What one role may do at one device and unit. Undefined: nothing is permitted, or forbidden, to it there. */
export interface Scope {
  readonly permits: Side | undefined;
  readonly forbids: Side | undefined;
}

/** More would be of a policy with a rule for each of very many identities; they are built again when asked for. */
const MAX_SCOPES = 20_000;

/** What all scopes of a policy have in common. */
interface Shared {
  readonly classes: SubjectClasses;
  readonly slots: Slots;
}

/** Rules that count for the same targets share their tables; they are built when first asked for. */
export class RuleSet {
  readonly #rules: readonly CompiledRule[];
  readonly #device: string | null;
  readonly #roles: readonly string[];
  readonly #classes: SubjectClasses;
  readonly #slots: Slots;
  #scopes: (Scope | undefined)[] = [];
  #count = 0;

  constructor(
    rules: readonly CompiledRule[],
    device: string | null,
    roles: readonly string[],
    { classes, slots }: Shared,
  ) {
    this.#rules = rules;
    this.#device = device;
    this.#roles = roles;
    this.#classes = classes;
    this.#slots = slots;
  }

  /** `role` is the index of a declared role, or their number for everyone else; `subjectClass` one of the policy's. */
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
    const scope = buildScope(this.#rules, this.#device, this.#roles[role], isAbout, this.#slots);
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

/** A device of the site, with what rules say of it. */
export interface DeviceTarget {
  readonly device: PolicyDevice;
  readonly set: RuleSet;
}

/** The scopes of all targets: devices of the site, and at most 256 units without one. */
export class Scopes {
  readonly #rules: readonly CompiledRule[];
  readonly #roles: readonly string[];
  readonly #shared: Shared;
  readonly #byDevice = new Map<string, DeviceTarget>();
  readonly #byUnit: (RuleSet | undefined)[] = [];
  readonly #sets = new Map<string, RuleSet>();

  constructor(
    rules: readonly CompiledRule[],
    devices: readonly PolicyDevice[],
    roles: readonly string[],
    shared: Shared,
  ) {
    this.#rules = rules;
    this.#roles = roles;
    this.#shared = shared;
    for (const device of devices) {
      const set = this.#ruleSet({ device: device.id, unit: device.unit });
      this.#byDevice.set(device.id, { device, set });
      // The first request of a role must not pay for building its tables.
      for (let role = 0; role <= roles.length; role += 1) set.scope(role, NO_CLASS);
    }
  }

  target(device: string): DeviceTarget | undefined {
    return this.#byDevice.get(device);
  }

  /** The rules about a unit (0 to 255) that no device of the site has. */
  unit(unit: number): RuleSet {
    this.#byUnit[unit] ??= this.#ruleSet({ device: null, unit });
    return this.#byUnit[unit];
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
    const set = new RuleSet(rules, device, this.#roles, this.#shared);
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

/** `role` undefined: the NULL role, or one that the policy does not declare; only a forbid of "*" is about it. */
function buildScope(
  rules: readonly CompiledRule[],
  device: string | null,
  role: string | undefined,
  isAbout: (rule: CompiledRule) => boolean,
  slots: Slots,
): Scope {
  const permits = new SideBuilder(slots);
  const forbids = new SideBuilder(slots);
  for (const rule of rules) {
    const named = rule.roles === "*" ? rule.forbid || role !== undefined : role !== undefined && rule.roles.has(role);
    if (!named || !isAbout(rule)) continue;
    const side = rule.forbid ? forbids : permits;
    for (const entry of rule.entries) coverEntry(rule, entry, device, (slot, coverage) => side.file(slot, coverage));
  }
  return { permits: permits.build(false), forbids: forbids.build(true) };
}
