import { AbortedError, ClosedError, RefusedError } from "../errors.ts";
import type { Link } from "../link/link.ts";
import type { Call } from "./call.ts";

/** Of a request that was still waiting for its turn when the connection ended with `error`. */
export function neverSent(error: Error): Error {
  if (!(error instanceof ClosedError)) return error;
  return new ClosedError(`${error.message}; the request was not sent`, { cause: error.cause, sent: false });
}

export function aborted(call: Call): AbortedError {
  return new AbortedError(`given up by its caller: ${call.describe()}`, { cause: call.options.signal?.reason });
}

/**
 * The peer has ended the connection. With TLS 1.3 a client's handshake is over before the server has looked at its
 * certificate, so a refusal arrives as the end of a connection on which the server has never said anything.
 */
export function lost({ peer, transport }: Link, heard: boolean, cause: Error | undefined): Error {
  const options = cause === undefined ? {} : { cause };
  const reason = cause === undefined ? "" : `: ${cause.message}`;
  if (transport === "tls" && !heard) {
    const message = `${peer} closed the TLS connection before its first answer, as a server does that refuses a certificate`;
    return new RefusedError(`${message}${reason}`, options);
  }
  return new ClosedError(`${peer} closed the connection${reason}`, options);
}
