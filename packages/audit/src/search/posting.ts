import { BITMAP_BYTES, type Bits, setBit } from "./bits.ts";
import { sealed, unsealed } from "./sealed.ts";
import { pushVarint, VarintReader } from "./varint.ts";

/*
 * Which records of a block have one term (a subject, a rule, a function, ...): their offsets as distances to the one
 * before, or a bit for each record of the block where that is shorter.
 */
const DISTANCES = 0;
const BITMAP = 1;

/** `offsets` ascending, each once. */
export function packPosting(term: number, block: number, offsets: readonly number[]): Uint8Array {
  if (offsets.length < BITMAP_BYTES) {
    const out = [DISTANCES];
    let before = -1;
    for (const offset of offsets) {
      pushVarint(out, offset - before - 1);
      before = offset;
    }
    if (out.length <= BITMAP_BYTES) return sealed(term, block, Uint8Array.from(out));
  }
  const bytes = new Uint8Array(1 + BITMAP_BYTES);
  bytes[0] = BITMAP;
  for (const offset of offsets) bytes[1 + (offset >>> 3)]! |= 1 << (offset & 7);
  return sealed(term, block, bytes);
}

/** Adds the records of a posting to `bits`. Throws `ERR_AUDIT_INDEX`. */
export function addPosting(bits: Bits, term: number, block: number, packed: Uint8Array): void {
  const bytes = unsealed(term, block, packed);
  if (bytes[0] === BITMAP) {
    for (let index = 0; index < BITMAP_BYTES; index++) bits[index >>> 2]! |= bytes[1 + index]! << (8 * (index & 3));
    return;
  }
  const reader = new VarintReader(bytes, 1);
  for (let offset = -1; !reader.ended; ) {
    offset += reader.next() + 1;
    setBit(bits, offset);
  }
}
