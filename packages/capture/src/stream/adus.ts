import { MAX_TCP_ADU, mbapFault, mbapUnit } from "@modwarden/protocol";
import type { Packet } from "../packet/pcap.ts";
import type { Counters } from "../statistics.ts";
import { type Direction, findAdu, isReadable } from "./alignment.ts";
import { fileOffset, type Receiver } from "./receiver.ts";

/** Bytes after which protocol id and length are known. */
const CHECKED = 6;

/** What the ADUs of one direction are told to. */
export interface AduReceiver {
  /** An ADU from `start` up to `end`, completed by `packet`; `offset` is its place in the file. Valid during the call. */
  adu(bytes: Uint8Array, start: number, end: number, packet: Packet, offset: number): void;
  malformed(packet: Packet, offset: number, reason: string): void;
}

/**
 * Splits one direction of a connection into ADUs. Unlike a server, which has to end a connection that it cannot
 * understand, a listener goes on: where the recording has a gap, begins in the middle, or holds bytes that are no ADU,
 * it looks for the next place where ADUs start.
 */
export class AduStream implements Receiver {
  readonly #direction: Direction;
  readonly #to: AduReceiver;
  readonly #counters: Counters;
  readonly #units: Set<number>;
  /** Whether the next byte is known to start an ADU, or to continue the one that is carried. */
  #aligned = false;
  /** Whether that is certain. Until it is, an ADU that cannot be read shows that it was wrong. */
  #proven = true;
  /** Why it is not; the empty string when that has been reported. */
  #why = "the recording begins inside an ADU";
  /** An ADU that is not complete; new for each, because what is decoded may point into it. */
  #carry: Uint8Array | undefined;
  #held = 0;
  #last: { readonly packet: Packet; readonly offset: number } | undefined;

  /** `units`: those that have been spoken to on this connection, common to both directions. */
  constructor(direction: Direction, to: AduReceiver, counters: Counters, units: Set<number>) {
    this.#direction = direction;
    this.#to = to;
    this.#counters = counters;
    this.#units = units;
  }

  begin(): void {
    this.#aligned = true;
  }

  data(bytes: Uint8Array, packet: Packet): void {
    this.#last = { packet, offset: fileOffset(bytes, 0, packet) };
    let at: number | undefined = 0;
    if (this.#aligned && this.#held > 0) at = this.#fill(bytes, packet);
    else if (!this.#aligned) at = this.#seek(bytes, 0, packet, true);
    while (at !== undefined && at < bytes.length) at = this.#next(bytes, at, packet);
  }

  lost(reason: string, packet: Packet): void {
    const dropped = this.#held === 0 ? "" : `; ${this.#held} bytes of an unfinished ADU are dropped`;
    this.#counters.skippedBytes += this.#held;
    this.#report(packet, packet.offset, `${reason}${dropped}`);
    this.#lose("");
  }

  differs(bytes: Uint8Array, packet: Packet): void {
    this.#report(
      packet,
      fileOffset(bytes, 0, packet),
      "these bytes were sent before, and differently: the first copy counts",
    );
  }

  end(): void {
    if (this.#held === 0 || this.#last === undefined) return;
    this.#counters.skippedBytes += this.#held;
    this.#report(this.#last.packet, this.#last.offset, `the recording ends ${this.#held} bytes into an ADU`);
    this.#lose("");
  }

  /** Takes the ADU at `at`, or carries what is there of it. Returns the offset behind it. */
  #next(bytes: Uint8Array, at: number, packet: Packet): number | undefined {
    if (bytes.length - at < CHECKED) return this.#keep(bytes, at);
    const fault = mbapFault(bytes, at);
    if (fault !== undefined) return this.#refuse(fault, bytes, at, packet);
    const end = at + aduBytes(bytes, at);
    if (end > bytes.length) return this.#keep(bytes, at);
    if (this.#give(bytes, at, end, packet, fileOffset(bytes, at, packet))) return end;
    return this.#seek(bytes, end, packet, false);
  }

  #keep(bytes: Uint8Array, at: number): undefined {
    this.#carry = new Uint8Array(MAX_TCP_ADU);
    this.#carry.set(bytes.subarray(at));
    this.#held = bytes.length - at;
  }

  /** Completes the ADU that is carried as far as the bytes go. Returns the offset behind it. */
  #fill(bytes: Uint8Array, packet: Packet): number | undefined {
    const carry = this.#carry!;
    let at = 0;
    while (this.#held < CHECKED && at < bytes.length) carry[this.#held++] = bytes[at++]!;
    if (this.#held < CHECKED) return undefined;
    const fault = mbapFault(carry, 0);
    if (fault !== undefined) return this.#refuse(fault, bytes, 0, packet);
    const taken = Math.min(aduBytes(carry, 0) - this.#held, bytes.length - at);
    carry.set(bytes.subarray(at, at + taken), this.#held);
    this.#held += taken;
    at += taken;
    if (this.#held < aduBytes(carry, 0)) return undefined;
    const end = this.#held;
    this.#held = 0;
    this.#carry = undefined;
    if (this.#give(carry, 0, end, packet, fileOffset(bytes, 0, packet))) return at;
    return this.#seek(bytes, at, packet, false);
  }

  /** Gives the ADU out; false: it is none, and shows that the stream is not aligned. */
  #give(bytes: Uint8Array, at: number, end: number, packet: Packet, offset: number): boolean {
    if (!this.#proven && !isReadable(this.#direction, bytes, at, end, this.#units)) {
      this.#counters.skippedBytes += end - at;
      if (this.#why !== "") this.#report(packet, offset, this.#why);
      this.#lose("");
      return false;
    }
    this.#proven = true;
    this.#units.add(mbapUnit(bytes, at));
    this.#to.adu(bytes, at, end, packet, offset);
    return true;
  }

  /** What stands at `at` is no header; `at` 0 with bytes carried: neither are those. */
  #refuse(fault: string, bytes: Uint8Array, at: number, packet: Packet): number | undefined {
    this.#report(packet, fileOffset(bytes, at, packet), fault);
    const carried = this.#held;
    this.#counters.skippedBytes += carried;
    this.#lose("");
    if (carried > 0) return this.#seek(bytes, 0, packet, true);
    this.#counters.skippedBytes++;
    return this.#seek(bytes, at + 1, packet, false);
  }

  #lose(why: string): void {
    this.#aligned = false;
    this.#why = why;
    this.#held = 0;
    this.#carry = undefined;
  }

  #seek(bytes: Uint8Array, from: number, packet: Packet, atSegment: boolean): number | undefined {
    const found = findAdu(this.#direction, bytes, from, atSegment, this.#units);
    const skipped = (found?.at ?? bytes.length) - from;
    this.#counters.skippedBytes += skipped;
    if (skipped > 0 && this.#why !== "") {
      this.#report(packet, fileOffset(bytes, from, packet), this.#why);
      this.#why = "";
    }
    this.#aligned = found !== undefined;
    this.#proven = found === undefined || found.proven;
    return found?.at;
  }

  #report(packet: Packet, offset: number, reason: string): void {
    this.#to.malformed(packet, offset, reason);
  }
}

/** As the header at `at` says. */
function aduBytes(bytes: Uint8Array, at: number): number {
  return CHECKED + ((bytes[at + 4]! << 8) | bytes[at + 5]!);
}
