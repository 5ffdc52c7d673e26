import type { BadFrameError } from "@modwarden/protocol";

/** What became of each request, named by the token it was sent with. `bytes` is valid during the call only. */
export interface TransactionListener {
  /**
   * The response PDU stands at `start` to `end`; `unit` is the one the peer wrote. Not checked against the request.
   * An empty PDU: the request was broadcast on a line, the devices have had their time, and nobody answers.
   */
  answered(token: number, bytes: Uint8Array, start: number, end: number, unit: number): void;
  /** No answer in time. The connection stays; an answer that still comes is reported as unsolicited and late. */
  timedOut(token: number): void;
  /** The connection ended first. */
  lost(token: number): void;
  /** An answer to nothing that is open. `late` when it answers a request that timed out or was given up. */
  unsolicited(transaction: number, late: boolean): void;
  /** The stream holds a frame that cannot be one, so nothing behind it can be trusted: end the connection and `drop`. */
  broken(error: BadFrameError): void;
}

/**
 * Matches the responses of one connection to its requests. The owner calls `expire` at `nextDeadline` and asks
 * `hasRoom` before every `send`.
 */
export interface ClientEngine {
  /** A request may be sent now. */
  readonly hasRoom: boolean;
  readonly inFlight: number;
  /** Nothing times out, and no room appears, before this moment of the engine's clock; infinite when there is none. */
  readonly nextDeadline: number;
  /**
   * Sends the PDU at `at` to `end` of `bytes` and returns the transaction's id. `token` comes back with its outcome.
   * Throws `ERR_MODBUS_CLOSED` after `drop`, and `ERR_MODBUS_QUEUE_FULL` when there is no room.
   */
  send(bytes: Uint8Array, at: number, end: number, unit: number, token: number, timeoutMs?: number): number;
  /** Throws `ERR_MODBUS_BAD_VALUE` for a unit, time-out or broadcast that `send` would refuse. */
  check(unit: number, timeoutMs: number, functionCode?: number): void;
  /** Gives an open transaction up without a word to the listener; its answer will be late. False when it is not open. */
  cancel(transaction: number): boolean;
  /** Bytes from the peer, cut anywhere. */
  receive(chunk: Uint8Array): void;
  /** Times out what is due. */
  expire(): void;
  /** The connection has ended: every open request is lost and nothing can be sent any more. */
  drop(): void;
}
