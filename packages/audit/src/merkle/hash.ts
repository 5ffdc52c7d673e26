import { hash } from "node:crypto";

export const HASH_BYTES = 32;

/** Domain separation of RFC 9162 § 2.1.1: leaves and nodes can never be taken for one another. */
const LEAF = 0x00;
const NODE = 0x01;

const pair: Buffer = Buffer.alloc(1 + 2 * HASH_BYTES);
pair[0] = NODE;
let scratch: Buffer = Buffer.alloc(4096);
scratch[0] = LEAF;

/*
 * Node makes a Buffer for a digest in twice the time that it takes to compute one of a record; a string of its bytes
 * costs almost nothing. https://nodejs.org/api/crypto.html#cryptohashalgorithm-data-options
 */
const ENCODING = "binary";

/** SHA-256 of 0x00 and the record's bytes without LF, into `out` at `at`. RFC 9162 § 2.1.1 */
export function leafHashInto(record: Uint8Array, out: Buffer, at: number): void {
  out.write(leafText(record), at, HASH_BYTES, ENCODING);
}

/** As `leafHashInto`, on its own. */
export function leafHash(record: Uint8Array): Buffer {
  return Buffer.from(leafText(record), ENCODING);
}

function leafText(record: Uint8Array): string {
  if (record.length + 1 > scratch.length) {
    scratch = Buffer.alloc(2 * record.length);
    scratch[0] = LEAF;
  }
  scratch.set(record, 1);
  return hash("sha256", scratch.subarray(0, record.length + 1), ENCODING);
}

/** Puts the node over two hashes that stand side by side at `at` in the place of the left one. RFC 9162 § 2.1.1 */
export function joinHashes(hashes: Buffer, at: number): void {
  hashes.copy(pair, 1, at, at + 2 * HASH_BYTES);
  hashes.write(hash("sha256", pair, ENCODING), at, HASH_BYTES, ENCODING);
}

/** SHA-256 of 0x01, the left and the right hash. RFC 9162 § 2.1.1 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return Buffer.from(hash("sha256", pair, ENCODING), ENCODING);
}

/** The hash of the empty tree. RFC 9162 § 2.1.1 */
export function emptyHash(): Buffer {
  return hash("sha256", "", "buffer");
}
