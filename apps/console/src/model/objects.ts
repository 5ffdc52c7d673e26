/** What a request asks for, in a few words: `write setpoint ← 6554`. */
import type { Access, LiveTransaction } from "../api/wire.ts";
import { words } from "../words/index.ts";
import { manualAddress, valuesText } from "./format.ts";

export interface Asked {
  /** Tells the accesses of one request apart. */
  readonly key: string;
  readonly verb: string;
  readonly write: boolean;
  /** Points by name where the profile names them, else the numbers that manuals print. */
  readonly objects: string;
  /** What is written, or what a read returned; raw. */
  readonly values: string;
}

const NAMES = 2;
const VALUES = 4;

/** One entry per access; a request that names no object is one entry with the name of its operation. */
export function askedOf({ accesses, operation, outcome }: LiveTransaction): readonly Asked[] {
  const named = accesses.filter(({ table }) => table !== null);
  if (named.length === 0) return [{ key: "0", verb: "", write: false, objects: operation.name, values: "" }];
  return named.map((access, index) => ({
    key: String(index),
    verb: access.write ? words.traffic.write : words.traffic.read,
    write: access.write,
    objects: objectsText(access),
    values: valuesText((access.write ? access.values : outcome.values) ?? [], VALUES),
  }));
}

export function objectsText(access: Access): string {
  const points = access.points ?? [];
  if (points.length > 0) {
    const shown = points.slice(0, NAMES).join(", ");
    return points.length > NAMES ? `${shown} ${words.traffic.more(points.length - NAMES)}` : shown;
  }
  return rangeText(access);
}

/** `40010` or `40010-40012`; empty for an access without a table. */
function rangeText({ table, address, quantity }: Access): string {
  if (table === null) return "";
  const first = manualAddress(table, address);
  const last = Math.min(address + quantity - 1, 0xffff);
  return last <= address ? first : `${first}-${manualAddress(table, last)}`;
}

/** The device, and the unit that the client named. */
export function placeOf({ accesses }: LiveTransaction): {
  readonly device: string | null;
  readonly unit: number | null;
} {
  const [first] = accesses;
  return { device: first?.device ?? null, unit: first?.unit ?? null };
}
