import { hash } from "node:crypto";
import { deflateRawSync, gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packMember } from "../testing/gzip-member.ts";
import { gzipMembers } from "./members.ts";

const { headerBytes: MEMBER_HEADER, measure, unpack: unpackMember } = gzipMembers;
const memberLength = (header: Buffer): number | undefined => measure(header)?.bytes;
const SLICE_BYTES = 128 * 1024;

const slice = Buffer.from(
  Array.from({ length: 50 }, (_, index) => `{"seq":${index},"text":"${index * 7919}"}\n`).join(""),
);

describe("a compressed member", () => {
  it("gives back its slice, and other tools can read it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        const member = packMember(bytes);
        expect(memberLength(member.subarray(0, MEMBER_HEADER))).toBe(member.length);
        expect(unpackMember(member)).toEqual({ bytes: Buffer.from(bytes), damaged: false });
        expect(gunzipSync(Buffer.concat([member, member]))).toEqual(Buffer.concat([bytes, bytes]));
      }),
    );
    const full = Buffer.alloc(SLICE_BYTES, 1);
    expect(unpackMember(packMember(full)).bytes).toEqual(full);
  });

  it("shows every changed byte, and gives what stands before the damage", () => {
    const member = packMember(slice);
    for (let at = 0; at < member.length; at++) {
      const changed = Buffer.from(member);
      changed[at]! ^= 1 << (at % 8);
      if (memberLength(changed) !== member.length) continue;
      const { bytes, damaged } = unpackMember(changed);
      if (!damaged) expect.unreachable(`byte ${at}`);
      if (at < MEMBER_HEADER) expect(bytes).toEqual(slice);
    }
    const late = Buffer.from(member);
    late[late.length - 100]! ^= 0x55;
    const kept = unpackMember(late).bytes;
    expect(kept.subarray(0, slice.length / 2)).toEqual(slice.subarray(0, slice.length / 2));
  });

  it("is damaged where its own hash fits, but not what gzip demands", () => {
    const rehashed = (member: Buffer): Buffer => {
      hash("sha256", member.subarray(MEMBER_HEADER), "buffer").copy(member, MEMBER_HEADER - 32);
      return member;
    };
    const wrongSum = packMember(slice);
    wrongSum[wrongSum.length - 8]! ^= 1;
    const wrongLength = packMember(slice);
    wrongLength[wrongLength.length - 4]! ^= 1;
    const noDeflate = packMember(slice).fill(0xff, MEMBER_HEADER);
    const bomb = deflateRawSync(Buffer.alloc(50 * SLICE_BYTES));
    const tooMuch = Buffer.concat([packMember(slice).subarray(0, MEMBER_HEADER), bomb, Buffer.alloc(8)]);
    for (const member of [wrongSum, wrongLength, noDeflate, tooMuch]) {
      expect(unpackMember(rehashed(member)).damaged).toBe(true);
    }
  });

  it("knows what is no member", () => {
    expect(memberLength(Buffer.alloc(10))).toBeUndefined();
    expect(memberLength(Buffer.alloc(MEMBER_HEADER))).toBeUndefined();
    const huge = packMember(slice).subarray(0, MEMBER_HEADER);
    huge.writeUInt32LE(0xffffffff, 16);
    expect(memberLength(huge)).toBeUndefined();
  });
});
