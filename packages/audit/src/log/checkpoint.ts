import { type KeyObject, sign, verify } from "node:crypto";
import { HASH_BYTES } from "../merkle/hash.ts";
import { quote } from "../record/json.ts";
import { isTime } from "../record/time.ts";
import { parseExactLine } from "./exact-line.ts";
import { isBase64, isCount } from "./fields.ts";
import { readPublicKey } from "./public-key.ts";

/** What a checkpoint says: the first `size` records have this root. `root`, `next`, `sig` in base64. */
export interface Checkpoint {
  readonly log: string;
  readonly size: number;
  readonly root: string;
  readonly t: string;
  readonly epoch: number;
  /** Public key of the next epoch, in the last checkpoint of an epoch. */
  readonly next: string | null;
  readonly sig: string;
}

/** The text that the signature covers (formats.md, "Audit log"). */
export function checkpointText(checkpoint: Omit<Checkpoint, "sig">): string {
  const { log, size, root, t, epoch, next } = checkpoint;
  return `modwarden-checkpoint-v1\n${log}\n${size}\n${root}\n${t}\n${epoch}\n${next ?? "-"}\n`;
}

export function signCheckpoint(checkpoint: Omit<Checkpoint, "sig">, key: KeyObject): Checkpoint {
  return { ...checkpoint, sig: sign(null, Buffer.from(checkpointText(checkpoint)), key).toString("base64") };
}

export function checkpointSignedBy(checkpoint: Checkpoint, key: KeyObject): boolean {
  return verify(null, Buffer.from(checkpointText(checkpoint)), key, Buffer.from(checkpoint.sig, "base64"));
}

/** The line as it stands in checkpoints.jsonl, without LF. */
export function checkpointLine(checkpoint: Checkpoint): string {
  const { log, size, root, t, epoch, next, sig } = checkpoint;
  const key = next === null ? "null" : quote(next);
  return `{"log":${quote(log)},"size":${size},"root":"${root}","t":"${t}","epoch":${epoch},"next":${key},"sig":"${sig}"}`;
}

/** Longest line that can be a checkpoint. */
export const MAX_CHECKPOINT_BYTES = 4096;

/** Reads one line. Undefined unless it is, byte for byte, a line that the log would write. */
export function parseCheckpoint(line: Uint8Array): Checkpoint | undefined {
  return parseExactLine(line, MAX_CHECKPOINT_BYTES, isCheckpoint, checkpointLine);
}

function isCheckpoint(value: unknown): value is Checkpoint {
  if (typeof value !== "object" || value === null) return false;
  const { log, size, root, t, epoch, next, sig } = value as Partial<Record<keyof Checkpoint, unknown>>;
  return (
    typeof log === "string" &&
    isCount(size) &&
    isCount(epoch) &&
    isBase64(root, HASH_BYTES) &&
    isBase64(sig, 64) &&
    isTime(t) &&
    (next === null || (typeof next === "string" && readPublicKey(next) !== undefined))
  );
}
