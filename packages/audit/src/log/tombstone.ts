import { type KeyObject, sign, verify } from "node:crypto";
import { HASH_BYTES } from "../merkle/hash.ts";
import { quote } from "../record/json.ts";
import { isTime } from "../record/time.ts";
import { parseExactLine } from "./exact-line.ts";
import { isBase64, isCount } from "./fields.ts";

/** Why a segment was removed: it was older than is kept, or there was more than is kept. */
export type PruneReason = "age" | "size";

/**
 * Says that the oldest segment of a log was removed lawfully. They follow one another without a gap: each begins with
 * the record that the one before says remains.
 */
export interface Tombstone {
  readonly log: string;
  /** First record that was removed. */
  readonly first: number;
  /** First record that remains. A checkpoint of this size has the same root. */
  readonly size: number;
  /** Root over the first `size` records, base64. */
  readonly root: string;
  /** The file that was removed: its name, its length and the SHA-256 of its bytes, hex. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly t: string;
  /** Epoch whose key signed it. */
  readonly epoch: number;
  readonly reason: PruneReason;
  readonly sig: string;
}

/** Longest line that can be a tombstone. */
export const MAX_TOMBSTONE_BYTES = 1024;

/** The text that the signature covers: a line each for what the tombstone says, in the order of its keys. */
function tombstoneText(tombstone: Omit<Tombstone, "sig">): string {
  const { log, first, size, root, file, bytes, sha256, t, epoch, reason } = tombstone;
  return `modwarden-tombstone-v1\n${[log, first, size, root, file, bytes, sha256, t, epoch, reason].join("\n")}\n`;
}

export function signTombstone(tombstone: Omit<Tombstone, "sig">, key: KeyObject): Tombstone {
  return { ...tombstone, sig: sign(null, Buffer.from(tombstoneText(tombstone)), key).toString("base64") };
}

export function tombstoneSignedBy(tombstone: Tombstone, key: KeyObject): boolean {
  return verify(null, Buffer.from(tombstoneText(tombstone)), key, Buffer.from(tombstone.sig, "base64"));
}

/** The line as it stands in tombstones.jsonl, without LF. */
export function tombstoneLine({ log, ...rest }: Tombstone): string {
  const { first, size, root, file, bytes, sha256, t, epoch, reason, sig } = rest;
  return `{"log":${quote(log)},"first":${first},"size":${size},"root":"${root}","file":"${file}","bytes":${bytes},"sha256":"${sha256}","t":"${t}","epoch":${epoch},"reason":"${reason}","sig":"${sig}"}`;
}

/** Reads one line. Undefined unless it is, byte for byte, a line that the log would write. */
export function parseTombstone(line: Uint8Array): Tombstone | undefined {
  return parseExactLine(line, MAX_TOMBSTONE_BYTES, isTombstone, tombstoneLine);
}

function isTombstone(value: unknown): value is Tombstone {
  if (typeof value !== "object" || value === null) return false;
  const { log, first, size, root, file, bytes, sha256, t, epoch, reason, sig } = value as Partial<
    Record<keyof Tombstone, unknown>
  >;
  return (
    typeof log === "string" &&
    isCount(first) &&
    isCount(size) &&
    isCount(bytes) &&
    isCount(epoch) &&
    size > first &&
    isBase64(root, HASH_BYTES) &&
    isBase64(sig, 64) &&
    typeof file === "string" &&
    /^\d{12,16}\.jsonl(\.zst|\.gz)?$/.test(file) &&
    typeof sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    isTime(t) &&
    (reason === "age" || reason === "size")
  );
}
