import type { Report } from "./check-points.ts";
import { decodePoint } from "./decode.ts";
import { encodePoint } from "./encode.ts";
import type { Point, PointValue, ReadRegister, Table } from "./point.ts";
import type { Golden, Profile } from "./profile.ts";

/** Every golden vector must come out true in both directions, so that a device file is tested by being read. */
export function checkGolden(profile: Profile, report: Report): void {
  for (const [index, golden] of profile.golden.entries()) {
    const failure = verify(profile, golden);
    if (failure !== undefined) report(["golden", index, failure.key], failure.message);
  }
}

interface Failure {
  readonly key: "point" | "words" | "value" | "with";
  readonly message: string;
}

function verify(profile: Profile, golden: Golden): Failure | undefined {
  const point = profile.point(golden.point);
  if (point === undefined) return { key: "point", message: `there is no point ${golden.point}` };
  if (golden.words.length !== point.count) {
    return { key: "words", message: `${point.id} takes ${point.count} words, not ${golden.words.length}` };
  }
  const known = new Map<string, number>();
  const read: ReadRegister = (table, address) => known.get(key(table, address));
  for (const [id, value] of Object.entries(golden.with)) {
    const other = profile.point(id);
    if (other === undefined) return { key: "with", message: `there is no point ${id}` };
    try {
      place(known, other, encodePoint(profile, other, value, read));
    } catch (error) {
      return { key: "with", message: error instanceof Error ? error.message : String(error) };
    }
  }
  place(known, point, golden.words);
  const reading = decodePoint(profile, point, read);
  if (reading.quality === "none") {
    return { key: "point", message: `the scale of ${point.id} stands in a register: say what it holds in "with"` };
  }
  if (!same(point, reading.value, golden.value)) {
    return { key: "value", message: `the words mean ${String(reading.value)}, not ${String(golden.value)}` };
  }
  if (golden.value === null || point.type === "string" || point.type === "bool") return undefined;
  const words = [...encodePoint(profile, point, golden.value, read)];
  return words.every((word, at) => word === golden.words[at])
    ? undefined
    : { key: "words", message: `${String(golden.value)} is written as ${words.map(hex).join(" ")}` };
}

/** An f32 is compared as an f32, for 230.2 has no exact one. A whole number may stand for a 64-bit value. */
function same(point: Point, value: PointValue | null, wanted: Golden["value"]): boolean {
  if (value === null || wanted === null) return value === wanted;
  if (typeof value === "bigint")
    return typeof wanted === "number" && Number.isInteger(wanted) && BigInt(wanted) === value;
  if (point.type === "f32" && typeof wanted === "number") return Math.fround(wanted) === value;
  return value === wanted;
}

function place(known: Map<string, number>, point: Point, words: ArrayLike<number>): void {
  for (let index = 0; index < words.length; index += 1) {
    known.set(key(point.table, point.address + index), words[index]!);
  }
}

function key(table: Table, address: number): string {
  return `${table} ${address}`;
}

function hex(word: number): string {
  return `0x${word.toString(16).toUpperCase().padStart(4, "0")}`;
}
