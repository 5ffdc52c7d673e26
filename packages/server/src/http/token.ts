/** The secrets of one start: the token in the printed address, and the session that a browser gets for it. */
import { createHash, timingSafeEqual } from "node:crypto";

/** Fills with `size` random bytes; in a running site `crypto.randomBytes`. */
export type RandomBytes = (size: number) => Uint8Array;

/** 256 bits as base64url: 43 characters that stand in an address unescaped. */
export function newSecret(random: RandomBytes): string {
  return Buffer.from(random(32)).toString("base64url");
}

/** Constant time: both sides are hashed first, so that not even the length can be measured. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}
