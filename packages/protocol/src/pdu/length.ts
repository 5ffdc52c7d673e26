import { MAX_PDU, MEI_DEVICE_IDENTIFICATION } from "../limits.ts";
import type { UserFunction } from "./define-function.ts";
import { ENCAPSULATED_INTERFACE } from "./lookup.ts";
import type { Direction } from "./refuse.ts";

/** Not told yet by the bytes that are there. */
export const MORE_NEEDED = 0;
/** No PDU starts like this. */
export const IMPOSSIBLE = -1;
/** Nothing in the PDU says where it ends. */
export const UNKNOWN = -2;

/** Which vendor's functions say how long they are. */
export type UserFunctions = ReadonlyMap<number, UserFunction<unknown, unknown>>;

/** A PDU of `fixed` bytes, or one whose byte count stands at `countAt` and counts all that follows it. */
type Shape = { readonly fixed: number } | { readonly countAt: number };

const fixed = (bytes: number): Shape => ({ fixed: bytes });
const counted = (countAt: number): Shape => ({ countAt });

/** MODBUS Application Protocol V1.1b3 § 6. The codes 8, 24 and 43 say their length in ways of their own. */
const shapes: Readonly<Record<Direction, ReadonlyMap<number, Shape>>> = {
  request: new Map([
    ...[1, 2, 3, 4, 5, 6].map((code) => [code, fixed(5)] as const),
    ...[7, 11, 12, 17].map((code) => [code, fixed(1)] as const),
    ...[15, 16].map((code) => [code, counted(5)] as const),
    ...[20, 21].map((code) => [code, counted(1)] as const),
    [22, fixed(7)],
    [23, counted(9)],
    [24, fixed(3)],
  ]),
  response: new Map([
    ...[1, 2, 3, 4, 12, 17, 20, 21, 23].map((code) => [code, counted(1)] as const),
    ...[5, 6, 11, 15, 16].map((code) => [code, fixed(5)] as const),
    [7, fixed(2)],
    [22, fixed(7)],
  ]),
};

const DIAGNOSTICS = 8;
const READ_FIFO_QUEUE = 24;
const EXCEPTION_BYTES = 2;
/** Function code, sub-function and one word. */
const DIAGNOSTICS_BYTES = 5;
/** Read device identification: bytes before the first object of a response. § 6.21 */
const OBJECTS_AT = 7;

/**
 * How many bytes the PDU that starts at `at` has, judged by what stands before `end`, which may be less than the PDU and
 * may be more; MORE_NEEDED, IMPOSSIBLE or UNKNOWN. RTU frames have no length field: this is what finds their end while
 * they arrive. Counts are taken at their word as long as a PDU can hold them; whether they are right is decode's business.
 */
export function pduLength(
  direction: Direction,
  bytes: Uint8Array,
  at: number,
  end: number,
  functions: UserFunctions,
): number {
  if (at >= end) return MORE_NEEDED;
  const length = told(direction, bytes, at, end, functions);
  return length > MAX_PDU ? IMPOSSIBLE : length;
}

function told(direction: Direction, bytes: Uint8Array, at: number, end: number, functions: UserFunctions): number {
  const code = bytes[at]!;
  if (code >= 0x80) return direction === "response" ? EXCEPTION_BYTES : UNKNOWN;
  const shape = shapes[direction].get(code);
  if (shape !== undefined) {
    if ("fixed" in shape) return shape.fixed;
    return at + shape.countAt < end ? shape.countAt + 1 + bytes[at + shape.countAt]! : MORE_NEEDED;
  }
  if (code === DIAGNOSTICS) return diagnosticsLength(bytes, at, end);
  if (code === READ_FIFO_QUEUE) return at + 2 < end ? 3 + ((bytes[at + 1]! << 8) | bytes[at + 2]!) : MORE_NEEDED;
  if (code === ENCAPSULATED_INTERFACE) return encapsulatedLength(direction, bytes, at, end);
  const length = functions.get(code)?.[direction].length;
  return length === undefined ? UNKNOWN : userLength(length, bytes, at, end);
}

/** Return query data (0) carries as many words as it likes, every other sub-function one. § 6.8.1 */
function diagnosticsLength(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 >= end) return MORE_NEEDED;
  return bytes[at + 1] === 0 && bytes[at + 2] === 0 ? UNKNOWN : DIAGNOSTICS_BYTES;
}

/** Device identification is asked for in four bytes and answered object by object; CANopen bytes are passed through. */
function encapsulatedLength(direction: Direction, bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end) return MORE_NEEDED;
  if (bytes[at + 1] !== MEI_DEVICE_IDENTIFICATION) return UNKNOWN;
  if (direction === "request") return 4;
  if (at + OBJECTS_AT > end) return MORE_NEEDED;
  let offset = at + OBJECTS_AT;
  for (let left = bytes[at + OBJECTS_AT - 1]!; left > 0; left--) {
    if (offset + 2 - at > MAX_PDU) return IMPOSSIBLE;
    if (offset + 2 > end) return MORE_NEEDED;
    offset += 2 + bytes[offset + 1]!;
  }
  return offset - at;
}

function userLength(
  length: (data: Uint8Array) => number | undefined,
  bytes: Uint8Array,
  at: number,
  end: number,
): number {
  const data = length(bytes.subarray(at + 1, Math.min(end, at + MAX_PDU)));
  if (data === undefined) return MORE_NEEDED;
  return data < 0 ? IMPOSSIBLE : 1 + data;
}
