import type { ExceptionResponse, ModbusError, Request, Response } from "@modwarden/protocol";
import type { Transport } from "../link/link.ts";

interface TraceMoment {
  /** Milliseconds since 1970, with fractions. */
  readonly time: number;
  /** Milliseconds since the event before, on this connection; undefined for the first. */
  readonly gapMs: number | undefined;
  /** The peer's address and port. */
  readonly peer: string;
  readonly transport: Transport;
}

interface TraceBytes extends TraceMoment {
  /** Sent by this side. */
  readonly outgoing: boolean;
  /** As they were on the wire. A copy. */
  readonly bytes: Uint8Array;
}

/** One frame with a request in it. */
export interface TraceRequest extends TraceBytes {
  readonly kind: "request";
  readonly unit: number;
  /** Where the framing has one. */
  readonly transaction: number | undefined;
  /** Undefined when `fault` says why it cannot be read. */
  readonly message: Request | undefined;
  readonly fault: ModbusError | undefined;
}

/** One frame with a response in it. */
export interface TraceResponse extends TraceBytes {
  readonly kind: "response";
  readonly unit: number;
  readonly transaction: number | undefined;
  readonly message: Response | ExceptionResponse | undefined;
  /** Why it cannot be read, or does not answer its request. */
  readonly fault: ModbusError | undefined;
  /** The request that it answers; undefined for none, and for one from before the trace was on. */
  readonly request: Request | undefined;
  /** Milliseconds since that request. */
  readonly elapsedMs: number | undefined;
}

/** Bytes that are no frame. */
export interface TraceNoise extends TraceBytes {
  readonly kind: "noise";
  readonly fault: ModbusError;
}

/** The connection has ended. */
export interface TraceClosed extends TraceMoment {
  readonly kind: "closed";
  /** Why it broke; undefined when it ended. */
  readonly cause: Error | undefined;
}

/** What a trace shows. */
export type TraceEvent = TraceRequest | TraceResponse | TraceNoise | TraceClosed;

export type TraceListener = (event: TraceEvent) => void;
