import { type Checkpoint, checkpointLine, checkpointSignedBy, parseCheckpoint } from "../log/checkpoint.ts";
import { readExisting } from "../log/existing.ts";
import { KEY_FILE, listSegments, segmentOf } from "../log/names.ts";
import { MAX_KEY_FILE_BYTES, readPublicKey, readPublicKeyFile } from "../log/public-key.ts";
import { CheckpointFile } from "./checkpoint-file.ts";

/**
 * What a witness says of a log.
 *
 * - `unknown`: it has nothing of this log.
 * - `agrees`: the newest checkpoints that it has stand in the log.
 * - `differs`: it has a checkpoint that this log has signed and does not hold. Records from `seq` on were taken away or
 *   written anew; `segment` is where they would stand.
 * - `unproven`: it has checkpoints in the name of this log, of which nothing shows that the log has signed them.
 */
export type WitnessVerdict =
  | { readonly kind: "unknown" /** Ids of other logs that it has something of. */; readonly others: readonly string[] }
  | { readonly kind: "agrees"; readonly witnessed: Checkpoint }
  | { readonly kind: "differs"; readonly witnessed: Checkpoint; readonly seq: number; readonly segment: string }
  | { readonly kind: "unproven"; readonly witnessed: Checkpoint };

/** Newest lines that are looked at; who forges more of them than that has raised an alarm all the same. */
const CANDIDATES = 16;
/** Ends of epochs, the newest: one a day, and one for every start. */
const MOST_ENDS = 4096;
const MOST_OTHERS = 8;

/**
 * Holds the log in `dir` against lines of checkpoints that were kept elsewhere, in their order; others may stand
 * between them. Undefined when the folder holds no log. Throws `ERR_AUDIT_TAMPERED` where checkpoints.jsonl is damaged.
 */
export function compareWithWitness(dir: string, lines: Iterable<string>): WitnessVerdict | undefined {
  const own = CheckpointFile.open(dir);
  if (own === undefined) return undefined;
  try {
    const { newest, ends, others } = keptOf(own.last.log, lines);
    const last = newest.at(-1);
    if (last === undefined) return { kind: "unknown", others: [...others] };
    // What stands in the log needs no proof that the log has signed it.
    const missing = newest.filter((checkpoint) => !holds(own, checkpoint));
    const held = newest.findLast((checkpoint) => !missing.includes(checkpoint));
    if (missing.length === 0) return { kind: "agrees", witnessed: last };
    const keys = new EpochPublicKeys(dir, own);
    for (const end of ends) keys.learn(end);
    const witnessed = missing.findLast((checkpoint) => keys.haveSigned(checkpoint));
    if (witnessed === undefined) {
      return held === undefined ? { kind: "unproven", witnessed: last } : { kind: "agrees", witnessed: held };
    }
    const seq = Math.min(own.last.size, Math.max(0, witnessed.size - 1));
    return { kind: "differs", witnessed, seq, segment: segmentOf(listSegments(dir), seq) };
  } finally {
    own.close();
  }
}

interface Kept {
  /** Those of this log over the most records, ascending. */
  readonly newest: readonly Checkpoint[];
  /** Those that name the key of the next epoch. */
  readonly ends: readonly Checkpoint[];
  readonly others: ReadonlySet<string>;
}

function keptOf(log: string, lines: Iterable<string>): Kept {
  const newest: Checkpoint[] = [];
  const ends: Checkpoint[] = [];
  const others = new Set<string>();
  for (const line of lines) {
    const checkpoint = parseCheckpoint(Buffer.from(line));
    if (checkpoint === undefined) continue;
    if (checkpoint.log !== log) {
      if (others.size < MOST_OTHERS) others.add(checkpoint.log);
      continue;
    }
    keepLargest(newest, checkpoint);
    if (checkpoint.next === null) continue;
    ends.push(checkpoint);
    if (ends.length > MOST_ENDS) ends.shift();
  }
  return { newest, ends, others };
}

/** By what they cover and not by where they stand: who can only append may repeat an old line behind the newest. */
function keepLargest(list: Checkpoint[], checkpoint: Checkpoint): void {
  const { size, epoch, sig } = checkpoint;
  const before = list.findLastIndex((one) => one.size < size || (one.size === size && one.epoch <= epoch));
  if (list[before]?.sig === sig) return;
  list.splice(before + 1, 0, checkpoint);
  if (list.length > CANDIDATES) list.shift();
}

function holds(own: CheckpointFile, checkpoint: Checkpoint): boolean {
  const line = checkpointLine(checkpoint);
  return own.ofSize(checkpoint.size).some((one) => checkpointLine(one) === line);
}

/**
 * The public keys of a log's epochs: as the log itself names them, and as ends of epochs prove them that are signed by
 * such a key and not in the log any more. Where two pasts part, an epoch has a key in each.
 */
class EpochPublicKeys {
  readonly #dir: string;
  readonly #own: CheckpointFile;
  readonly #learnt = new Map<number, Set<string>>();

  constructor(dir: string, own: CheckpointFile) {
    this.#dir = dir;
    this.#own = own;
  }

  /** Ends of epochs in their order. */
  learn(end: Checkpoint): void {
    const { epoch, next } = end;
    if (next === null || next === this.#ownKey(epoch + 1) || !this.haveSigned(end)) return;
    this.#learnt.set(epoch + 1, (this.#learnt.get(epoch + 1) ?? new Set()).add(next));
  }

  haveSigned(checkpoint: Checkpoint): boolean {
    const { epoch } = checkpoint;
    const keys = [this.#ownKey(epoch), ...(this.#learnt.get(epoch) ?? [])];
    return keys.some((publicKey) => {
      const key = publicKey === undefined ? undefined : readPublicKey(publicKey);
      return key !== undefined && checkpointSignedBy(checkpoint, key);
    });
  }

  #ownKey(epoch: number): string | undefined {
    if (epoch > 0) return this.#own.handover(epoch - 1)?.next ?? undefined;
    const file = readExisting(`${this.#dir}/${KEY_FILE}`, MAX_KEY_FILE_BYTES);
    return file === undefined ? undefined : readPublicKeyFile(file);
  }
}
