import { z } from "zod";

/** What goes from a log's gateway to the one that witnesses it; a body is at most 16 KiB. */
export const KNOWN_PATH = "/v1/witness/known";
export const KEEP_PATH = "/v1/witness/keep";

const log = z.string().regex(/^[0-9a-f]{32}$/, "the id of a log is 32 hex digits");

export interface KnownBody {
  readonly log: string;
  /** Ends of epochs are told from this one on. */
  readonly epoch: number;
}

export interface KeepBody {
  /** The log's first public key, base64. */
  readonly key: string;
  /**
   * In their order: each as it stands in checkpoints.jsonl, with the hashes (base64) that show that the log has only
   * grown since the one before.
   */
  readonly checkpoints: readonly { readonly line: string; readonly growth: readonly string[] }[];
}

export const knownBody: z.ZodType<KnownBody> = z.strictObject({ log, epoch: z.int().nonnegative() });

export const keepBody: z.ZodType<KeepBody> = z.strictObject({
  key: z.string().min(1).max(200),
  checkpoints: z
    .array(z.strictObject({ line: z.string().max(4096), growth: z.array(z.string().length(44)).max(106) }))
    .min(1)
    .max(32),
});
