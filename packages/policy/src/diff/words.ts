import type { Point } from "@modwarden/profile";
import { pointNumber } from "../decide/point-number.ts";
import { TLS_ONLY } from "../language/transports.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { LAST_RECORD, spaceOf } from "../rules/elements.ts";
import type { GroupedRegion } from "./grouping.ts";
import type { Named } from "./pieces.ts";
import { rangesIn } from "./registers.ts";
import type { Space } from "./space.ts";
import { REGISTER } from "./values.ts";

/** Something that one policy permits and the other does not. */
export interface DiffRegion {
  readonly onlyIn: "a" | "b";
  readonly roles: readonly string[];
  readonly devices: readonly string[];
  /** Units without a device, as ranges. */
  readonly units: readonly string[];
  /** Codes, with their sub-function where rules tell them apart: `8/1`; `8/other` is every other one. */
  readonly functions: readonly string[];
  readonly table: "coil" | "discrete" | "holding" | "input" | null;
  readonly write: boolean;
  /** Ranges; empty for a function that has none. */
  readonly addresses: readonly string[];
  /** Functions 20 and 21: `file/record` to `file/record`. */
  readonly files: readonly string[];
  readonly points: readonly string[];
  /** All of them have to be so; none: in any circumstances. */
  readonly conditions: readonly string[];
  /** The rule that permits it, and the rules of the other policy that come near, with what they ask for. */
  readonly by: Named;
  readonly nearest: readonly Named[];
  /** The rule of the other policy that forbids it. */
  readonly forbiddenBy?: string;
  /** There is a difference in it; where exactly would take too long to tell. */
  readonly vague?: true;
}

const MOST_RANGES = 6;

export function inWords(region: GroupedRegion, space: Space, devices: readonly PolicyDevice[]): DiffRegion {
  const { first, roles, targets, functions, intervals } = region;
  const { piece, table, write, onlyIn } = first;
  const ids = targets.flatMap((target) => target.devices);
  const points = pointsOf(region, ids, devices);
  const files = table === null && spaceOf(first.code) === "files";
  const hasAddresses = table !== null || spaceOf(first.code) === "fifo";
  const [only] = points;
  const point = points.length === 1 ? only : undefined;
  return {
    onlyIn,
    roles,
    devices: ids,
    units: rangesText(targets.flatMap((target) => target.units)),
    functions: functionsText(functions),
    table,
    write,
    addresses: hasAddresses ? intervals.map(({ start, end }) => (start === end ? `${start}` : `${start}-${end}`)) : [],
    files: files ? intervals.map(({ start, end }) => `${recordText(start)} to ${recordText(end)}`) : [],
    points: [...new Set(points.map(({ id }) => id))],
    conditions: [...piece.box].flatMap(([dimension, set]) => {
      // That a write is one over TLS goes without saying, as it does in the file.
      if (dimension === "transport" && write && set === BigInt(TLS_ONLY)) return [];
      return [dimension === REGISTER ? valueWords(set, point) : space.dimensions.words(dimension, set)];
    }),
    by: piece.by,
    nearest: piece.nearest,
    ...(piece.forbiddenBy === undefined ? {} : { forbiddenBy: piece.forbiddenBy }),
    ...(piece.vague === undefined ? {} : { vague: piece.vague }),
  };
}

/** The points in the addresses, where the devices have a profile. */
function pointsOf(
  { first, intervals }: GroupedRegion,
  ids: readonly string[],
  devices: readonly PolicyDevice[],
): readonly Point[] {
  const { table } = first;
  if (table === null) return [];
  const size = intervals.reduce((sum, { start, end }) => sum + end - start + 1, 0);
  if (size > 1_000) return [];
  return devices
    .filter(({ id }) => ids.includes(id))
    .flatMap(({ profile }) =>
      intervals.flatMap(({ start, end }) => profile?.pointsAt(table, start, end - start + 1) ?? []),
    );
}

function recordText(element: number): string {
  return `${Math.floor(element / (LAST_RECORD + 1))}/${element % (LAST_RECORD + 1)}`;
}

function functionsText(functions: GroupedRegion["functions"]): readonly string[] {
  const all = functions.map(({ code, subfunction }) =>
    subfunction === undefined ? `${code}` : `${code}/${subfunction}`,
  );
  // A request that hides its sub-function is no news beside those that say it.
  const told = all.filter((text) => !text.endsWith("/unsaid"));
  return told.length === 0 ? all : told;
}

function rangesText(numbers: readonly number[]): readonly string[] {
  const ranges: [number, number][] = [];
  for (const number of numbers.toSorted((left, right) => left - right)) {
    const last = ranges.at(-1);
    if (last !== undefined && number <= last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([start, end]) => (start === end ? `${start}` : `${start}-${end}`));
}

/** The values of a register: as its point tells them, where it has one. */
function valueWords(set: bigint, point: Point | undefined): string {
  const ranges = rangesIn(set, MOST_RANGES);
  const isPlain =
    point !== undefined && (point.type === "u16" || point.type === "s16") && typeof point.scale === "number";
  const isStraight = point?.order === "ABCD" || point?.order === "CDAB";
  if (ranges === undefined) return "some values of the register";
  if (!isPlain || !isStraight)
    return `register ${ranges.map(([from, to]) => rangeWords(String(from), String(to))).join(" or ")}`;
  const signed = ranges.flatMap(([from, to]) => halves(from, to, point.type === "s16"));
  const shown = signed
    .map(([from, to]) => [from, to].map((raw) => pointNumber(point, raw, undefined)))
    .map(([from = "", to = ""]) => (Number(from) > Number(to) ? ([to, from] as const) : ([from, to] as const)))
    .toSorted(([left], [right]) => Number(left) - Number(right))
    .map(([from, to]) => rangeWords(from, to));
  return `value ${shown.join(" or ")}${point.unit === undefined ? "" : ` ${point.unit}`}`;
}

/** What is 32768 and more in a register is below 0 in a signed point. */
function halves(from: number, to: number, isSigned: boolean): readonly (readonly [number, number])[] {
  if (!isSigned || to < 32_768) return [[from, to]];
  if (from >= 32_768) return [[from - 65_536, to - 65_536]];
  return [
    [from, 32_767],
    [-32_768, to - 65_536],
  ];
}

function rangeWords(from: string, to: string): string {
  return from === to ? from : `${from} to ${to}`;
}
