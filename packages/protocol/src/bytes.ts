/** Big-endian words, registers and packed bits in byte arrays. Nothing here checks bounds: codecs know their lengths. */

/** MODBUS is big-endian: the high byte comes first. § 4.2 */
export function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Returns the offset behind the word. */
export function putUint16(out: Uint8Array, at: number, value: number): number {
  out[at] = value >>> 8;
  out[at + 1] = value;
  return at + 2;
}

/** A copy of `count` registers. */
export function registersFrom(bytes: Uint8Array, at: number, count: number): Uint16Array {
  const registers = new Uint16Array(count);
  for (let index = 0, offset = at; index < count; index++, offset += 2) registers[index] = uint16(bytes, offset);
  return registers;
}

/** Returns the offset behind the last register. */
export function putRegisters(out: Uint8Array, at: number, registers: Uint16Array): number {
  let offset = at;
  for (let index = 0; index < registers.length; index++) offset = putUint16(out, offset, registers[index]!);
  return offset;
}

/** Returns the offset behind the last byte. */
export function putBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  out.set(bytes, at);
  return at + bytes.length;
}

/** Bytes that `quantity` packed bits take. */
export function bitBytes(quantity: number): number {
  return (quantity + 7) >>> 3;
}

/** Bits into bytes at `at`, lowest address in the lowest bit of the first byte; padding is zero. Returns the offset behind. */
export function putBits(out: Uint8Array, at: number, bits: readonly boolean[]): number {
  const end = at + bitBytes(bits.length);
  out.fill(0, at, end);
  for (let index = 0; index < bits.length; index++) {
    if (bits[index]) out[at + (index >>> 3)]! |= 1 << (index & 7);
  }
  return end;
}

/** `quantity` bits that stand packed at `at`. */
export function bitsFrom(bytes: Uint8Array, at: number, quantity: number): boolean[] {
  const bits: boolean[] = [];
  for (let index = 0; index < quantity; index++) {
    bits.push(((bytes[at + (index >>> 3)]! >>> (index & 7)) & 1) === 1);
  }
  return bits;
}

/** Bits into as few bytes as hold them, lowest address in the lowest bit of the first byte; padding is zero. */
export function packBits(bits: readonly boolean[]): Uint8Array {
  const out = new Uint8Array(bitBytes(bits.length));
  putBits(out, 0, bits);
  return out;
}

/** The first `quantity` bits of `bytes`; bits beyond the bytes are false. */
export function unpackBits(bytes: Uint8Array, quantity: number): boolean[] {
  return bitsFrom(bytes, 0, quantity);
}
