import { z } from "zod";
import type { IdentityKind } from "../certificate/issue.ts";
import { IdentityError } from "../errors.ts";
import type { IdentityState } from "../types.ts";

const list = z.array(z.string());
const record = z.record(z.string(), z.string());
const kind = z.enum(["client", "device", "gateway"]);
const state = z.enum(["issued", "pending", "approved", "claimed", "active", "suspended", "revoked", "retired"]);

/** A column that holds a JSON list of texts. */
export function parseList(json: string): readonly string[] {
  return list.parse(JSON.parse(json));
}

export function parseRecord(json: string): Readonly<Record<string, string>> {
  return record.parse(JSON.parse(json));
}

/** Error: ERR_IDENTITY_INVALID */
export function kindOf(text: string): IdentityKind {
  const result = kind.safeParse(text);
  if (!result.success) throw new IdentityError("ERR_IDENTITY_INVALID", "a kind is client, device or gateway");
  return result.data;
}

export function stateOf(text: string): IdentityState {
  return state.parse(text);
}
