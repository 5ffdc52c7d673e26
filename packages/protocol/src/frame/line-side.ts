import type { Direction } from "../pdu/refuse.ts";

/** Who listens on a serial line, and therefore what can be heard there. */
export interface LineSide {
  /** The directions that a frame of this unit and function code may have, the likeliest first; none when it is noise. */
  directions(unit: number, functionCode: number): readonly Direction[];
  /** The usual length in bytes of a PDU that does not tell its length, 0 when there is none. */
  usualLength(functionCode: number): number;
  /** A frame was recognised. */
  heard(direction: Direction, unit: number, functionCode: number): void;
  /** The line starts anew. */
  reset(): void;
}

const NOTHING: readonly Direction[] = Object.freeze([]);
const REQUEST: readonly Direction[] = Object.freeze(["request"]);
const RESPONSE: readonly Direction[] = Object.freeze(["response"]);
const REQUEST_FIRST: readonly Direction[] = Object.freeze(["request", "response"]);
const RESPONSE_FIRST: readonly Direction[] = Object.freeze(["response", "request"]);

const EXCEPTION = 0x80;
const BROADCAST = 0;
const NOBODY = -1;
const DIAGNOSTICS = 8;
/** Function code, sub-function and one word: what return query data carries unless somebody tests the line. */
const DIAGNOSTICS_BYTES = 5;

/** A client hears the response that it waits for; all else is noise. Serial Line V1.02 § 2.4.1 */
export class ClientSide implements LineSide {
  #unit = NOBODY;
  #functionCode = 0;
  #length = 0;

  /**
   * From now on the response of `unit` to `functionCode`, or its exception, is waited for. `pduLength`: its length in
   * bytes, where the request tells it and the response does not (return query data). What the splitter still holds was
   * on the line before the request and cannot answer it: call the splitter's `reset` before.
   */
  expect(unit: number, functionCode: number, pduLength = 0): void {
    this.#unit = unit;
    this.#functionCode = functionCode;
    this.#length = pduLength;
  }

  directions(unit: number, functionCode: number): readonly Direction[] {
    return unit === this.#unit && (functionCode & ~EXCEPTION) === this.#functionCode ? RESPONSE : NOTHING;
  }

  usualLength(): number {
    return this.#length;
  }

  /** One request has one response. */
  heard(): void {
    this.#unit = NOBODY;
  }

  reset(): void {
    this.#unit = NOBODY;
  }
}

/**
 * A server on a shared line hears the requests to every unit and the responses of the others, which it must tell from
 * requests: an echoed write is the same bytes. After a request to another unit, the next frame of that unit is its
 * response, if it can be one. Serial Line V1.02 § 2.4.2
 */
export class ServerSide implements LineSide {
  readonly #own: (unit: number) => boolean;
  #unit = NOBODY;
  #functionCode = 0;

  /** `own`: the units that this side answers for; nobody else's response comes from them. */
  constructor(own: (unit: number) => boolean) {
    this.#own = own;
  }

  directions(unit: number, functionCode: number): readonly Direction[] {
    if (unit === BROADCAST || this.#own(unit)) return REQUEST;
    if (functionCode >= EXCEPTION) return RESPONSE;
    return unit === this.#unit && functionCode === this.#functionCode ? RESPONSE_FIRST : REQUEST_FIRST;
  }

  usualLength(functionCode: number): number {
    return functionCode === DIAGNOSTICS ? DIAGNOSTICS_BYTES : 0;
  }

  heard(direction: Direction, unit: number, functionCode: number): void {
    this.#unit = direction === "request" ? unit : NOBODY;
    this.#functionCode = functionCode;
  }

  reset(): void {
    this.#unit = NOBODY;
  }
}
