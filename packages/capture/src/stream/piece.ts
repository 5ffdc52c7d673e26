import type { Packet } from "../packet/pcap.ts";

/** Consecutive bytes of a TCP stream. */
export interface Piece {
  /** Sequence number of the first byte, signed 32-bit. */
  readonly sequence: number;
  /** Bytes on the wire. */
  readonly length: number;
  /** As many of them as were recorded. */
  readonly bytes: Uint8Array;
  readonly packet: Packet;
}

/** How far `sequence` is ahead of `other`: negative behind it. Sequence numbers wrap around. RFC 9293 § 3.4 */
export function distance(sequence: number, other: number): number {
  return (sequence - other) | 0;
}

/** Behind the last byte. */
export function pieceEnd(piece: Piece): number {
  return (piece.sequence + piece.length) | 0;
}

/** The bytes from `from` up to `to`, which lie inside. */
export function slicePiece(piece: Piece, from: number, to: number): Piece {
  const start = distance(from, piece.sequence);
  const end = distance(to, piece.sequence);
  if (start === 0 && end === piece.length) return piece;
  return { sequence: from, length: end - start, bytes: piece.bytes.subarray(start, end), packet: piece.packet };
}

/** The first byte of `piece` that `earlier` has otherwise; undefined when they agree wherever both have recorded bytes. */
export function firstDifference(piece: Piece, earlier: Piece): number | undefined {
  const shift = distance(piece.sequence, earlier.sequence);
  const from = Math.max(0, -shift);
  const to = Math.min(piece.bytes.length, earlier.bytes.length - shift);
  for (let index = from; index < to; index++) {
    if (piece.bytes[index] !== earlier.bytes[index + shift]) return index;
  }
  return undefined;
}
