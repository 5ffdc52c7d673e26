/**
 * Check sums of one byte that vendors' serial protocols carry beside Modbus. Modbus itself uses `crc16` and `lrc`; where
 * a device's manual says "checksum" and neither fits, it is mostly one of these.
 */

/** The low byte of the sum of the bytes `at` to `end`. */
export function sum8(bytes: Uint8Array, at: number, end: number): number {
  let sum = 0;
  for (let index = at; index < end; index++) sum += bytes[index]!;
  return sum & 0xff;
}

/** The exclusive or of the bytes `at` to `end`. */
export function xor8(bytes: Uint8Array, at: number, end: number): number {
  let sum = 0;
  for (let index = at; index < end; index++) sum ^= bytes[index]!;
  return sum;
}
