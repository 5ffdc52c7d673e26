/**
 * Sets of records of one block, one bit for each. A block is so many records in a row: what the index keeps of them is
 * read and written together.
 */
export const BLOCK_RECORDS = 4096;

export const BITMAP_BYTES: number = BLOCK_RECORDS / 8;

export type Bits = Uint32Array;

export function noBits(): Bits {
  return new Uint32Array(BLOCK_RECORDS / 32);
}

export function setBit(bits: Bits, offset: number): void {
  bits[offset >>> 5]! |= 1 << (offset & 31);
}

/** Removes from `bits` what is not in `other`. False when nothing is left. */
export function keepBits(bits: Bits, other: Bits): boolean {
  let left = 0;
  for (let index = 0; index < bits.length; index++) left |= bits[index]! &= other[index]!;
  return left !== 0;
}

export function countBits(bits: Bits): number {
  let count = 0;
  for (let word of bits) {
    for (; word !== 0; word &= word - 1) count++;
  }
  return count;
}

/** The offsets that are set, ascending. */
export function offsetsOf(bits: Bits): number[] {
  const offsets: number[] = [];
  for (let index = 0; index < bits.length; index++) {
    for (let word = bits[index]!; word !== 0; word &= word - 1) {
      offsets.push(32 * index + 31 - Math.clz32(word & -word));
    }
  }
  return offsets;
}
