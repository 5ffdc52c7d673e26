import { BadFrameError } from "../errors.ts";
import { MAX_RTU_ADU } from "../limits.ts";

/** Address, function code and the two bytes of the CRC. */
export const MIN_RTU_ADU = 4;

/** CRC-16 with polynomial 0xA001 (reflected), one step for each value of a byte. Serial Line V1.02 § 6.2.2 */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/** The CRC over `at` to `end`. On the wire its low byte comes first. */
export function crc16(bytes: Uint8Array, at: number, end: number): number {
  let crc = 0xffff;
  for (let index = at; index < end; index++) crc = (crc >>> 8) ^ table[(crc ^ bytes[index]!) & 0xff]!;
  return crc;
}

/** Throws BadFrameError unless `bytes` are one RTU frame with a right CRC: address, PDU, CRC. Serial Line V1.02 § 2.5.1 */
export function checkRtu(bytes: Uint8Array): void {
  if (bytes.length < MIN_RTU_ADU || bytes.length > MAX_RTU_ADU) {
    throw new BadFrameError(`an RTU frame has ${MIN_RTU_ADU} to ${MAX_RTU_ADU} bytes, not ${bytes.length}`);
  }
  const end = bytes.length - 2;
  const crc = bytes[end]! | (bytes[end + 1]! << 8);
  if (crc !== crc16(bytes, 0, end)) throw new BadFrameError("the CRC does not fit the frame");
}

/** A PDU as an RTU frame. */
export function rtuFrame(unit: number, pdu: Uint8Array): Uint8Array {
  const out = new Uint8Array(pdu.length + 3);
  out[0] = unit;
  out.set(pdu, 1);
  const crc = crc16(out, 0, pdu.length + 1);
  out[pdu.length + 1] = crc;
  out[pdu.length + 2] = crc >>> 8;
  return out;
}
