import {
  decodeRequest,
  decodeResponse,
  functionName,
  isUserDefined,
  MBAP_HEADER,
  ModbusError,
  mbapFault,
  mbapUnit,
} from "@modwarden/protocol";

export type Direction = "request" | "response";

/** Header and function code. */
const SHORTEST = MBAP_HEADER + 1;
/** Bytes after which the header's length is known. */
const CHECKED = 6;
const NO = 0;
/** ADUs from here on, the last of which goes on behind the bytes. */
const OPEN = 1;
/** ADUs from here on, the last of which ends with the bytes. */
const WHOLE = 2;

/** Where ADUs seem to start. `proven`: the last of them ends with the bytes. */
export interface Place {
  readonly at: number;
  readonly proven: boolean;
}

/**
 * Where ADUs may start in bytes of which nobody knows what stood before them; undefined: nowhere. From that place on one
 * readable ADU follows the other to the end of the bytes. In the middle the last one has to end there, because registers
 * that hold small numbers look like headers; at the beginning it may go on, or be of a function that nobody knows.
 * `atSegment`: the bytes begin where a segment does, which is where most ADUs do. `units`: those that have been spoken to
 * on this connection; where there are any, no other is believed in.
 */
export function findAdu(
  direction: Direction,
  bytes: Uint8Array,
  from: number,
  atSegment: boolean,
  units: ReadonlySet<number>,
): Place | undefined {
  const end = bytes.length;
  const chains = new Uint8Array(end - from + 1);
  chains[end - from] = WHOLE;
  for (let at = end - 1; at >= from; at--) {
    const trusted = atSegment && at === from;
    if (end - at < SHORTEST) chains[at - from] = maybeHeader(bytes, at) && (trusted || at > from) ? OPEN : NO;
    else if (mbapFault(bytes, at) === undefined && (units.size === 0 || units.has(mbapUnit(bytes, at))))
      chains[at - from] = chainFrom(direction, bytes, at, chains, from, trusted);
  }
  if (atSegment && chains[0] !== NO) return { at: from, proven: chains[0] === WHOLE };
  const found = chains.indexOf(WHOLE);
  return found < 0 || from + found >= end ? undefined : { at: from + found, proven: true };
}

function chainFrom(
  direction: Direction,
  bytes: Uint8Array,
  at: number,
  chains: Uint8Array,
  from: number,
  trusted: boolean,
): number {
  const end = at + CHECKED + ((bytes[at + 4]! << 8) | bytes[at + 5]!);
  const specified = isSpecified(direction, bytes[at + MBAP_HEADER]!);
  if (end > bytes.length) return specified ? OPEN : NO;
  const rest = chains[end - from]!;
  if (specified) return rest !== NO && decodes(direction, bytes, at, end) ? rest : NO;
  return trusted && rest === WHOLE ? rest : NO;
}

/** Whether fewer bytes than a header and a function code have could be the beginning of one. */
function maybeHeader(bytes: Uint8Array, at: number): boolean {
  const left = bytes.length - at;
  if (left >= CHECKED) return mbapFault(bytes, at) === undefined;
  return (left < 3 || bytes[at + 2] === 0) && (left < 4 || bytes[at + 3] === 0) && (left < 5 || bytes[at + 4] === 0);
}

/** A function whose body says more than that it is one: vendors' own have any bytes. */
function isSpecified(direction: Direction, code: number): boolean {
  const base = direction === "response" ? code & 0x7f : code;
  return functionName(base) !== undefined && !isUserDefined(base);
}

/** Whether the ADU from `at` up to `end` is more than bytes with a header. */
export function isReadable(
  direction: Direction,
  bytes: Uint8Array,
  at: number,
  end: number,
  units: ReadonlySet<number>,
): boolean {
  if (units.size > 0 && !units.has(mbapUnit(bytes, at))) return false;
  return isSpecified(direction, bytes[at + MBAP_HEADER]!) && decodes(direction, bytes, at, end);
}

function decodes(direction: Direction, bytes: Uint8Array, at: number, end: number): boolean {
  try {
    if (direction === "request") decodeRequest(bytes, at + MBAP_HEADER, end);
    else decodeResponse(bytes, at + MBAP_HEADER, end);
    return true;
  } catch (error) {
    if (error instanceof ModbusError) return false;
    throw error;
  }
}
