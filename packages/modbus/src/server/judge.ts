import { addressOverflow, BadPduError, decodeRequest, type Request } from "@modwarden/protocol";

/**
 * The request PDU at `at` to `end`, or the exception it gets before a handler sees it. The order of judgement is
 * function (01), body (03), address arithmetic (02). MODBUS Application Protocol V1.1b3 § 7
 */
export function judge(supported: Uint8Array, bytes: Uint8Array, at: number, end: number): Request | number {
  if (supported[bytes[at]!] === 0) return 1;
  let request: Request;
  try {
    request = decodeRequest(bytes, at, end);
  } catch (error) {
    if (error instanceof BadPduError) return error.exception;
    throw error;
  }
  return addressOverflow(request) ? 2 : request;
}
