import type { Packet } from "../packet/pcap.ts";
import type { Counters } from "../statistics.ts";
import { distance, firstDifference, type Piece, pieceEnd, slicePiece } from "./piece.ts";
import type { Receiver } from "./receiver.ts";

/** Pieces that wait for one before them. */
const MAX_HELD = 64;
const MAX_HELD_BYTES = 256 * 1024;
/** Delivered pieces that second copies are compared with. */
const MAX_RECENT = 8;
/** Without window scaling. */
const MAX_TCP_WINDOW = 65_535;
/** A segment further away than this is of another connection, or the recording lost very much. */
const WINDOW = 1024 * 1024;

/**
 * Puts the segments of one direction of a TCP connection in order. The first copy of a byte counts. What waits for a
 * missing segment waits until the other side has acknowledged the missing bytes, which says that they were sent and not
 * recorded, or until too much waits.
 */
export class Reassembly {
  readonly #receiver: Receiver;
  readonly #counters: Counters;
  /** Sequence number of the next byte; undefined before the first. */
  #next: number | undefined;
  #begin: number | undefined;
  #acknowledged: number | undefined;
  #fin: number | undefined;
  /** In order, none overlapping another, all ahead of `#next`. */
  readonly #held: Piece[] = [];
  #heldBytes = 0;
  readonly #recent: Piece[] = [];
  #recentAt = 0;

  constructor(receiver: Receiver, counters: Counters) {
    this.#receiver = receiver;
    this.#counters = counters;
  }

  /** Sequence number of the first byte that is known of. */
  get begin(): number | undefined {
    return this.#begin;
  }

  /** The sender has said that no more bytes come, and all up to there have. */
  get finished(): boolean {
    return this.#fin !== undefined && this.#next !== undefined && distance(this.#next, this.#fin) >= 0;
  }

  /** A SYN: the first byte has this sequence number. */
  open(begin: number): void {
    this.#begin = begin;
    this.#next = begin;
    this.#receiver.begin();
  }

