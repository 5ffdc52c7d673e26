import {
  exceptionName,
  functionCodes,
  ModbusError,
  type Request,
  type RequestKind,
  type Response,
  type ResponseTo,
} from "@modwarden/protocol";
import type { Transport } from "../link/link.ts";

/** Where a request came from. */
export interface RequestContext {
  readonly unit: number;
  readonly transport: Transport;
  /** The client's address and port. */
  readonly peer: string;
  /** DER of the client's certificate, over TLS. */
  readonly certificate: Uint8Array | undefined;
  /** Changes the character that ends an ASCII frame behind CR, from now on; any other framing has none. */
  readonly setDelimiter: (character: number) => void;
  /** Ends this connection; nothing that is still to be answered on it will be. */
  readonly disconnect: () => void;
}

/** Returned by a handler that gives no answer at all, as a device does that is switched off. */
export const noReply: unique symbol = Symbol("no reply");

/** Bytes that go out in place of a response, whatever they are. For simulated faults. */
export interface RawReply {
  readonly kind: "raw";
  readonly bytes: Uint8Array;
}

export type HandlerResult<Answer extends Response = Response> = Answer | typeof noReply | RawReply;

/** Answers every request that is well-formed. */
export type HandlerFunction = (request: Request, context: RequestContext) => HandlerResult | Promise<HandlerResult>;

/** One method per kind of request; a kind without one is answered with 01, illegal function. */
export type HandlerMethods = {
  readonly [Kind in RequestKind]?: (
    request: Extract<Request, { readonly kind: Kind }>,
    context: RequestContext,
  ) => HandlerResult<ResponseTo<Kind>> | Promise<HandlerResult<ResponseTo<Kind>>>;
};

export type Handler = HandlerFunction | HandlerMethods;

/** Thrown by a handler: the client gets this exception. 2 for an address that does not exist, 10 for a unit, … */
export class ServerException extends Error {
  readonly exception: number;

  constructor(exception: number) {
    if (!Number.isInteger(exception) || exception < 1 || exception > 255) {
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `an exception code is 1 to 255, not ${exception}`);
    }
    super(`exception ${exception} (${exceptionName(exception)})`);
    this.name = "ServerException";
    this.exception = exception;
  }
}

/** A handler in the form the server calls, and the function codes it has an answer for. */
export interface CompiledHandler {
  readonly handle: HandlerFunction;
  /** By function code: 1 when the handler answers it. */
  readonly supported: Uint8Array;
}

/**
 * The function code is judged before anything else of a request (MODBUS Application Protocol V1.1b3 § 7), so what the
 * handler lacks has to be known by code.
 */
export function compileHandler(handler: Handler): CompiledHandler {
  const supported = new Uint8Array(256);
  for (const { code, request } of functionCodes) {
    const kind = request.kind as RequestKind;
    if (typeof handler === "function" || handler[kind] !== undefined) supported[code] = 1;
  }
  if (typeof handler === "function") return { handle: handler, supported };
  return {
    supported,
    handle(request, context) {
      const method = handler[request.kind] as HandlerFunction | undefined;
      if (method === undefined) throw new ServerException(1);
      return method.call(handler, request, context);
    },
  };
}
