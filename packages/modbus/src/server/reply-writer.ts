import {
  checkResponse,
  clearPadding,
  type ExceptionResponse,
  encodeResponse,
  type Request,
  type Response,
} from "@modwarden/protocol";
import type { ServerFraming } from "../framing/server-framing.ts";
import type { Link } from "../link/link.ts";
import { Slab } from "../link/slab.ts";
import { type RegisterReads, readInto } from "./register-reads.ts";

/** What an answer repeats of its request. */
export interface Envelope {
  readonly transaction: number;
  readonly unit: number;
  readonly functionCode: number;
}

/** A reply that has its place in the order of the requests and may not be ready yet. */
export interface Place {
  /** The whole ADU when it is ready, empty for no reply. */
  bytes: Uint8Array | undefined;
}

/** Places kept in order behind an answer that is not ready; with all of them taken, later replies overtake. */
const maxPlaces = 256;

/**
 * The replies of one connection on their way out: encoded one behind the other, in the order of their requests, and
 * handed out as one piece.
 */
export class ReplyWriter {
  readonly #slab: Slab = new Slab();
  readonly #framing: ServerFraming;
  readonly #ordered: boolean;
  #places: Place[] = [];

  constructor(framing: ServerFraming, ordered: boolean) {
    this.#framing = framing;
    this.#ordered = ordered;
  }

  /** Bytes ready to go. */
  get ready(): number {
    return this.#slab.pending;
  }

  /** Writes what is ready. False when the link's buffer is over its bound. */
  flush(link: Link): boolean {
    const slab = this.#slab;
    if (slab.pending === 0) return true;
    // The usual way out: the bytes have left, and the slab is as empty as it was.
    slab.drop(link.send?.(slab.bytes, slab.start, slab.at) ?? 0);
    return slab.pending === 0 || link.write(slab.take());
  }

  /** Keeps the place of a reply that comes later. */
  hold(): Place {
    const place: Place = { bytes: undefined };
    if (this.#ordered) this.#places.push(place);
    return place;
  }

  /**
   * Writes the response to `request`. Throws, with nothing written, when it does not answer the request or cannot be
   * encoded: then it is the handler that is wrong.
   */
  response(envelope: Envelope, request: Request, response: Response, place: Place | undefined): void {
    checkResponse(request, response);
    this.#encode(envelope, clearPadding(request, response), place);
  }

  /** Answers a request that only reads registers from an array. False, with nothing written, when it does not. */
  registers(
    reads: RegisterReads,
    bytes: Uint8Array,
    at: number,
    end: number,
    unit: number,
    transaction: number,
  ): boolean {
    if (this.#places.length > 0) return false;
    const slab = this.#slab;
    const framing = this.#framing;
    slab.reserve(framing.maxAdu);
    const start = slab.at;
    const pduEnd = readInto(reads, bytes, at, end, slab.bytes, framing.begin(start));
    if (pduEnd < 0) return false;
    slab.commit(framing.finish(slab.bytes, start, pduEnd, unit, transaction));
    return true;
  }

  exception(envelope: Envelope, exception: number, place: Place | undefined): void {
    const { functionCode } = envelope;
    const response: ExceptionResponse = { kind: "exception", functionCode, exception };
    this.#encode(envelope, response, place);
  }

  /** Bytes as they are; none when there is to be no reply. */
  raw(bytes: Uint8Array, place: Place | undefined): void {
    if (this.#mustWait(place)) this.#settle(place, bytes);
    else this.#append(bytes);
  }

  #append(bytes: Uint8Array): void {
    this.#slab.reserve(bytes.length);
    this.#slab.bytes.set(bytes, this.#slab.at);
    this.#slab.commit(this.#slab.at + bytes.length);
  }

  #encode(envelope: Envelope, response: Response | ExceptionResponse, place: Place | undefined): void {
    const slab = this.#slab;
    const framing = this.#framing;
    slab.reserve(framing.maxAdu);
    const start = slab.at;
    const pduEnd = encodeResponse(response, slab.bytes, framing.begin(start));
    const end = framing.finish(slab.bytes, start, pduEnd, envelope.unit, envelope.transaction);
    if (this.#mustWait(place)) this.#settle(place, slab.bytes.slice(start, end));
    else slab.commit(end);
  }

  #mustWait(place: Place | undefined): boolean {
    if (!this.#ordered) return false;
    return place !== undefined || (this.#places.length > 0 && this.#places.length < maxPlaces);
  }

  /** Puts a reply in its place, and what is ready from the front of the order behind what goes out. */
  #settle(place: Place | undefined, bytes: Uint8Array): void {
    if (place === undefined) this.#places.push({ bytes });
    else place.bytes = bytes;
    let done = 0;
    for (; done < this.#places.length; done += 1) {
      const ready = this.#places[done]!.bytes;
      if (ready === undefined) break;
      this.#append(ready);
    }
    if (done > 0) this.#places.splice(0, done);
  }
}
