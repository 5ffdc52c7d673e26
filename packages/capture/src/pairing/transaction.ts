import { type Access, accessesOf, type Where } from "@modwarden/access";
import {
  checkResponse,
  type ExceptionResponse,
  ModbusError,
  type Request,
  type Response,
  subfunctionOf,
  unpackBits,
} from "@modwarden/protocol";
import type { CapturedTransaction } from "../item.ts";
import type { Message } from "./message.ts";

export type RequestMessage = Message<Request>;
export type ResponseMessage = Message<Response | ExceptionResponse>;

/** The two ends of a connection, `address:port`. */
export interface Ends {
  readonly client: string;
  readonly server: string;
}

/** Function codes that no device writes anything for. Of all others without a readable body it is not known. */
const reading: ReadonlySet<number> = new Set([1, 2, 3, 4, 7, 11, 12, 17, 20, 24]);

/** A request, with its response where there is one. */
export function exchange(
  ends: Ends,
  where: Where,
  request: RequestMessage,
  response: ResponseMessage | undefined,
): CapturedTransaction {
  const accesses = request.body === undefined ? [unreadable(where)] : accessesOf(request.body, where);
  const unfit = response === undefined ? undefined : unfitness(request, response);
  const fault = request.fault ?? response?.fault ?? unfit;
  return {
    kind: "transaction",
    time: request.packet.time,
    requestFrame: request.packet.frame,
    responseFrame: response?.packet.frame ?? null,
    ...ends,
    transport: "tcp",
    transaction: request.transaction,
    unit: request.unit,
    functionCode: request.functionCode,
    ...subfunction(request.body),
    ...(request.body === undefined ? {} : { request: request.body }),
    ...(response?.body === undefined ? {} : { response: response.body }),
    accesses,
    write: accesses.some((access) => access.write),
    exception: exceptionOf(response),
    ...(unfit === undefined ? valuesOf(request.body, response?.body) : {}),
    latencyMs: response === undefined ? null : milliseconds(response.packet.time - request.packet.time),
    matched: response !== undefined,
    ...(fault === undefined ? {} : { fault }),
  };
}

/** A response whose request was not recorded. */
export function lonelyResponse(ends: Ends, response: ResponseMessage): CapturedTransaction {
  const functionCode = response.functionCode & 0x7f;
  return {
    kind: "transaction",
    time: response.packet.time,
    requestFrame: null,
    responseFrame: response.packet.frame,
    ...ends,
    transport: "tcp",
    transaction: response.transaction,
    unit: response.unit,
    functionCode,
    ...subfunction(response.body),
    ...(response.body === undefined ? {} : { response: response.body }),
    accesses: [],
    write: !reading.has(functionCode),
    exception: exceptionOf(response),
    latencyMs: null,
    matched: false,
    ...(response.fault === undefined ? {} : { fault: response.fault }),
  };
}

/** Why the response does not answer the request; undefined: it does, or one of the two cannot be read. */
export function unfitness(request: RequestMessage, response: ResponseMessage): string | undefined {
  if (request.body === undefined || response.body === undefined) return undefined;
  try {
    checkResponse(request.body, response.body);
    return undefined;
  } catch (error) {
    if (error instanceof ModbusError) return error.message;
    throw error;
  }
}

/** What it touches is not known. Unsure means no: it counts as a write. */
function unreadable({ device, unit }: Where): Access {
  return { device, unit, table: null, address: 0, quantity: 0, write: true };
}

function subfunction(message: Request | Response | ExceptionResponse | undefined): { readonly subfunction?: number } {
  const code = message === undefined ? undefined : subfunctionOf(message);
  return code === undefined ? {} : { subfunction: code };
}

function exceptionOf(response: ResponseMessage | undefined): number | null {
  if (response === undefined || response.functionCode < 0x80) return null;
  return response.second ?? null;
}

function valuesOf(
  request: Request | undefined,
  response: Response | ExceptionResponse | undefined,
): { readonly values?: readonly number[] } {
  if (request === undefined || response === undefined) return {};
  switch (response.kind) {
    case "read-coils":
    case "read-discrete-inputs":
      if (request.kind !== response.kind) return {};
      return { values: unpackBits(response.bytes, request.quantity).map((bit) => (bit ? 1 : 0)) };
    case "read-holding-registers":
    case "read-input-registers":
    case "read-write-multiple-registers":
      return { values: Array.from(response.registers) };
    default:
      return {};
  }
}

/** To the microsecond: what the recording's clock and the number's precision give. */
function milliseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1000;
}
