import { hash } from "node:crypto";

export const HASH_BYTES = 32;

/** Domain separation of RFC 9162 § 2.1.1: leaves and nodes can never be taken for one another. */
const LEAF = 0x00;
const NODE = 0x01;

const pair: Buffer = Buffer.alloc(1 + 2 * HASH_BYTES);
pair[0] = NODE;
let scratch: Buffer = Buffer.alloc(4096);
scratch[0] = LEAF;

/** SHA-256 of 0x00 and the record's bytes without LF. RFC 9162 § 2.1.1 */
export function leafHash(record: Uint8Array): Buffer {
  if (record.length + 1 > scratch.length) scratch = Buffer.alloc(2 * record.length);
  scratch.set(record, 1);
  return hash("sha256", scratch.subarray(0, record.length + 1), "buffer");
}

/** SHA-256 of 0x01, the left and the right hash. RFC 9162 § 2.1.1 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return hash("sha256", pair, "buffer");
}

/** The hash of the empty tree. RFC 9162 § 2.1.1 */
export function emptyHash(): Buffer {
  return hash("sha256", "", "buffer");
}
