import type { BadFrameError } from "@modwarden/protocol";
import { LineServerFraming, type ServerLine } from "./line.ts";
import { MbapServerFraming } from "./mbap.ts";

/** Who takes the requests of one connection. */
export interface FramingListener {
  /**
   * A request PDU at `at` to `end` of `bytes`, which are valid during the call only. Where the framing has no
   * transaction ids, `transaction` is a number of its own. Returning false stops the stream.
   */
  request(bytes: Uint8Array, at: number, end: number, unit: number, transaction: number): boolean;
  /** Requests came outside of a call to `push`: their frames were ended by silence. */
  settled(): void;
}

/**
 * The framing of one connection as its server sees it: bytes to requests, PDUs to replies. The rules that hold on
 * lines only live here: what is for other units is not handed on, what is broadcast is not answered, a damaged frame
 * is skipped.
 */
export interface ServerFraming {
  /** Bytes of an ADU at most. */
  readonly maxAdu: number;
  /** Bytes held of a frame whose end has to come within the frame time-out; 0 where silence ends a frame. */
  readonly pending: number;
  /** Takes bytes as they came. Returns the fault after which nothing more of this stream can be trusted. */
  push(chunk: Uint8Array): BadFrameError | undefined;
  /**
   * False for requests that nobody answers: a broadcast on a line, and, when `transaction` is given, one that its client
   * has given up, because a line has heard another frame since.
   */
  answers(unit: number, transaction?: number): boolean;
  /** Where the PDU of an ADU that begins at `start` has to be written. `maxAdu` bytes fit behind `start`. */
  begin(start: number): number;
  /** Completes the ADU that begins at `start` and whose PDU ends at `end`. Returns its end. */
  finish(out: Uint8Array, start: number, end: number, unit: number, transaction: number): number;
  /** Changes the last character of an ASCII frame. MODBUS Application Protocol V1.1b3 § 6.8, sub-function 3 */
  setDelimiter(character: number): void;
  /** The connection has ended. */
  close(): void;
}

/** `line`: for RTU and ASCII; without it the connection has the framing of Modbus/TCP. */
export function createServerFraming(line: ServerLine | undefined, listener: FramingListener): ServerFraming {
  return line === undefined ? new MbapServerFraming(listener) : new LineServerFraming(line, listener);
}
