import type { Access } from "@modwarden/access";
import type { ExceptionResponse, Request, Response } from "@modwarden/protocol";

/**
 * A request and its response as they were recorded, or one of the two alone.
 * Of a response without request the objects are not known: `accesses` is empty, `functionCode` is without bit 7.
 */
export interface CapturedTransaction {
  readonly kind: "transaction";
  /** Seconds since 1970: of the request, else of the response. */
  readonly time: number;
  /** The frame that completes the request, 1-based as Wireshark counts; null: no request was recorded. */
  readonly requestFrame: number | null;
  readonly responseFrame: number | null;
  /** `address:port` */
  readonly client: string;
  readonly server: string;
  readonly transport: "tcp";
  /** MBAP transaction id. */
  readonly transaction: number;
  readonly unit: number;
  /** As the client sent it, bit 7 included where it set it. */
  readonly functionCode: number;
  /** The sub-function of 8, the MEI type of 43. */
  readonly subfunction?: number;
  /** Absent where the function code is unknown or the body cannot be read; `fault` then says why. */
  readonly request?: Request;
  readonly response?: Response | ExceptionResponse;
  /** What the request touches. A request whose body cannot be read is one access without table that counts as a write. */
  readonly accesses: readonly Access[];
  readonly write: boolean;
  /** The exception code of the response, also when it is unassigned. */
  readonly exception: number | null;
  /** What a read returned: raw u16 per register, 0 or 1 per bit. Absent where the response does not fit the request. */
  readonly values?: readonly number[];
  /** From the request's last byte to the response's. */
  readonly latencyMs: number | null;
  /** Both were recorded. */
  readonly matched: boolean;
  /** What is wrong: a body that cannot be read, or a response that does not answer its request. */
  readonly fault?: string;
}

/** Bytes that are not what they should be; reading goes on behind them. */
export interface MalformedInput {
  readonly kind: "malformed";
  readonly frame: number;
  /** Offset in the file. */
  readonly offset: number;
  readonly reason: string;
}

export type CapturedItem = CapturedTransaction | MalformedInput;
