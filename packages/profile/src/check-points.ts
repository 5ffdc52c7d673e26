import type { Path } from "@modwarden/document";
import { registerCount, type ValueType } from "@modwarden/protocol";
import { isBitTable, type Point } from "./point.ts";
import type { Block } from "./profile.ts";
import type { PointDocument } from "./schema.ts";

/** Notes that something is wrong at a place of the file. */
export type Report = (path: Path, message: string) => void;

const INTEGERS: ReadonlySet<ValueType> = new Set(["u16", "s16", "u32", "s32", "u64", "s64"]);
const NUMBERS: ReadonlySet<ValueType> = new Set([...INTEGERS, "f32", "f64", "bcd"]);
const SCALES: ReadonlySet<ValueType> = new Set(["scaleFactor", "s16", "u16"]);

function isInteger(type: ValueType): boolean {
  return INTEGERS.has(type);
}
function isNumber(type: ValueType): boolean {
  return NUMBERS.has(type);
}

/** The type of a point, and how many registers or bits it takes; `undefined` when the file does not say it rightly. */
export function shapeOf(
  document: PointDocument,
  path: Path,
  report: Report,
): { readonly type: ValueType; readonly count: number } | undefined {
  if (isBitTable(document.table)) {
    if (document.type !== undefined && document.type !== "bool") {
      report([...path, "type"], `a ${document.table} is one bit: its type is bool`);
    }
    if (document.count !== undefined && document.count !== 1) {
      report([...path, "count"], `a ${document.table} is one bit: its count is 1`);
    }
    return { type: "bool", count: 1 };
  }
  const { type } = document;
  if (type === undefined) {
    report([...path, "id"], `point ${document.id} needs a type, as it stands in registers`);
    return undefined;
  }
  try {
    return { type, count: registerCount(type, document.count) };
  } catch (error) {
    const place = document.count === undefined ? "type" : "count";
    report([...path, place], error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** What one point says about itself. */
export function checkPoint(point: Point, document: PointDocument, path: Path, report: Report): void {
  if (point.address + point.count > 65536) report([...path, "address"], "the point ends behind address 65535");
  if (point.access !== "r" && (point.table === "discrete" || point.table === "input")) {
    report([...path, "access"], `the ${point.table} table cannot be written: access is r`);
  }
  if (document.scale !== 1 && !isNumber(point.type)) {
    report([...path, "scale"], `a ${point.type} has no scale`);
  }
  for (const bit of point.bits.keys()) {
    if (!isInteger(point.type)) report([...path, "bits"], `a ${point.type} has no bits`);
    else if (bit >= point.count * 16) {
      report([...path, "bits", String(bit)], `bit ${bit} is outside the ${point.count * 16} bits of the point`);
    }
  }
  if (new Set(point.bits.values()).size !== point.bits.size) report([...path, "bits"], "two bits have one name");
  checkEnumeration(point, path, report);
  for (const [index, pattern] of point.nan.entries()) {
    if (isBitTable(point.table) || ![1, 2, 4].includes(point.count)) {
      report([...path, "nan"], "only points of 1, 2 or 4 registers have patterns without value");
    } else if (pattern >= 1n << BigInt(point.count * 16)) {
      report([...path, "nan", index], `the pattern does not fit ${point.count * 16} bits (patterns are unsigned)`);
    }
  }
  checkLimits(point, path, report);
}

function checkEnumeration(point: Point, path: Path, report: Report): void {
  if (point.enum.size === 0) return;
  if (!isInteger(point.type)) report([...path, "enum"], `a ${point.type} has no enumeration`);
  if (new Set(point.enum.values()).size !== point.enum.size) report([...path, "enum"], "two values have one name");
  const width = BigInt(point.count * 16);
  const signed = point.type.startsWith("s");
  const [low, high] = signed ? [-(1n << (width - 1n)), 1n << (width - 1n)] : [0n, 1n << width];
  for (const value of point.enum.keys()) {
    if (BigInt(value) < low || BigInt(value) >= high) {
      report([...path, "enum", String(value)], `${value} does not fit a ${point.type}`);
    }
  }
}

function checkLimits(point: Point, path: Path, report: Report): void {
  const { min, max } = point.limits;
  if (min === undefined && max === undefined) return;
  if (!isNumber(point.type)) report([...path, "limits"], `a ${point.type} has no limits`);
  if (min !== undefined && max !== undefined && min > max) {
    report([...path, "limits", "min"], `min ${min} is greater than max ${max}`);
  }
  if (typeof point.scale !== "number") {
    report([...path, "limits"], "limits need a fixed scale, and this one stands in a register");
  }
}

/** Points among each other and in their blocks. `places[i]` is where `points[i]` stands in the file. */
export function checkLayout(
  points: readonly Point[],
  places: readonly Path[],
  blocks: readonly Block[],
  report: Report,
): void {
  const byId = new Map<string, Point>();
  for (const [index, point] of points.entries()) {
    const path = places[index]!;
    if (byId.has(point.id)) report([...path, "id"], `there is a point ${point.id} already`);
    byId.set(point.id, point);
    if (!blocks.some((block) => contains(block, point))) {
      report([...path, "address"], `${extent(point)} is not inside a block`);
    }
  }
  for (const [index, point] of points.entries()) {
    if (typeof point.scale === "number") continue;
    const scale = byId.get(point.scale.point);
    const path = [...places[index]!, "scale", "point"];
    if (scale === undefined) report(path, `there is no point ${point.scale.point}`);
    else if (!SCALES.has(scale.type)) report(path, `${scale.id} is a ${scale.type}, which cannot be a power of ten`);
  }
  checkOverlaps(points, places, report);
}

function checkOverlaps(points: readonly Point[], places: readonly Path[], report: Report): void {
  const sorted = points
    .map((point, index) => ({ point, place: places[index]! }))
    .sort((left, right) => left.point.address - right.point.address);
  const furthest = new Map<string, Point>();
  for (const { point, place } of sorted) {
    if (point.alias) continue;
    const before = furthest.get(point.table);
    if (before !== undefined && before.address + before.count > point.address) {
      report(
        [...place, "address"],
        `${extent(point)} overlaps ${before.id} (${extent(before)}): say alias: true if both are meant`,
      );
    }
    if (before === undefined || before.address + before.count < point.address + point.count) {
      furthest.set(point.table, point);
    }
  }
}

export function checkBlocks(blocks: readonly Block[], report: Report): void {
  for (const [index, block] of blocks.entries()) {
    if (block.address + block.count > 65536) report(["blocks", index, "count"], "the block ends behind address 65535");
    if (block.access === "rw" && (block.table === "discrete" || block.table === "input")) {
      report(["blocks", index, "access"], `the ${block.table} table cannot be written: access is r`);
    }
    const other = blocks.slice(0, index).find((earlier) => overlap(earlier, block));
    if (other !== undefined) report(["blocks", index, "address"], `the block overlaps the one at ${other.address}`);
  }
}

function overlap(left: Block, right: Block): boolean {
  return (
    left.table === right.table &&
    left.address < right.address + right.count &&
    right.address < left.address + left.count
  );
}

function contains(block: Block, point: Point): boolean {
  return (
    block.table === point.table &&
    point.address >= block.address &&
    point.address + point.count <= block.address + block.count
  );
}

function extent(point: Point): string {
  const last = point.address + point.count - 1;
  return `${point.table} ${last === point.address ? last : `${point.address}-${last}`}`;
}
