import { hash } from "node:crypto";
import { crc32, deflateRawSync } from "node:zlib";

const START: Buffer = Buffer.from([0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff, 40, 0, 0x4d, 0x57, 36, 0]);
const LENGTH_AT = START.length;
const HASH_AT = LENGTH_AT + 4;
const BODY_AT = HASH_AT + 32;

/** A member of a `.jsonl.gz`, as versions before zstd wrote sealed segments. */
export function packMember(slice: Uint8Array): Buffer {
  const body = deflateRawSync(slice);
  const member = Buffer.alloc(BODY_AT + body.length + 8);
  START.copy(member);
  body.copy(member, BODY_AT);
  member.writeUInt32LE(crc32(slice), member.length - 8);
  member.writeUInt32LE(slice.length, member.length - 4);
  member.writeUInt32LE(member.length, LENGTH_AT);
  hash("sha256", member.subarray(BODY_AT), "buffer").copy(member, HASH_AT);
  return member;
}

/** A whole segment, in members of `sliceBytes`. */
export function packMembers(bytes: Buffer, sliceBytes: number): Buffer {
  const members: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += sliceBytes) members.push(packMember(bytes.subarray(at, at + sliceBytes)));
  return Buffer.concat(members);
}
