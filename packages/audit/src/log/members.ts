import { hash } from "node:crypto";
import { crc32, inflateRawSync } from "node:zlib";
import type { Packing, PieceSize, Unpacked } from "./packing.ts";

/*
 * Segments that were sealed before zstd are compressed slice by slice, each slice a gzip member of its own (RFC 1952
 * § 2.2), so that they are read with little memory and `zcat` reads them too. gzip alone leaves bits that mean nothing
 * (times, padding); the extra field "MW" therefore holds the member's length and the SHA-256 of what follows the
 * header: no byte of the file can change unnoticed. Nothing writes them any more.
 */

/** Bytes of a segment per member. */
const SLICE_BYTES = 128 * 1024;

//                                         id    | cm | extra |    mtime    | xfl | unknown OS
const START: Buffer = Buffer.from([0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff, 40, 0, 0x4d, 0x57, 36, 0]);
const LENGTH_AT = START.length;
const HASH_AT = LENGTH_AT + 4;
const BODY_AT = HASH_AT + 32;
const TRAILER = 8;
/** deflate never grows more than this; anything longer is no member of ours. */
const LARGEST = BODY_AT + TRAILER + SLICE_BYTES + 1024;

export const gzipMembers: Packing = Object.freeze({
  headerBytes: BODY_AT,

  measure(header: Buffer): PieceSize | undefined {
    if (header.length < BODY_AT || header.compare(START, 0, START.length, 0, START.length) !== 0) return undefined;
    const bytes = header.readUInt32LE(LENGTH_AT);
    return bytes > BODY_AT + TRAILER && bytes <= LARGEST ? { bytes, lines: undefined } : undefined;
  },

  unpack(member: Buffer): Unpacked {
    const body = member.subarray(BODY_AT, member.length - TRAILER);
    const whole = hash("sha256", member.subarray(BODY_AT), "buffer").equals(member.subarray(HASH_AT, BODY_AT));
    // Whoever can write the file can make the hash fit: what gzip itself demands has to hold as well.
    const bytes = whole ? inflatePrefix(body) : undefined;
    return bytes !== undefined && endsAsGzip(member, bytes)
      ? { bytes, damaged: false }
      : { bytes: salvage(body), damaged: true };
  },
});

/** RFC 1952 § 2.3.1: CRC and length of what was compressed. Another reader of the file must find the same there. */
function endsAsGzip(member: Buffer, bytes: Buffer): boolean {
  const at = member.length - TRAILER;
  return member.readUInt32LE(at) === crc32(bytes) && member.readUInt32LE(at + 4) === bytes.length;
}

/** What can be inflated before the first damage: the longest readable prefix, found by halving. */
function salvage(body: Buffer): Buffer {
  let good: Buffer = Buffer.alloc(0);
  let low = 0;
  let high = body.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const bytes = inflatePrefix(body.subarray(0, middle));
    if (bytes === undefined) high = middle - 1;
    else {
      good = bytes;
      low = middle;
    }
  }
  return good;
}

function inflatePrefix(body: Buffer): Buffer | undefined {
  try {
    return inflateRawSync(body, { maxOutputLength: SLICE_BYTES, finishFlush: 2 });
  } catch {
    // Not swallowed: that it cannot be inflated is the answer.
    return undefined;
  }
}
