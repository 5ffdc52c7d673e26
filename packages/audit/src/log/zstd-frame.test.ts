import { hash } from "node:crypto";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packFrame, SLICE_BYTES, zstdFrames } from "./zstd-frame.ts";

const { headerBytes, measure, unpack } = zstdFrames;
const slice = Buffer.from(
  Array.from({ length: 50 }, (_, index) => `{"seq":${index},"text":"${index * 7919}"}\n`).join(""),
);

/** A frame whose own hash fits, whatever stands in it. */
function rehashed(piece: Buffer): Buffer {
  const covered = Buffer.concat([piece.subarray(0, headerBytes - 32), piece.subarray(headerBytes)]);
  hash("sha256", covered, "buffer").copy(piece, headerBytes - 32);
  return piece;
}

function changed(piece: Buffer, change: (piece: Buffer) => void): Buffer {
  const copy = Buffer.from(piece);
  change(copy);
  return copy;
}

describe("a compressed frame", () => {
  it("gives back its lines and their number", () => {
    const texts = fc.array(
      fc.string().map((text) => `${text.replaceAll("\n", "")}\n`),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(texts, (lines) => {
        const bytes = Buffer.from(lines.join(""));
        const piece = packFrame(bytes);
        expect(measure(piece.subarray(0, headerBytes))).toEqual({ bytes: piece.length, lines: lines.length });
        expect(unpack(piece)).toEqual({ bytes, damaged: false });
      }),
    );
    const full = Buffer.alloc(SLICE_BYTES, "\n");
    expect(unpack(packFrame(full)).bytes).toEqual(full);
  });

  it("is for other readers a zstd frame behind one that they pass over", () => {
    const piece = packFrame(slice);
    expect(piece.readUInt32LE(0) & 0xffff_fff0).toBe(0x184d_2a50);
    expect(8 + piece.readUInt32LE(4)).toBe(headerBytes);
    expect(zstdDecompressSync(piece.subarray(headerBytes))).toEqual(slice);
  });

  it("shows every changed byte, and gives what can still be read", () => {
    const piece = packFrame(slice);
    let read = 0;
    for (let at = 0; at < piece.length; at++) {
      const other = changed(piece, (bytes) => {
        bytes[at]! ^= 1 << (at % 8);
      });
      if (measure(other)?.bytes !== piece.length) continue;
      const { bytes, damaged } = unpack(other);
      if (!damaged) expect.unreachable(`byte ${at}`);
      if (at < headerBytes) expect(bytes).toEqual(slice);
      else if (bytes.length === slice.length) read++;
    }
    expect(read).toBeGreaterThan(piece.length / 4);
  });

  it("is damaged where its own hash fits, but not what it says", () => {
    const piece = packFrame(slice);
    const lied = [12, 16, 20].map((at) =>
      changed(piece, (bytes) => bytes.writeUInt32LE(bytes.readUInt32LE(at) + 1, at)),
    );
    const twoFrames = Buffer.concat([piece, zstdCompressSync("more\n")]);
    const bomb = Buffer.concat([
      piece.subarray(0, headerBytes),
      zstdCompressSync(Buffer.alloc(50 * SLICE_BYTES, "\n")),
    ]);
    const halfLine = packFrame(slice.subarray(0, -1));
    const nothing = piece.subarray(0, headerBytes);
    for (const other of [...lied.slice(1), twoFrames, bomb, halfLine, Buffer.from(nothing)]) {
      expect(unpack(rehashed(other)).damaged).toBe(true);
    }
    expect(measure(rehashed(lied[0]!))?.bytes).not.toBe(piece.length);
  });

  it("knows what is none", () => {
    const piece = packFrame(slice);
    expect(measure(Buffer.alloc(10))).toBeUndefined();
    expect(measure(Buffer.alloc(headerBytes))).toBeUndefined();
    for (const at of [12, 16]) {
      expect(measure(changed(piece, (bytes) => bytes.writeUInt32LE(0xffff_ffff, at)))).toBeUndefined();
    }
  });
});
