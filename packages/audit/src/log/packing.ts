import { gzipMembers } from "./members.ts";
import { zstdFrames } from "./zstd-frame.ts";

/** How a sealed segment is compressed: pieces one behind the other, each of which says how long it is. */
export interface Packing {
  /** Bytes of a piece's beginning that `measure` needs. */
  readonly headerBytes: number;
  /** What the header of a piece says of it; undefined when it is none of ours. */
  measure(header: Buffer): PieceSize | undefined;
  unpack(piece: Buffer): Unpacked;
}

export interface PieceSize {
  /** Bytes of the piece in the file, its header among them. */
  readonly bytes: number;
  /** Lines in it; undefined where a piece need not end at the end of a line. */
  readonly lines: number | undefined;
}

export interface Unpacked {
  readonly bytes: Buffer;
  /** The piece is not what was written; `bytes` are then what could still be read of it. */
  readonly damaged: boolean;
}

/** The ending of a segment's file and how it is packed. Plain first: it is removed last. */
export const SEGMENT_FILES: readonly { readonly ending: string; readonly packing: Packing | undefined }[] = [
  { ending: ".jsonl", packing: undefined },
  { ending: ".jsonl.zst", packing: zstdFrames },
  // Sealed segments of versions before zstd.
  { ending: ".jsonl.gz", packing: gzipMembers },
];

export function packingOf(file: string): Packing | undefined {
  return SEGMENT_FILES.find(({ ending }) => file.endsWith(ending))?.packing;
}
