import type { BatchOptions, IdentityKind, ImportOptions, KeyOptions } from "@modwarden/identity";
import { z } from "zod";
import { text } from "./site-command.ts";

const MAX_BATCH_SERIALS = 100_000;

export const identityKind: z.ZodType<IdentityKind> = z.enum(["client", "device", "gateway"]);

/** What every kind of key has; the registry checks what it means. */
const common = {
  kind: identityKind,
  roles: z.array(text).max(16),
  expiresInMs: z.int().min(1_000).exactOptional(),
  approval: z.enum(["auto", "manual", "two"]).exactOptional(),
  model: text.exactOptional(),
  claims: z.record(text, text).exactOptional(),
  sources: z.array(text).max(64).exactOptional(),
  certificateLifetimeMs: z.int().min(1_000).exactOptional(),
  note: z.string().min(1).max(500).exactOptional(),
} as const;

export const keyOptions: z.ZodType<KeyOptions> = z.strictObject({
  ...common,
  uses: z.int().min(1).max(10_000).exactOptional(),
  serials: z.array(text).max(1_000).exactOptional(),
  names: z.array(text).max(64).exactOptional(),
  identity: text.exactOptional(),
  unit: z.int().exactOptional(),
});

export const batchOptions: z.ZodType<BatchOptions> = z.strictObject({
  ...common,
  serials: z.array(text).max(MAX_BATCH_SERIALS).exactOptional(),
});

export const importOptions: z.ZodType<ImportOptions> = z.strictObject(common);
