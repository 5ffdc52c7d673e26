import { type Codec, freeze } from "../codec.ts";
import type { ExceptionResponse } from "./messages.ts";
import { checkRange, expectLength, refuse } from "./refuse.ts";

/** MODBUS Application Protocol V1.1b3 § 7; 7 stands in the diagnostics text and in older editions. */
const names: readonly (string | undefined)[] = Object.freeze([
  undefined,
  "illegal function",
  "illegal data address",
  "illegal data value",
  "server device failure",
  "acknowledge",
  "server device busy",
  "negative acknowledge",
  "memory parity error",
  undefined,
  "gateway path unavailable",
  "gateway target device failed to respond",
]);

/** The specification's name of an exception code, or "unassigned exception". */
export function exceptionName(code: number): string {
  return names[code] ?? "unassigned exception";
}

/**
 * The answer to a request that is not carried out: the request's function code with bit 7 set, and why.
 * Unassigned codes are passed on as they are, so that a client can show them. § 7
 */
export const exceptionResponse: Codec<ExceptionResponse> = freeze({
  kind: "exception",
  functionCode: 0x80,
  size: () => 2,
  encode(message, out, at) {
    checkRange(message.functionCode, 0, 0xff, "function code");
    checkRange(message.exception, 1, 0xff, "exception code");
    out[at] = message.functionCode | 0x80;
    out[at + 1] = message.exception;
    return at + 2;
  },
  decode(bytes, at, end) {
    expectLength("response", at, end, 2);
    const exception = bytes[at + 1]!;
    if (exception === 0) refuse("response", 3, "exception code 0 does not exist");
    return { kind: "exception", functionCode: bytes[at]! & 0x7f, exception };
  },
  describe: (message) =>
    `exception ${message.exception} (${exceptionName(message.exception)}) to function ${message.functionCode}`,
});
