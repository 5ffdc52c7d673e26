import type { KeyRow } from "../registry/schema.ts";

export type KeyState = "open" | "used-up" | "expired" | "revoked";

export function stateOf(row: Pick<KeyRow, "revoked" | "expires" | "used" | "uses">, nowMs: number): KeyState {
  if (row.revoked !== null) return "revoked";
  if (row.expires <= nowMs) return "expired";
  return row.used >= row.uses ? "used-up" : "open";
}
