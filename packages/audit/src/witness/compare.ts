import { type Checkpoint, checkpointLine, checkpointSignedBy, parseCheckpoint } from "../log/checkpoint.ts";
import { readExisting } from "../log/existing.ts";
import { KEY_FILE, listSegments, segmentOf } from "../log/names.ts";
import { MAX_KEY_FILE_BYTES, readPublicKey, readPublicKeyFile } from "../log/public-key.ts";
import { CheckpointFile } from "./checkpoint-file.ts";

/**
 * What a witness says of a log.
 *
 * - `unknown`: it has nothing of this log.
 * - `agrees`: the newest checkpoint that it has stands in the log.
 * - `differs`: it has a checkpoint that this log has signed and does not hold. Records from `seq` on were taken away or
 *   written anew; `segment` is where they would stand.
 * - `unproven`: it has checkpoints in the name of this log, of which nothing shows that the log has signed them.
 */
export type WitnessVerdict =
  | { readonly kind: "unknown" /** Ids of other logs that it has something of. */; readonly others: readonly string[] }
  | { readonly kind: "agrees"; readonly witnessed: Checkpoint }
  | { readonly kind: "differs"; readonly witnessed: Checkpoint; readonly seq: number; readonly segment: string }
  | { readonly kind: "unproven"; readonly witnessed: Checkpoint };

/** Newest lines whose signatures are looked at; who forges more of them than that has raised an alarm all the same. */
const CANDIDATES = 16;
const MOST_OTHERS = 8;

/**
 * Holds the log in `dir` against lines of checkpoints that were kept elsewhere, in their order; others may stand
 * between them. Undefined when the folder holds no log. Throws `ERR_AUDIT_TAMPERED` where checkpoints.jsonl is damaged.
 */
export function compareWithWitness(dir: string, lines: Iterable<string>): WitnessVerdict | undefined {
  const own = CheckpointFile.open(dir);
  if (own === undefined) return undefined;
  try {
    const kept = keptOf(own.last, lines);
    if (kept.newest.length === 0) return { kind: "unknown", others: [...kept.others] };
    const keyOf = keysOf(dir, own, kept.handovers);
    const witnessed = kept.newest.findLast((checkpoint) => isSigned(checkpoint, keyOf(checkpoint.epoch)));
    if (witnessed === undefined) return { kind: "unproven", witnessed: kept.newest.at(-1)! };
    const line = checkpointLine(witnessed);
    if (own.ofSize(witnessed.size).some((checkpoint) => checkpointLine(checkpoint) === line)) {
      return { kind: "agrees", witnessed };
    }
    const seq = Math.min(own.last.size, Math.max(0, witnessed.size - 1));
    return { kind: "differs", witnessed, seq, segment: segmentOf(listSegments(dir), seq) };
  } finally {
    own.close();
  }
}

interface Kept {
  /** The newest of this log. */
  readonly newest: readonly Checkpoint[];
  /** Those that name the keys of epochs after the log's own last checkpoint. */
  readonly handovers: readonly Checkpoint[];
  readonly others: ReadonlySet<string>;
}

function keptOf(last: Checkpoint, lines: Iterable<string>): Kept {
  const newest: Checkpoint[] = [];
  const handovers: Checkpoint[] = [];
  const others = new Set<string>();
  for (const line of lines) {
    const checkpoint = parseCheckpoint(Buffer.from(line));
    if (checkpoint === undefined) continue;
    if (checkpoint.log !== last.log) {
      if (others.size < MOST_OTHERS) others.add(checkpoint.log);
      continue;
    }
    newest.push(checkpoint);
    if (newest.length > CANDIDATES) newest.shift();
    if (checkpoint.next !== null && checkpoint.epoch >= last.epoch) handovers.push(checkpoint);
  }
  return { newest, handovers, others };
}

type KeyOf = (epoch: number) => string | undefined;

/** The public key of an epoch: as the log names it, and behind its end as the witness's checkpoints prove it. */
function keysOf(dir: string, own: CheckpointFile, handovers: readonly Checkpoint[]): KeyOf {
  const ownKey: KeyOf = (epoch) => {
    if (epoch > 0) return own.handover(epoch - 1)?.next ?? undefined;
    const file = readExisting(`${dir}/${KEY_FILE}`, MAX_KEY_FILE_BYTES);
    return file === undefined ? undefined : readPublicKeyFile(file);
  };
  const later = new Map<number, string>();
  const keyOf: KeyOf = (epoch) => ownKey(epoch) ?? later.get(epoch);
  for (const checkpoint of handovers) {
    const { epoch, next } = checkpoint;
    if (next !== null && isSigned(checkpoint, keyOf(epoch))) later.set(epoch + 1, next);
  }
  return keyOf;
}

function isSigned(checkpoint: Checkpoint, publicKey: string | undefined): boolean {
  const key = publicKey === undefined ? undefined : readPublicKey(publicKey);
  return key !== undefined && checkpointSignedBy(checkpoint, key);
}
