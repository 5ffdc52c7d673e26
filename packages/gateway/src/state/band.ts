import type { Table } from "@modwarden/access";
import { type Point, type Profile, rawLimits, rawValue } from "@modwarden/profile";

/** A point and by how much its raw value may differ from what is on record before that is a change. */
export interface Band {
  readonly point: Point;
  /** Whether it has left its dead band. Both hold the point's words; they differ. */
  beyond(recorded: Uint16Array, now: Uint16Array): boolean;
}

/**
 * The dead band of a point, from engineering units to raw ones once. Text, and points whose scale stands in a register,
 * have none: any change is one. So is every step from a number to something that is none, and back.
 */
function bandOf(point: Point): Band {
  const { deadband } = point.expect ?? {};
  const limits = deadband === undefined ? undefined : rawLimits(point, { max: deadband });
  // With a negative scale the largest value is the least raw one.
  const raw = limits?.max ?? limits?.min;
  if (raw === undefined || point.bits.size > 0 || point.enum.size > 0) return { point, beyond: () => true };
  const band = Math.abs(Number(raw));
  return {
    point,
    beyond(recorded, now) {
      const before = numberOf(point, recorded);
      const after = numberOf(point, now);
      return !(Math.abs(after - before) <= band);
    },
  };
}

function numberOf(point: Point, words: Uint16Array): number {
  try {
    return Number(rawValue(point, words, 0));
  } catch {
    return Number.NaN;
  }
}

const nothing: ReadonlyMap<number, Band> = new Map();

/** The points of a device by their first register. Of points that share registers it is the first one. */
export function bandsOf(profile: Profile | undefined): Readonly<Record<Table, ReadonlyMap<number, Band>>> {
  if (profile === undefined) return { coil: nothing, discrete: nothing, holding: nothing, input: nothing };
  const bands: Record<Table, Map<number, Band>> = {
    coil: new Map(),
    discrete: new Map(),
    holding: new Map(),
    input: new Map(),
  };
  const taken = new Set<string>();
  for (const alias of [false, true]) {
    for (const point of profile.points) {
      const places = Array.from({ length: point.count }, (_, index) => `${point.table} ${point.address + index}`);
      if (point.alias !== alias || places.some((place) => taken.has(place))) continue;
      for (const place of places) taken.add(place);
      bands[point.table].set(point.address, bandOf(point));
    }
  }
  return bands;
}
