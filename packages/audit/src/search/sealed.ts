import { crc32 } from "node:zlib";
import { AuditError } from "../error.ts";

const CHECK_BYTES = 4;

/**
 * Bytes of the index behind a checksum over them and over the place they belong to: a disk that gives back something
 * else must not hide a record. It says nothing against people: that is what `reindex` is for.
 */
export function sealed(place: number, block: number, content: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(CHECK_BYTES + content.length);
  bytes.set(content, CHECK_BYTES);
  bytes.writeUInt32LE(crc32(content, seedOf(place, block)), 0);
  return bytes;
}

/** What was sealed. Throws `ERR_AUDIT_INDEX`. */
export function unsealed(place: number, block: number, bytes: Uint8Array): Uint8Array {
  const content = bytes.subarray(CHECK_BYTES);
  const check = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < CHECK_BYTES || check.getUint32(0, true) !== crc32(content, seedOf(place, block))) {
    throw indexDamaged(`what it holds of block ${block} is not what was written`);
  }
  return content;
}

export function indexDamaged(reason: string): AuditError {
  return new AuditError("ERR_AUDIT_INDEX", `the index of the audit log is of no use: ${reason}`);
}

/** Two whole numbers in 32 bits, so that what stands in another place does not fit. */
function seedOf(place: number, block: number): number {
  return (Math.imul(place, 0x9e3779b1) ^ Math.imul(block + 1, 0x85ebca6b)) >>> 0;
}
