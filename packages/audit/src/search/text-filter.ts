import { sealed, unsealed } from "./sealed.ts";

/*
 * Which three bytes in a row stand somewhere in the records of a block, as a table of bits with one hash: a text of
 * which some three are missing is in none of them. The letters A to Z are taken as a to z.
 */
const FILTER_BITS = 16;
const FILTER_BYTES: number = 2 ** FILTER_BITS / 8;

const LOWER: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte,
);

/** The bytes with A to Z as a to z. */
export function lowered(bytes: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(bytes.length);
  for (let index = 0; index < bytes.length; index++) out[index] = LOWER[bytes[index]!]!;
  return out;
}

export class TextFilter {
  readonly #bits: Uint8Array = new Uint8Array(FILTER_BYTES);

  /** Adds the text of a record. */
  add(line: Uint8Array): void {
    const bits = this.#bits;
    let last = 0;
    for (let index = 0; index < line.length; index++) {
      last = ((last << 8) | LOWER[line[index]!]!) & 0xffffff;
      const place = placeOf(last);
      bits[place >>> 3]! |= 1 << (place & 7);
    }
  }

  pack(block: number): Uint8Array {
    return sealed(0, block, this.#bits);
  }
}

/** Whether the text may stand in a record of the block. `text` lowered. Throws `ERR_AUDIT_INDEX`. */
export function mayHold(block: number, packed: Uint8Array, text: Uint8Array): boolean {
  const bits = unsealed(0, block, packed);
  let last = 0;
  for (let index = 0; index < text.length; index++) {
    last = ((last << 8) | text[index]!) & 0xffffff;
    if (index < 2) continue;
    const place = placeOf(last);
    if ((bits[place >>> 3]! & (1 << (place & 7))) === 0) return false;
  }
  return true;
}

function placeOf(three: number): number {
  return Math.imul(three, 0x9e3779b1) >>> (32 - FILTER_BITS);
}
