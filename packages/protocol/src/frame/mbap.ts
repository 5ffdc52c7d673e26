import { putUint16, uint16 } from "../bytes.ts";

/** Bytes before the PDU: transaction id, protocol id 0, length of what follows, unit. Messaging V1.0b § 3.1.3 */
export const MBAP_HEADER = 7;
/** The header's length field counts the unit and the PDU: 1 + 1 at least, 1 + 253 at most. */
const MIN_MBAP_LENGTH = 2;
const MAX_MBAP_LENGTH = 254;

/** The transaction id of the ADU that starts at `start`. */
export function mbapTransaction(bytes: Uint8Array, start: number): number {
  return uint16(bytes, start);
}

/** The unit of the ADU that starts at `start`. */
export function mbapUnit(bytes: Uint8Array, start: number): number {
  return bytes[start + 6]!;
}

/** Writes the header for a PDU of `pduLength` bytes and returns the offset where that PDU starts. */
export function writeMbap(out: Uint8Array, at: number, transaction: number, unit: number, pduLength: number): number {
  putUint16(out, at, transaction);
  putUint16(out, at + 2, 0);
  putUint16(out, at + 4, pduLength + 1);
  out[at + 6] = unit;
  return at + MBAP_HEADER;
}

/** What makes these six bytes no MBAP header, or undefined. */
export function mbapFault(bytes: Uint8Array, start: number): string | undefined {
  const protocol = uint16(bytes, start + 2);
  if (protocol !== 0) return `protocol id ${protocol} is not 0, the one of Modbus`;
  const length = uint16(bytes, start + 4);
  if (length < MIN_MBAP_LENGTH || length > MAX_MBAP_LENGTH) {
    return `MBAP length ${length} is outside ${MIN_MBAP_LENGTH} to ${MAX_MBAP_LENGTH}`;
  }
  return undefined;
}
