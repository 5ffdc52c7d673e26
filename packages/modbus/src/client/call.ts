import {
  BadResponseError,
  checkResponse,
  decodeResponse,
  describeRequest,
  ExceptionResponseError,
  exceptionName,
  type Request,
  type RequestKind,
  type Response,
  type ResponseTo,
} from "@modwarden/protocol";
import type { RequestOptions } from "./sender.ts";

/** How the promise of a request ends: exactly one of the two is called, once. */
export interface Settle<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One request from its start to its end: all that is kept of it, in one object beside its promise, because a client
 * makes one for every request.
 */
export abstract class Call {
  readonly unit: number;
  readonly options: RequestOptions;
  readonly reject: (error: unknown) => void;
  /** A copy of the PDU while it waits for its turn. */
  pdu: Uint8Array | undefined = undefined;
  /** Its place in the table of open requests; -1 while it waits for its turn. */
  place = -1;
  transaction = -1;
  onAbort: (() => void) | undefined = undefined;

  constructor(unit: number, options: RequestOptions, reject: (error: unknown) => void) {
    this.unit = unit;
    this.options = options;
    this.reject = reject;
  }

  abstract describe(): string;

  /**
   * Reads the response PDU at `at` to `end`; what it throws rejects the request. An empty one ends a broadcast on a
   * line, which nobody answers.
   */
  abstract answer(bytes: Uint8Array, at: number, end: number, unit: number): void;
}

/** A request of the protocol: its answer is decoded, checked against it, and `take` makes the result of it. */
export class RequestCall<Kind extends RequestKind, Result> extends Call {
  readonly #request: Extract<Request, { readonly kind: Kind }>;
  readonly #take: (response: ResponseTo<Kind>) => Result;
  readonly #resolve: (result: Result) => void;
  readonly #anyUnit: boolean;
  /** What a broadcast resolves to. */
  readonly #toAll: Response | undefined;

  constructor(
    request: Extract<Request, { readonly kind: Kind }>,
    take: (response: ResponseTo<Kind>) => Result,
    settle: Settle<Result>,
    unit: number,
    options: RequestOptions,
    how: { readonly anyUnit: boolean; readonly toAll: Response | undefined },
  ) {
    super(unit, options, settle.reject);
    this.#request = request;
    this.#take = take;
    this.#resolve = settle.resolve;
    this.#anyUnit = how.anyUnit;
    this.#toAll = how.toAll;
  }

  describe(): string {
    return describeRequest(this.#request);
  }

  answer(bytes: Uint8Array, at: number, end: number, unit: number): void {
    if (this.#toAll !== undefined && at === end) {
      this.#resolve(this.#take(this.#toAll as ResponseTo<Kind>));
      return;
    }
    checkAnswered(this.unit, unit, this.#anyUnit);
    const response = decodeResponse(bytes, at, end);
    checkResponse(this.#request, response);
    if (response.kind === "exception") {
      const { functionCode, exception } = response;
      throw new ExceptionResponseError(functionCode, exception, exceptionName(exception));
    }
    // `checkResponse` has compared the kinds.
    this.#resolve(this.#take(response as ResponseTo<Kind>));
  }
}

/** A PDU as it is: its answer is handed on as it came. */
export class RawCall extends Call {
  readonly #functionCode: number;
  readonly #resolve: (pdu: Uint8Array) => void;
  readonly #anyUnit: boolean;

  constructor(
    functionCode: number,
    settle: Settle<Uint8Array>,
    unit: number,
    options: RequestOptions,
    anyUnit: boolean,
  ) {
    super(unit, options, settle.reject);
    this.#functionCode = functionCode;
    this.#resolve = settle.resolve;
    this.#anyUnit = anyUnit;
  }

  describe(): string {
    return `function ${this.#functionCode}`;
  }

  answer(bytes: Uint8Array, at: number, end: number, unit: number): void {
    checkAnswered(this.unit, unit, this.#anyUnit);
    this.#resolve(bytes.slice(at, end));
  }
}

/** MODBUS Messaging on TCP/IP V1.0b § 4.4.2.3: the unit is copied back. */
function checkAnswered(asked: number, answered: number, anyUnit: boolean): void {
  if (asked === answered || anyUnit) return;
  throw new BadResponseError(`unit ${asked} was asked and unit ${answered} answered (anyUnit accepts that)`);
}
