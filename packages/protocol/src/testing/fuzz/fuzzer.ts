import {
  checkResponse,
  decodeRequest,
  decodeResponse,
  describeRequest,
  describeResponse,
  encodeRequest,
  encodeResponse,
  ModbusError,
  type Request,
  type RequestKind,
} from "../../index.ts";
import { anyRequest } from "../any-request.ts";
import { anyResponse } from "../any-response.ts";
import { Integers } from "../integers.ts";
import { type Feed, type Framing, feedOf, pushInPieces } from "./feeds.ts";
import { mutate, mutatePdu } from "./mutate.ts";

/** A request and an answer of its kind, as PDUs. */
interface Pair {
  readonly request: Uint8Array;
  readonly response: Uint8Array;
}

const kinds = Object.keys(anyRequest) as RequestKind[];
/** Pairs that are in use at a time; one of them is drawn anew for every eighth frame. */
const CORPUS = 256;
const room = new Uint8Array(253);

function anyPair(from: Integers): Pair {
  const kind = kinds[from.between(0, kinds.length - 1)]!;
  const request = room.slice(0, encodeRequest(anyRequest[kind](from), room, 0));
  const response = from.between(0, 7) === 0 ? anyResponse.exception(from) : anyResponse[kind](from);
  return { request, response: room.slice(0, encodeResponse(response, room, 0)) };
}

/** What came of the frames so far. `refused`: by decode or checkResponse, with a ModbusError. */
export interface FuzzCounts {
  frames: number;
  bytes: number;
  delivered: number;
  requests: number;
  responses: number;
  answers: number;
  refused: number;
}

/**
 * Throws structure-aware mutations of well-formed frames at one framing and at everything behind it: splitter, decoders,
 * response check, descriptions. Whatever is thrown there that is no ModbusError, or that breaks a bound, comes out of
 * `run`. The same seed gives the same frames.
 */
export class Fuzzer {
  readonly counts: FuzzCounts = {
    frames: 0,
    bytes: 0,
    delivered: 0,
    requests: 0,
    responses: 0,
    answers: 0,
    refused: 0,
  };
  readonly #from: Integers;
  readonly #feed: Feed;
  readonly #corpus: Pair[];
  #asked: Request | undefined;

  constructor(framing: Framing, seed: number) {
    this.#from = new Integers(seed);
    this.#feed = feedOf(framing);
    this.#corpus = Array.from({ length: CORPUS }, () => anyPair(this.#from));
  }

  /** Feeds so many more frames. */
  run(frames: number): void {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      for (let count = 0; count < frames; count++) this.#frame();
    } finally {
      Error.stackTraceLimit = limit;
    }
  }

  #frame(): void {
    const from = this.#from;
    if (from.between(0, 7) === 0) this.#corpus[from.between(0, CORPUS - 1)] = anyPair(from);
    const pair = this.#corpus[from.between(0, CORPUS - 1)]!;
    const other = this.#corpus[from.between(0, CORPUS - 1)]!;
    const pdu = from.boolean() ? pair.request : pair.response;
    const unit = from.byte();
    if (pdu === pair.response && from.boolean()) {
      this.#asked = decodeRequest(pair.request, 0, pair.request.length);
      this.#feed.prepare(unit, pair.request[0]!);
    }
    const where = from.between(0, 7);
    const inside = where < 4 ? mutatePdu(from, pdu, other.request) : pdu;
    const whole = this.#feed.wrap(unit, inside);
    const bytes = where > 2 ? mutate(from, whole, other.response) : whole;
    pushInPieces(from, this.#feed, bytes, this.#each);
    if (from.between(0, 3) === 0) this.#feed.silence(this.#each);
    this.counts.frames++;
    this.counts.bytes += bytes.length;
    const excess = this.#feed.excess();
    if (excess !== "") throw new Error(`frame ${this.counts.frames}: ${excess}`);
  }

  readonly #each = (bytes: Uint8Array, start: number, end: number): void => {
    if (start < 0 || end <= start || end > bytes.length || end - start > 253) throw new Error("no PDU stands there");
    this.counts.delivered++;
    this.#attempt(() => {
      const request = decodeRequest(bytes, start, end);
      this.counts.requests++;
      if (describeRequest(request) === "") throw new Error("a request without a description");
    });
    this.#attempt(() => {
      const response = decodeResponse(bytes, start, end);
      this.counts.responses++;
      if (describeResponse(response) === "") throw new Error("a response without a description");
      if (this.#asked === undefined) return;
      checkResponse(this.#asked, response);
      this.counts.answers++;
    });
  };

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof ModbusError)) throw error;
      this.counts.refused++;
    }
  }
}
