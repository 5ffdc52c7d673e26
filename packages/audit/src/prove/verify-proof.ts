import type { KeyObject } from "node:crypto";
import { AuditError } from "../error.ts";
import { type Checkpoint, checkpointSignedBy } from "../log/checkpoint.ts";
import { readGivenKey, readPublicKey } from "../log/public-key.ts";
import { leafHash } from "../merkle/hash.ts";
import { rootByInclusion, rootsByConsistency } from "../merkle/path.ts";
import { parseRecord } from "../record/record.ts";
import type { Proof } from "./proof.ts";

/** What a proof shows; the shape of `modwarden audit verify --proof --json`. */
export type ProofResult = ProvedRecord | ProvedGrowth | { readonly ok: false; readonly reason: string };

interface Proved {
  readonly ok: true;
  readonly log: string;
  /** Of the checkpoint that it leads to: records, root, time, and the epoch whose key signed it. */
  readonly size: number;
  readonly root: string;
  readonly t: string;
  readonly epoch: number;
  /** Where the first public key came from: the proof itself, or whoever asked. */
  readonly trust: "proof" | "given";
}

export interface ProvedRecord extends Proved {
  readonly proof: "inclusion";
  readonly seq: number;
  /** When its epoch began; null in the first. A record cannot be older, whatever its own time says. */
  readonly since: string | null;
  /** The record's line. */
  readonly record: string;
}

export interface ProvedGrowth extends Proved {
  readonly proof: "consistency";
  /** Records that the earlier checkpoint covers. */
  readonly from: number;
  /** Root of the earlier checkpoint: whoever has kept one has to see that it is the same. */
  readonly fromRoot: string;
}

/**
 * Verifies a proof with nothing but the first public key: without `key` that which the proof brings. Throws
 * `ERR_AUDIT_KEY` when `key` is no key.
 */
export function verifyProof(proof: Proof, options?: { readonly key?: string }): ProofResult {
  const given = options?.key === undefined ? undefined : readGivenKey(options.key);
  if (options?.key !== undefined && given === undefined) {
    throw new AuditError("ERR_AUDIT_KEY", "the given key is no public key");
  }
  const firstKey = readPublicKey(given ?? proof.key);
  if (firstKey === undefined) return { ok: false, reason: "its key is no Ed25519 public key" };
  const fault =
    given !== undefined && given !== proof.key ? "it was made for another key than the given one" : undefined;
  const reason =
    fault ?? chainFault(proof, firstKey) ?? (proof.kind === "inclusion" ? recordFault(proof) : growthFault(proof));
  return reason === undefined ? proved(proof, given === undefined ? "proof" : "given") : { ok: false, reason };
}

function proved(proof: Proof, trust: "proof" | "given"): ProvedRecord | ProvedGrowth {
  const { log, size, root, t, epoch } = proof.kind === "inclusion" ? proof.checkpoint : proof.to;
  const target = { log, size, root, t, epoch, trust };
  if (proof.kind === "consistency")
    return { ok: true, proof: "consistency", from: proof.from.size, fromRoot: proof.from.root, ...target };
  const { seq, record, handovers } = proof;
  return { ok: true, proof: "inclusion", seq, ...target, since: handovers.at(-1)?.t ?? null, record };
}

/** From the first key by the checkpoints that hand over to those that the proof rests on. */
function chainFault(proof: Proof, firstKey: KeyObject): string | undefined {
  const targets = proof.kind === "inclusion" ? [proof.checkpoint] : [proof.from, proof.to];
  const last = targets.at(-1)!;
  const { handovers } = proof;
  if (handovers.length !== last.epoch) return `it has ${handovers.length} handovers, but leads to epoch ${last.epoch}`;
  const keys: KeyObject[] = [firstKey];
  let before = 0;
  for (const [epoch, handover] of handovers.entries()) {
    if (handover.next === null || handover.epoch !== epoch) return `handover ${epoch} does not end epoch ${epoch}`;
    const fault = checkpointFault(handover, last.log, before, keys[epoch]!);
    if (fault !== undefined) return `handover ${epoch} ${fault}`;
    const next = readPublicKey(handover.next);
    if (next === undefined) return `handover ${epoch} names no Ed25519 public key`;
    keys.push(next);
    before = handover.size;
  }
  for (const target of targets) {
    const key = keys[target.epoch];
    if (key === undefined) return `the checkpoint over ${target.size} records is of a later epoch than the last`;
    const least = target.epoch === 0 ? 0 : handovers[target.epoch - 1]!.size;
    const fault = checkpointFault(target, last.log, least, key);
    if (fault !== undefined) return `the checkpoint over ${target.size} records ${fault}`;
  }
  return undefined;
}

function checkpointFault(checkpoint: Checkpoint, log: string, least: number, key: KeyObject): string | undefined {
  if (checkpoint.log !== log) return "belongs to another log";
  if (checkpoint.size < least) return "covers less than the epoch before";
  return checkpointSignedBy(checkpoint, key) ? undefined : "is not signed by the key of its epoch";
}

function recordFault(proof: Proof & { readonly kind: "inclusion" }): string | undefined {
  const { seq, record, path, checkpoint, handovers } = proof;
  const line = Buffer.from(record);
  const form = parseRecord(line, seq);
  if (typeof form === "string") return `the record is none: ${form}`;
  // Today's key could sign another past: a record is shown by the key of its own epoch only.
  if ((handovers.at(-1)?.size ?? 0) > seq)
    return `record ${seq} is older than epoch ${checkpoint.epoch}, whose key signed`;
  const root = rootByInclusion(leafHash(line), seq, checkpoint.size, hashesOf(path));
  return isRoot(root, checkpoint) ? undefined : "the path does not lead from the record to the root that was signed";
}

function growthFault(proof: Proof & { readonly kind: "consistency" }): string | undefined {
  const { from, to, path } = proof;
  const roots = rootsByConsistency(from.size, to.size, Buffer.from(from.root, "base64"), hashesOf(path));
  const holds = isRoot(roots?.[0], from) && isRoot(roots?.[1], to);
  return holds ? undefined : "the path does not lead to both roots that were signed";
}

function hashesOf(path: readonly string[]): Uint8Array[] {
  return path.map((node) => Buffer.from(node, "base64"));
}

function isRoot(root: Uint8Array | undefined, checkpoint: Checkpoint): boolean {
  return root !== undefined && Buffer.from(root).toString("base64") === checkpoint.root;
}
