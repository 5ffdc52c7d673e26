import { BadPduError, ModbusError } from "../errors.ts";
import { MAX_PDU } from "../limits.ts";
import { exceptionResponse } from "./exception.ts";
import type { FunctionCode } from "./function-codes.ts";
import { ENCAPSULATED_INTERFACE, encapsulatedFunctionOf, functionOf, functionOfMessage } from "./lookup.ts";
import type { ExceptionResponse, Request, Response } from "./messages.ts";
import { type Direction, refuse } from "./refuse.ts";

/**
 * The order of checks is that of § 7's state diagram: the function code and its sub-code first (01), then lengths and
 * values (03). An empty PDU has no function code that could be unknown, so it counts as a wrong length.
 */
function find(direction: Direction, bytes: Uint8Array, at: number, end: number): FunctionCode {
  if (at < 0 || end > bytes.length) refuse(direction, 3, "the PDU lies outside its bytes");
  if (at >= end) refuse(direction, 3, "an empty PDU has no function code");
  const code = bytes[at]!;
  let row = functionOf(code);
  if (code === ENCAPSULATED_INTERFACE) {
    if (end - at < 2) refuse(direction, 3, "the MEI type is missing");
    row = encapsulatedFunctionOf(bytes[at + 1]!);
    if (row === undefined) refuse(direction, 1, `MEI type ${bytes[at + 1]} is unknown`);
  }
  if (row === undefined) refuse(direction, 1, `function code ${code} is unknown`);
  if (end - at > MAX_PDU) refuse(direction, 3, `the PDU has ${end - at} bytes, at most ${MAX_PDU} are allowed`);
  return row;
}

/** Reads the request PDU that occupies exactly `at` to `end`. Throws BadPduError, whose `exception` a server answers. */
export function decodeRequest(bytes: Uint8Array, at: number, end: number): Request {
  return find("request", bytes, at, end).request.decode(bytes, at, end);
}

/** Reads the response PDU that occupies exactly `at` to `end`. Throws BadResponseError. */
export function decodeResponse(bytes: Uint8Array, at: number, end: number): Response | ExceptionResponse {
  if (at >= 0 && at < end && end <= bytes.length && bytes[at]! >= 0x80) return exceptionResponse.decode(bytes, at, end);
  return find("response", bytes, at, end).response.decode(bytes, at, end);
}

function rowOf(message: Request | Response): FunctionCode {
  const row = functionOfMessage(message);
  if (row === undefined)
    throw new BadPduError(1, `no function code carries a message of kind "${message.kind}" like this`);
  return row;
}

/** Typed arrays swallow writes beyond their end, so the room is checked before. */
function expectRoom(out: Uint8Array, at: number, size: number): void {
  if (at < 0 || out.length - at < size) {
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `${size} bytes do not fit at ${at} of a buffer of ${out.length}`);
  }
}

/**
 * Writes the request PDU at `at` and returns the offset behind it.
 * Throws BadPduError for a message outside the limits, ERR_MODBUS_BAD_VALUE when `out` is too small.
 */
export function encodeRequest(request: Request, out: Uint8Array, at: number): number {
  const codec = rowOf(request).request;
  expectRoom(out, at, codec.size(request));
  return codec.encode(request, out, at);
}

/** As `encodeRequest`, for a response or an exception. */
export function encodeResponse(response: Response | ExceptionResponse, out: Uint8Array, at: number): number {
  const codec = response.kind === "exception" ? exceptionResponse : rowOf(response).response;
  expectRoom(out, at, codec.size(response as never));
  return codec.encode(response as never, out, at);
}

/** Bytes of the request PDU. */
export function requestSize(request: Request): number {
  return rowOf(request).request.size(request);
}

/** Bytes of the response PDU. */
export function responseSize(response: Response | ExceptionResponse): number {
  return response.kind === "exception" ? exceptionResponse.size(response) : rowOf(response).response.size(response);
}

/** One line for people. */
export function describeRequest(request: Request): string {
  return rowOf(request).request.describe(request);
}

/** One line for people. */
export function describeResponse(response: Response | ExceptionResponse): string {
  if (response.kind === "exception") return exceptionResponse.describe(response);
  return rowOf(response).response.describe(response);
}