  /** The other side has everything before this sequence number. */
  acknowledge(acknowledgement: number, packet: Packet): void {
    if (this.#acknowledged === undefined || distance(acknowledgement, this.#acknowledged) > 0)
      this.#acknowledged = acknowledgement;
    if (this.#held.length > 0) this.#deliver(packet);
  }

  push(piece: Piece): void {
    if (this.#next === undefined) {
      this.#begin = piece.sequence;
      this.#next = piece.sequence;
    }
    const ahead = distance(piece.sequence, this.#next);
    if (Math.abs(ahead) > WINDOW) this.#jump(piece);
    else if (ahead + piece.length <= 0) this.#old(piece, ahead);
    else if (ahead === 0 && this.#held.length === 0) this.#pass(piece);
    else {
      if (ahead < 0) this.#compare(piece);
      if (ahead > 0) this.#counters.reordered++;
      this.#hold(ahead < 0 ? slicePiece(piece, this.#next, pieceEnd(piece)) : piece);
      this.#deliver(piece.packet);
    }
  }

  /** A segment without data. A keep-alive has the sequence number of the last byte. RFC 9293 § 3.8.4 */
  heartbeat(sequence: number): void {
    if (this.#next !== undefined && distance(sequence, this.#next) === -1) this.#counters.keepAlives++;
  }

  /** Whether a segment with this sequence number could be the next; one made up by a stranger could hardly. RFC 5961 § 3 */
  expects(sequence: number): boolean {
    if (this.#next === undefined) return true;
    const ahead = distance(sequence, this.#next);
    return ahead >= 0 && ahead <= MAX_TCP_WINDOW;
  }

  /** A FIN behind the byte before this sequence number. */
  finish(fin: number): void {
    this.#fin = fin;
  }

  /** Delivers what still waits. */
  end(): void {
    while (this.#held.length > 0) this.#skip(this.#held[0]!.packet);
    this.#receiver.end();
  }

  #pass(piece: Piece): void {
    this.#next = pieceEnd(piece);
    this.#remember(piece);
    if (piece.bytes.length > 0) this.#receiver.data(piece.bytes, piece.packet);
    const cut = piece.length - piece.bytes.length;
    if (cut > 0) this.#lose(cut, `${cut} bytes of this frame were not recorded`, piece.packet);
  }

  #remember(piece: Piece): void {
    this.#recent[this.#recentAt] = piece;
    this.#recentAt = (this.#recentAt + 1) % MAX_RECENT;
  }

  #old(piece: Piece, ahead: number): void {
    // A keep-alive may carry a byte, which need not be the one that was sent.
    if (piece.length === 1 && ahead === -1) {
      this.#counters.keepAlives++;
      return;
    }
    this.#counters.retransmitted++;
    this.#compare(piece);
  }

  #compare(piece: Piece): void {
    for (const earlier of this.#recent) this.#compareWith(piece, earlier);
  }

  #compareWith(piece: Piece, earlier: Piece): void {
    const index = firstDifference(piece, earlier);
    if (index === undefined) return;
    this.#counters.differingCopies++;
    this.#receiver.differs(piece.bytes.subarray(index), piece.packet);
  }

  /** Puts the parts of `piece` that nothing held has yet where they belong. */
  #hold(piece: Piece): void {
    let from = piece.sequence;
    const end = pieceEnd(piece);
    let index = 0;
    let nothingNew = true;
    for (; index < this.#held.length && distance(end, from) > 0; index++) {
      const held = this.#held[index]!;
      if (distance(from, pieceEnd(held)) >= 0) continue;
      if (distance(end, held.sequence) > 0) this.#compareWith(piece, held);
      if (distance(held.sequence, from) > 0) {
        const to = distance(held.sequence, end) < 0 ? held.sequence : end;
        this.#held.splice(index, 0, slicePiece(piece, from, to));
        this.#heldBytes += distance(to, from);
        nothingNew = false;
        index++;
      }
      from = pieceEnd(held);
    }
    if (distance(end, from) > 0) {
      this.#held.splice(index, 0, slicePiece(piece, from, end));
      this.#heldBytes += distance(end, from);
    } else if (nothingNew) {
      this.#counters.retransmitted++;
    }
  }

  /** Delivers what is in order, and gives up waiting for what will not come. */
  #deliver(packet: Packet): void {
    while (this.#held.length > 0) {
      const first = this.#held[0]!;
      if (distance(first.sequence, this.#next!) === 0) {
        this.#held.shift();
        this.#heldBytes -= first.length;
        this.#pass(first);
      } else if (this.#isLost(first)) {
        this.#skip(packet);
      } else {
        return;
      }
    }
  }

  #isLost(first: Piece): boolean {
    if (this.#held.length > MAX_HELD || this.#heldBytes > MAX_HELD_BYTES) return true;
    return this.#acknowledged !== undefined && distance(this.#acknowledged, first.sequence) >= 0;
  }

  /** Goes on with the first piece that waits, although bytes before it are missing. */
  #skip(packet: Packet): void {
    const first = this.#held.shift()!;
    this.#heldBytes -= first.length;
    const missing = distance(first.sequence, this.#next!);
    if (missing > 0) this.#lose(missing, `${missing} bytes before this place were not recorded`, packet);
    this.#pass(first);
  }

  #jump(piece: Piece): void {
    while (this.#held.length > 0) this.#skip(piece.packet);
    this.#recent.length = 0;
    this.#recentAt = 0;
    this.#acknowledged = undefined;
    this.#fin = undefined;
    this.#lose(0, "the sequence numbers jump: what was between is not known", piece.packet);
    this.#pass(piece);
  }

  #lose(bytes: number, reason: string, packet: Packet): void {
    this.#counters.gaps++;
    this.#counters.lostBytes += bytes;
    this.#receiver.lost(reason, packet);
  }
}
