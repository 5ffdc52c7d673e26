import type { Where } from "@modwarden/access";
import {
  BadPduError,
  decodeRequest,
  decodeResponse,
  functionName,
  MBAP_HEADER,
  ModbusError,
  mbapTransaction,
  mbapUnit,
} from "@modwarden/protocol";
import type { Packet } from "./packet/pcap.ts";
import type { Segment } from "./packet/segment.ts";
import type { Message } from "./pairing/message.ts";
import type { Output } from "./pairing/output.ts";
import { Pairing } from "./pairing/pairing.ts";
import type { Ends } from "./pairing/transaction.ts";
import type { Counters } from "./statistics.ts";
import { AduStream } from "./stream/adus.ts";
import { Reassembly } from "./stream/reassembly.ts";

/** One TCP connection between a client and a server, from its segments to its transactions. */
export class Connection {
  /** Both sides are done, or one has reset the connection. Late copies may still come. */
  closed = false;
  readonly #units = new Set<number>();
  readonly #fromClient: Reassembly;
  readonly #fromServer: Reassembly;
  readonly #pairing: Pairing;
  readonly #output: Output;
  readonly #counters: Counters;

  constructor(
    ends: Ends,
    whereOf: (unit: number) => Where,
    output: Output,
    counters: Counters,
    maxOutstanding: number,
  ) {
    this.#output = output;
    this.#counters = counters;
    this.#pairing = new Pairing(ends, whereOf, output, counters, maxOutstanding);
    this.#fromClient = new Reassembly(this.#stream("request"), counters);
    this.#fromServer = new Reassembly(this.#stream("response"), counters);
  }

  /** Whether this SYN opens another connection between the same ports, and not this one again. */
  isOther(segment: Segment, byClient: boolean): boolean {
    const { begin } = byClient ? this.#fromClient : this.#fromServer;
    return segment.syn && begin !== undefined && begin !== ((segment.sequence + 1) | 0);
  }

  take(segment: Segment, byClient: boolean): void {
    const own = byClient ? this.#fromClient : this.#fromServer;
    const other = byClient ? this.#fromServer : this.#fromClient;
    if (segment.acknowledgement !== undefined) other.acknowledge(segment.acknowledgement, segment.packet);
    const sequence = segment.syn ? (segment.sequence + 1) | 0 : segment.sequence;
    if (segment.syn && own.begin === undefined) own.open(sequence);
    const { bytes, length, packet } = segment;
    if (length > 0) own.push({ sequence, length, bytes, packet });
    else if (!segment.syn && !segment.fin && !segment.rst) own.heartbeat(sequence);
    if (segment.fin) own.finish((sequence + length) | 0);
    const reset = segment.rst && own.expects(sequence);
    if (!this.closed && (reset || (own.finished && other.finished))) this.end();
  }

  /** Gives out what waits: no more is expected. */
  end(): void {
    this.closed = true;
    this.#fromClient.end();
    this.#fromServer.end();
    this.#pairing.end();
  }

  #stream(direction: "request" | "response"): AduStream {
    const adu =
      direction === "request"
        ? (bytes: Uint8Array, start: number, end: number, packet: Packet, offset: number) =>
            this.#pairing.request(this.#message(decodeRequest, bytes, start, end, packet, offset))
        : (bytes: Uint8Array, start: number, end: number, packet: Packet, offset: number) =>
            this.#pairing.response(this.#message(decodeResponse, bytes, start, end, packet, offset));
    const malformed = (packet: Packet, offset: number, reason: string): void => this.#malformed(packet, offset, reason);
    return new AduStream(direction, { adu, malformed }, this.#counters, this.#units);
  }

  #malformed(packet: Packet, offset: number, reason: string): void {
    this.#counters.malformed++;
    this.#output.put({ kind: "malformed", frame: packet.frame, offset, reason }, packet.time);
  }

  #message<Body>(
    decode: (bytes: Uint8Array, at: number, end: number) => Body,
    bytes: Uint8Array,
    start: number,
    end: number,
    packet: Packet,
    offset: number,
  ): Message<Body> {
    const at = start + MBAP_HEADER;
    const head = {
      packet,
      transaction: mbapTransaction(bytes, start),
      unit: mbapUnit(bytes, start),
      functionCode: bytes[at]!,
      ...(at + 1 < end ? { second: bytes[at + 1]! } : {}),
    };
    try {
      return { ...head, body: decode(bytes, at, end) };
    } catch (error) {
      if (!(error instanceof ModbusError)) throw error;
      if (!isUnknownFunction(error, head.functionCode)) this.#malformed(packet, offset, error.message);
      return { ...head, fault: error.message };
    }
  }
}

/** A function that nobody knows is well-formed as far as anyone can tell. */
function isUnknownFunction(error: ModbusError, functionCode: number): boolean {
  return functionName(functionCode & 0x7f) === undefined || (error instanceof BadPduError && error.exception === 1);
}
