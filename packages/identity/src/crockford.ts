/** Crockford's base 32: no I, L, O, U, so that what is read aloud or typed survives. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The bits of `bytes`, most significant first, five to a character; `bytes` times 8 must divide by 5. */
export function encodeCrockford(bytes: Uint8Array): string {
  return encodeBits(bytes, Math.floor((bytes.length * 8) / 5));
}

/** The first `characters` times 5 bits of `bytes`. */
export function encodeBits(bytes: Uint8Array, characters: number): string {
  let text = "";
  let held = 0;
  let bits = 0;
  let at = 0;
  while (text.length < characters) {
    if (bits < 5) {
      held = (held << 8) | (bytes[at] ?? 0);
      at += 1;
      bits += 8;
    }
    bits -= 5;
    text += ALPHABET.charAt((held >>> bits) & 31);
    held &= (1 << bits) - 1;
  }
  return text;
}

/** Forgives what people and label printers do: case, O for 0, I and L for 1. */
export function foldCrockford(text: string): string {
  return text.toUpperCase().replaceAll("O", "0").replaceAll(/[IL]/g, "1");
}

export function isCrockford(text: string): boolean {
  for (const character of text) if (!ALPHABET.includes(character)) return false;
  return true;
}
