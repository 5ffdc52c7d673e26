import type { TLSSocket } from "node:tls";

/** What Node calls every reason of OpenSSL's that it has no name for. */
const UNNAMED = "UNSPECIFIED";

/**
 * Why the certificate of a client that a TLS server has turned away does not verify, such as `CERT_REVOKED`; undefined
 * when that was not the reason. Node sends no alert for it, and says it nowhere else.
 */
export function certificateProblemOf(socket: TLSSocket): string | undefined {
  // Typed as an error; what Node puts there is the error's code.
  const problem: unknown = socket.authorizationError;
  if (problem === undefined || problem === null) return undefined;
  const code = problem instanceof Error ? problem.message : String(problem);
  if (code !== UNNAMED) return code;
  return `${code}: look for a critical extension that TLS does not know, a weak key or signature, a broken constraint`;
}
