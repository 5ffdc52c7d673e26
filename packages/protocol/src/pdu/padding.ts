import type { Request, Response } from "./messages.ts";

/**
 * The response with the bits beyond the quantity that was asked for set to zero, as they must be: what a server takes
 * from its tables byte by byte may have more. Any other response is returned as it is.
 * MODBUS Application Protocol V1.1b3 § 6.1, § 6.2
 */
export function clearPadding(request: Request, response: Response): Response {
  if (request.kind !== "read-coils" && request.kind !== "read-discrete-inputs") return response;
  if (response.kind !== request.kind) return response;
  const used = request.quantity & 7;
  const last = response.bytes.length - 1;
  const mask = (1 << used) - 1;
  if (used === 0 || last < 0 || (response.bytes[last]! & ~mask) === 0) return response;
  const bytes = response.bytes.slice();
  bytes[last]! &= mask;
  return { kind: response.kind, bytes };
}
