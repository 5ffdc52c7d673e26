import {
  exceptionName,
  ModbusError,
  type Request,
  type RequestKind,
  type Response,
  type ResponseTo,
} from "@modwarden/protocol";
import type { Transport } from "../link/link.ts";
import type { RoleProblem } from "../security/role.ts";
import type { UnitRoutes } from "./routes.ts";

/** Where a request came from. */
export interface RequestContext {
  readonly unit: number;
  /** It is for every unit of the line and nobody will hear what is returned. Only lines have this. */
  readonly broadcast: boolean;
  readonly transport: Transport;
  /** The client's address and port. */
  readonly peer: string;
  /** DER of the client's certificate, over TLS. */
  readonly certificate: Uint8Array | undefined;
  /**
   * The role in that certificate; null is the NULL role, which is also that of everybody who shows no certificate.
   * MB-TCP-Security v36
   */
  readonly role: string | null;
  /** Why a certificate gives no role; undefined when it does, and where there is none. */
  readonly roleProblem: RoleProblem | undefined;
  /** Aborted when the connection has ended, for whatever reason: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
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

export type Handler = HandlerFunction | HandlerMethods | UnitRoutes;

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
