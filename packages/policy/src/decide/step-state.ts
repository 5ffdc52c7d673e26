import type { Access } from "@modwarden/access";
import { rawValue } from "@modwarden/profile";
import { type Limits, rawAt } from "../rules/limits.ts";
import { type StepLimit, withinStep } from "../rules/step.ts";
import type { Moment } from "./moment.ts";

/** The last known value of what an element belongs to; `ageMs` of its oldest register. */
export interface LastValue {
  readonly raw: number | bigint;
  readonly registers: Uint16Array;
  readonly ageMs: number;
}

/** What is known of the point (or register) of `address`; undefined: not all of it. */
export function lastValue(
  limits: Limits,
  access: Access,
  address: number,
  moment: Moment | undefined,
): LastValue | undefined {
  const { device, table } = access;
  if (device === null || table === null || moment === undefined) return undefined;
  const { start, count } = extent(limits, address);
  const registers = new Uint16Array(count);
  let ageMs = 0;
  for (let index = 0; index < count; index += 1) {
    const known = moment.known(device, table, start + index);
    if (known === undefined) return undefined;
    registers[index] = known.value;
    ageMs = Math.max(ageMs, known.ageMs);
  }
  const raw = rawOf(limits, registers);
  return raw === undefined ? undefined : { raw, registers, ageMs };
}

/** The raw value that the write leaves; of function 22 with the register as it is known. */
export function writtenValue(
  limits: Limits,
  access: Access,
  address: number,
  before: LastValue,
): number | bigint | undefined {
  const { mask } = access;
  if (mask === undefined) return rawAt(limits, access, address);
  const [current, ...more] = before.registers;
  if (current === undefined || more.length > 0) return undefined;
  // MODBUS Application Protocol V1.1b3 § 6.16: (current AND and) OR (or AND (NOT and)).
  return rawOf(limits, Uint16Array.of(((current & mask.and) | (mask.or & ~mask.and)) & 0xffff));
}

/** "step" when the last value is unknown, too old or too far; "slew" when an earlier one is too far. */
export function brokenStep(
  limits: Limits,
  step: StepLimit,
  access: Access,
  address: number,
  moment: Moment | undefined,
): "step" | "slew" | undefined {
  const before = lastValue(limits, access, address, moment);
  if (before === undefined || before.ageMs > step.maxAgeMs) return "step";
  const value = writtenValue(limits, access, address, before);
  if (value === undefined || !withinStep(step, before.raw, value)) return "step";
  const extremes = extremesOf(limits, step, access, address, moment);
  if (extremes === undefined) return undefined;
  return withinStep(step, extremes.least, value) && withinStep(step, extremes.most, value) ? undefined : "slew";
}

export function extremesOf(
  limits: Limits,
  { withinMs }: StepLimit,
  { device, table }: Access,
  address: number,
  moment: Moment | undefined,
): { readonly least: number | bigint; readonly most: number | bigint } | undefined {
  if (withinMs === undefined || device === null || table === null) return undefined;
  return moment?.extremes(device, table, extent(limits, address).start, withinMs);
}

/** The registers that a limit is about: the whole point, or the one register. */
export function extent({ point }: Limits, address: number): { readonly start: number; readonly count: number } {
  return point === undefined ? { start: address, count: 1 } : { start: point.address, count: point.count };
}

export function rawOf({ point }: Limits, registers: Uint16Array): number | bigint | undefined {
  return point === undefined || point.type === "bool" ? registers[0] : rawValue(point, registers, 0);
}
