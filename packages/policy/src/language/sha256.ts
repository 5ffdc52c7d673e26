/** There is no way to hash text without a hash function: a browser passes its own. */
export class NoHashError extends Error {
  readonly code = "ERR_POLICY_NO_HASH";
}

/**
 * SHA-256 of UTF-8 text, in hex. The runtime's own module is asked for by name at the time of need, so that this room
 * loads where there is none.
 */
export function sha256(text: string): string {
  const crypto = globalThis.process?.getBuiltinModule?.("node:crypto");
  if (crypto === undefined) throw new NoHashError("this runtime has no node:crypto: pass sha256 to compilePolicy");
  return crypto.createHash("sha256").update(text, "utf8").digest("hex");
}
