import {
  type ExceptionResponse,
  encodeRequest,
  encodeResponse,
  type Request,
  type Response,
} from "@modwarden/protocol";
import { type End, ethernetFrame, ipPacket, pcapFile, type WrittenPacket, type WrittenSegment } from "./pcap-writer.ts";

export type Side = "client" | "server";

interface Ends {
  readonly client: End;
  readonly server: End;
  /** Sequence numbers of the two SYNs. */
  readonly begins: Readonly<Record<Side, number>>;
}

const usual: Ends = {
  client: { address: 0x0a000001, port: 49_152 },
  server: { address: 0x0a000002, port: 502 },
  begins: { client: 1000, server: 2000 },
};

/** A TCP connection that keeps count of what both sides have sent, and makes the segments of it. */
export class Conversation {
  readonly #ends: Ends;
  readonly #next: Record<Side, number>;

  constructor(ends: Partial<Ends> = {}) {
    this.#ends = { ...usual, ...ends };
    this.#next = { client: this.#ends.begins.client + 1, server: this.#ends.begins.server + 1 };
  }

  /** Sequence number of the next byte of this side. */
  next(side: Side): number {
    return this.#next[side];
  }

  /** Any segment, which changes no count: `offset` bytes from where this side is. */
  segment(side: Side, offset: number, payload: Uint8Array, more: Partial<WrittenSegment> = {}): WrittenSegment {
    const { client, server } = this.#ends;
    const other = side === "client" ? "server" : "client";
    return {
      from: side === "client" ? client : server,
      to: side === "client" ? server : client,
      sequence: this.#next[side] + offset,
      acknowledgement: this.#next[other],
      payload,
      ...more,
    };
  }

  /** The three segments that open the connection. */
  open(): WrittenSegment[] {
    const syn = this.segment("client", -1, new Uint8Array(), { syn: true });
    const { acknowledgement: _, ...first } = syn;
    return [
      first,
      this.segment("server", -1, new Uint8Array(), { syn: true }),
      this.segment("client", 0, new Uint8Array()),
    ];
  }

  /** The segments of `bytes`, cut at these places. */
  send(side: Side, bytes: Uint8Array, cuts: readonly number[] = []): WrittenSegment[] {
    const places = [0, ...[...new Set(cuts)].filter((cut) => cut > 0 && cut < bytes.length).sort((a, b) => a - b)];
    const segments = places.map((from, index) => this.segment(side, from, bytes.subarray(from, places[index + 1])));
    this.#next[side] += bytes.length;
    return segments;
  }

  close(): WrittenSegment[] {
    return [
      this.segment("client", 0, new Uint8Array(), { fin: true }),
      this.segment("server", 0, new Uint8Array(), { fin: true }),
    ];
  }
}

/** A capture of these segments over Ethernet, one every millisecond. */
export function capture(segments: readonly WrittenSegment[]): Uint8Array {
  return pcapFile(packetsOf(segments));
}

export function packetsOf(segments: readonly WrittenSegment[]): WrittenPacket[] {
  return segments.map((segment, index) => ({ bytes: ethernetFrame(ipPacket(segment)), time: 1000 + index / 1000 }));
}

export function requestAdu(transaction: number, unit: number, request: Request): Uint8Array {
  return adu(transaction, unit, (out) => encodeRequest(request, out, 0));
}

export function responseAdu(transaction: number, unit: number, response: Response | ExceptionResponse): Uint8Array {
  return adu(transaction, unit, (out) => encodeResponse(response, out, 0));
}

function adu(transaction: number, unit: number, encode: (out: Uint8Array) => number): Uint8Array {
  const pdu = new Uint8Array(253);
  const length = encode(pdu);
  return Uint8Array.of(transaction >> 8, transaction, 0, 0, 0, length + 1, unit, ...pdu.subarray(0, length));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
