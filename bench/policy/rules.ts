/** Policies of a plant that grows: the same kinds of rules, more devices and more of them. */
import { type PolicyDevice, type PolicyFile, type Question, questionFor, type RuleText } from "@modwarden/policy";

const ROLES = ["Viewer", "Operator", "Engineer", "Service"] as const;
const REGISTERS = 2_000;

/** A small generator with a seed, so that every run measures the same. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export interface Plant {
  readonly file: PolicyFile;
  readonly devices: readonly PolicyDevice[];
  /** Rules as the other engines get them: one function, one range, and the limits of a value. */
  readonly flat: readonly FlatRule[];
}

export interface FlatRule {
  readonly permit: boolean;
  readonly role: string;
  readonly unit: number;
  readonly code: number;
  readonly start: number;
  readonly end: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Of ten rules six let a role read a range of a device, three let one write a range within limits, one forbids a few
 * registers. The ranges of one device and role overlap here and there, as those of real files do.
 */
export function plantOf(count: number): Plant {
  const pick = random(count);
  const units = Math.min(200, Math.max(10, Math.ceil(count / 40)));
  const devices = Array.from({ length: units }, (_, index) => ({ id: `d${index + 1}`, unit: index + 1 }));
  const flat: FlatRule[] = [];
  const rules = Array.from({ length: count }, (_, index): RuleText => {
    const kind = index % 10;
    const role = ROLES[pick(ROLES.length)]!;
    const unit = 1 + pick(units);
    const start = pick(REGISTERS);
    const end = start + (kind === 9 ? pick(4) : 10 + pick(90));
    const [min, max] = kind >= 6 && kind < 9 ? [pick(100), 1_000 + pick(60_000)] : [0, 65_535];
    const code = kind < 6 ? 3 : 6;
    flat.push({ permit: kind !== 9, role, unit, code, start, end, min, max });
    const limits = kind >= 6 && kind < 9 ? { min, max } : {};
    const entry = { functions: [code], addresses: [`${start}-${end}`], ...limits };
    const who = { id: `r${index}`, units: [unit] };
    return kind === 9
      ? { ...who, forbid: { roles: [role] }, deny: [entry] }
      : { ...who, permit: { roles: [role] }, allow: [entry] };
  });
  return { file: { policy: 1, mode: "enforce", roles: ROLES, rules, tests: [] }, devices, flat };
}

/** Of a thousand requests so many are refused: what runs every day is permitted. */
const REFUSED_IN_A_THOUSAND = 50;

/**
 * Requests for one register each, so that every engine decides once for each. `isPermitted` says which are; most of
 * them are.
 */
export function questionsOf(
  { flat, devices }: Plant,
  count: number,
  isPermitted: (question: Question) => boolean,
): readonly Question[] {
  const pick = random(7);
  const refused = Math.round((count * REFUSED_IN_A_THOUSAND) / 1_000);
  const questions: Question[] = [];
  const left = { permitted: count - refused, refused };
  while (questions.length < count) {
    const rule = flat[pick(flat.length)]!;
    const near = pick(10) < 9;
    const address = near ? rule.start + pick(rule.end - rule.start + 1) : pick(REGISTERS);
    const unit = near ? rule.unit : devices[pick(devices.length)]!.unit;
    const as = near ? rule.role : ROLES[pick(ROLES.length)]!;
    const question =
      rule.code === 3
        ? questionFor({ as, unit, function: 3, address, quantity: 1 }, devices)
        : questionFor({ as, unit, function: 6, address, value: pick(65_536) }, devices);
    const kind = isPermitted(question) ? "permitted" : "refused";
    if (left[kind] === 0) continue;
    left[kind] -= 1;
    questions.push(question);
  }
  return questions;
}
