import { createHmac } from "node:crypto";
import { z } from "zod";
import { encodeBits } from "../crockford.ts";
import { IdentityError } from "../errors.ts";
import { formatKey, type RandomSource } from "../registration-key.ts";

/** A factory's key, from which the registration key of each serial number follows. Whoever has it can make them all. */
export interface Batch {
  readonly id: string;
  readonly name: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

const KEY_BYTES = 32;
const SECRET_CHARACTERS = 32;

const file = z.strictObject({
  "modwarden-batch": z.literal(1),
  id: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{8}$/),
  name: z.string().min(1).max(64),
  key: z.base64().length(44),
});

export function createBatchKey(random: RandomSource): Uint8Array {
  return random(KEY_BYTES);
}

/** The secret for one serial number: the first 160 bits of HMAC-SHA256(batch key, serial in UTF-8), Crockford. */
export function deriveSecret(key: Uint8Array, serial: string): string {
  return encodeBits(createHmac("sha256", key).update(serial, "utf8").digest(), SECRET_CHARACTERS);
}

/** The registration key of one device of a batch: `mwk1_<batch>_<derived secret><check>`. */
export function deriveKey(batch: Batch, serial: string): string {
  return formatKey({ id: batch.id, secret: deriveSecret(batch.key, serial) });
}

/** What a batch file holds: one JSON document. It is a secret (0600). */
export function formatBatch({ id, name, key }: Batch): string {
  return `${JSON.stringify({ "modwarden-batch": 1, id, name, key: Buffer.from(key).toString("base64") })}\n`;
}

/** Error: ERR_KEY_FILE (never quotes the text) */
export function parseBatch(text: string): Batch {
  const parsed = file.safeParse(jsonOf(text));
  if (!parsed.success) throw new IdentityError("ERR_KEY_FILE", "this is no batch file");
  const { id, name, key } = parsed.data;
  return { id, name, key: Buffer.from(key, "base64") };
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
