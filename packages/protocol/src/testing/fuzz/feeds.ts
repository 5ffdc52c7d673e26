import {
  AsciiSplitter,
  asciiFrame,
  ClientSide,
  defineFunction,
  encodeFrame,
  type LineSplitter,
  MBAP_HEADER,
  MbapSplitter,
  RtuSplitter,
  rtuFrame,
  ServerSide,
} from "../../index.ts";
import type { Integers } from "../integers.ts";

export const framings = ["tcp", "rtu", "ascii"] as const;
export type Framing = (typeof framings)[number];

/** Called with each PDU that a splitter delivers. */
export type EachPdu = (bytes: Uint8Array, start: number, end: number) => void;

/** A framing as the fuzzer uses it. */
export interface Feed {
  /** A whole frame around any PDU, also one that is too long. */
  wrap(unit: number, pdu: Uint8Array): Uint8Array;
  /** Before a frame: a client starts to wait for its answer. */
  prepare(unit: number, functionCode: number): void;
  push(chunk: Uint8Array, each: EachPdu): void;
  silence(each: EachPdu): void;
  /** What is against the bounds: bytes held, work done. Empty when all is well. */
  excess(): string;
}

class TcpFeed implements Feed {
  #splitter = new MbapSplitter();
  #transaction = 0;

  wrap(unit: number, pdu: Uint8Array): Uint8Array {
    this.#transaction = (this.#transaction + 1) & 0xffff;
    return encodeFrame({ transport: "tcp", unit, transaction: this.#transaction }, pdu);
  }

  prepare(): void {}

  /** A fault ends the stream; the next frame comes on a new connection. */
  push(chunk: Uint8Array, each: EachPdu): void {
    const fault = this.#splitter.push(chunk, (bytes, start, end) => {
      each(bytes, start + MBAP_HEADER, end);
      return true;
    });
    if (fault !== undefined) this.#splitter = new MbapSplitter();
  }

  silence(): void {
    this.#splitter = new MbapSplitter();
  }

  excess(): string {
    return this.#splitter.pending > 259 ? `${this.#splitter.pending} bytes held` : "";
  }
}

/** A client and a server on the same line; both hear everything. */
class LineFeed implements Feed {
  readonly wrap: (unit: number, pdu: Uint8Array) => Uint8Array;
  readonly #client: LineSplitter;
  readonly #server: LineSplitter;
  readonly #side: ClientSide;
  readonly #held: number;
  #bytes = 0;

  constructor(
    wrap: (unit: number, pdu: Uint8Array) => Uint8Array,
    held: number,
    split: (side: ClientSide | ServerSide) => LineSplitter,
  ) {
    this.wrap = wrap;
    this.#held = held;
    this.#side = new ClientSide();
    this.#client = split(this.#side);
    this.#server = split(new ServerSide((unit) => unit < 100));
  }

  prepare(unit: number, functionCode: number): void {
    this.#client.reset();
    this.#side.expect(unit, functionCode & 0x7f, functionCode === 8 ? 5 : 0);
  }

  push(chunk: Uint8Array, each: EachPdu): void {
    this.#bytes += chunk.length;
    for (const splitter of [this.#client, this.#server]) {
      splitter.push(chunk, (bytes, start, end) => {
        each(bytes, start, end);
        return true;
      });
    }
  }

  silence(each: EachPdu): void {
    for (const splitter of [this.#client, this.#server]) {
      splitter.silence((bytes, start, end) => {
        each(bytes, start, end);
        return true;
      });
    }
  }

  excess(): string {
    for (const splitter of [this.#client, this.#server]) {
      if (splitter.pending > this.#held) return `${splitter.pending} bytes held`;
      const { summed, frames, skipped } = splitter.counters;
      if (summed > 3 * 256 * this.#bytes) return `${summed} bytes summed for ${this.#bytes} heard`;
      if (frames > this.#bytes / 4 || skipped > this.#bytes) return `${frames} frames, ${skipped} bytes skipped`;
    }
    return "";
  }
}

const counted = {
  encode: (data: Uint8Array): Uint8Array => data,
  decode: (data: Uint8Array): Uint8Array => data,
  length: (data: Uint8Array): number | undefined => (data.length === 0 ? undefined : 1 + data[0]!),
};
/** Of the vendors' codes these tell their length, the others do not. */
const functions = [65, 66, 100].map((functionCode) =>
  defineFunction({ functionCode, name: "counted", request: counted, response: counted }),
);

export function feedOf(framing: Framing): Feed {
  if (framing === "tcp") return new TcpFeed();
  if (framing === "rtu") return new LineFeed(rtuFrame, 256, (side) => new RtuSplitter(side, functions));
  return new LineFeed(asciiFrame, 512, (side) => new AsciiSplitter(side));
}

/** Pushes the bytes whole or in pieces. */
export function pushInPieces(from: Integers, feed: Feed, bytes: Uint8Array, each: EachPdu): void {
  const pieces = from.between(0, 3) === 0 ? from.between(2, 5) : 1;
  let at = 0;
  for (let piece = 1; piece < pieces; piece++) {
    const end = from.between(at, bytes.length);
    feed.push(bytes.subarray(at, end), each);
    at = end;
  }
  feed.push(bytes.subarray(at), each);
}
