import type { Limits } from "../rules/limits.ts";
import { brokenLimit } from "../rules/limits.ts";

const VALUES = 65_536;
/** Every value of a register, one bit each. */
export const ANY_REGISTER: bigint = (1n << BigInt(VALUES)) - 1n;
export const ANY_COIL = 3n;

/** Sets of 8 KiB: of very many different limits the earlier ones are computed again. */
const MAX_KNOWN = 512;
const known = new Map<string, bigint>();

/** The values that limits let one register have, of a point of one register or of a register by itself. */
export function permittedRegisters(limits: Limits): bigint {
  const { point, min, max, values, mask } = limits;
  const swapped = point !== undefined && (point.order === "BADC" || point.order === "DCBA");
  const type = point?.type ?? "u16";
  const bounds = [min, max].map((bound) => (bound === undefined ? "" : `${bound.most}${bound.raw}`));
  const name = `${type} ${swapped} ${bounds.join(" ")} ${values === undefined ? "" : [...values].join()} ${mask ?? ""}`;
  const before = known.get(name);
  if (before !== undefined) return before;
  const isPlain = (type === "u16" || type === "s16" || type === "bool") && !(swapped && type !== "bool");
  const set = isPlain ? plainSet(limits, type === "s16") : triedSet(limits);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(name, set);
  return set;
}

/** The bits that function 22 may touch: every set of bits that the mask covers. */
export function touchableBits(mask: number): bigint {
  let set = 1n;
  for (let bit = 1; bit <= mask; bit <<= 1) if ((mask & bit) !== 0) set |= set << BigInt(bit);
  return set;
}

function plainSet({ min, max, values, mask }: Limits, signed: boolean): bigint {
  let [least, most] = signed ? [-32_768, 32_767] : [0, 65_535];
  for (const bound of [min, max]) {
    if (bound === undefined) continue;
    if (bound.most) most = Math.min(most, Math.floor(Number(bound.raw)));
    else least = Math.max(least, Math.ceil(Number(bound.raw)));
  }
  let set = interval(Math.max(least, 0), most);
  // Below 0 is the upper half of what a register can hold.
  if (least < 0) set |= interval(least + VALUES, Math.min(most, -1) + VALUES);
  if (values !== undefined) {
    let listed = 0n;
    for (const value of values) {
      const register = Number(value);
      if (Number.isInteger(register)) listed |= 1n << BigInt(register & 0xffff);
    }
    set &= listed;
  }
  return mask === undefined ? set : set & touchableBits(mask);
}

function interval(from: number, to: number): bigint {
  return to < from ? 0n : ((1n << BigInt(to - from + 1)) - 1n) << BigInt(from);
}

/** What has its own way of holding numbers is asked value by value, as the evaluator would be. */
function triedSet(limits: Limits): bigint {
  const bytes = new Uint8Array(VALUES / 8);
  const values = [0];
  const address = limits.point?.address ?? 0;
  const access = { device: null, unit: 1, table: "holding", address, quantity: 1, write: true, values } as const;
  for (let value = 0; value < VALUES; value += 1) {
    values[0] = value;
    if (brokenLimit(limits, access, address) !== undefined) continue;
    const at = bytes.length - 1 - (value >> 3);
    bytes[at] = bytes[at]! | (1 << (value & 7));
  }
  return BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
}

/** The values of a set as ranges, signed or not. */
export function rangesIn(set: bigint, limit: number): readonly (readonly [number, number])[] | undefined {
  const ranges: [number, number][] = [];
  let rest = set;
  let at = 0;
  while (rest !== 0n) {
    const zeros = lowZeros(rest);
    rest >>= BigInt(zeros);
    at += zeros;
    const ones = lowZeros(~rest);
    rest >>= BigInt(ones);
    ranges.push([at, at + ones - 1]);
    if (ranges.length > limit) return undefined;
    at += ones;
  }
  return ranges;
}

/** How many of the lowest bits are 0, of a number that has a 1. */
function lowZeros(set: bigint): number {
  let count = 0;
  for (let width = VALUES; width >= 1; width /= 2) {
    if (BigInt.asUintN(width, set >> BigInt(count)) === 0n) count += width;
  }
  return count;
}
