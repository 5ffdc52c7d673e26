import type { KeyObject } from "node:crypto";
import { type Checkpoint, checkpointLine, checkpointSignedBy } from "../log/checkpoint.ts";
import { readPublicKey } from "../log/public-key.ts";
import { rootsByConsistency } from "../merkle/path.ts";

/**
 * Why a checkpoint does not go on from those before it.
 *
 * - `log`: it is of another log.
 * - `gap`: epochs between it and the last one are missing.
 * - `signature`: it is not signed by the key of its epoch.
 * - `shorter`: it covers fewer records than the last one, or belongs to an epoch that has ended.
 * - `root`: it has another root for the same records.
 * - `growth`: it is not shown that its records begin with those of the last one.
 */
export type NotFollowing = "log" | "gap" | "signature" | "shorter" | "root" | "growth";

/**
 * The checkpoints of a log that is elsewhere, as a witness takes them: each held against the one before, against the key
 * of its epoch, and against a proof that the log has only grown. RFC 9162 § 2.1.4
 */
export class FollowedLog {
  readonly #firstKey: KeyObject;
  #last: Checkpoint | undefined;
  /** Of the epoch after the newest hand-over. */
  #key: KeyObject | undefined;

  private constructor(firstKey: KeyObject) {
    this.#firstKey = firstKey;
  }

  /** `firstKey`: the first epoch's public key in base64. Undefined when it is none. */
  static begin(firstKey: string): FollowedLog | undefined {
    const key = readPublicKey(firstKey);
    return key === undefined ? undefined : new FollowedLog(key);
  }

  /** Goes on from checkpoints that were taken before, in their order, and kept in a place that is trusted. */
  resume(checkpoints: Iterable<Checkpoint>): void {
    for (const checkpoint of checkpoints) this.#accept(checkpoint);
  }

  get last(): Checkpoint | undefined {
    return this.#last;
  }

  /**
   * Takes the next one, with the hashes (base64) that show that its records begin with those of the last one: none where
   * there are no more. `known`: it is the last one again. The very first is taken as it is where it ends an epoch after
   * the first, for the key that signed it is known from nowhere: from then on the log can only go on.
   */
  take(checkpoint: Checkpoint, growth: readonly string[]): "taken" | "known" | NotFollowing {
    const last = this.#last;
    if (last !== undefined && checkpointLine(last) === checkpointLine(checkpoint)) return "known";
    const fault = last === undefined ? this.#firstFault(checkpoint) : this.#fault(last, checkpoint, growth);
    if (fault !== undefined) return fault;
    this.#accept(checkpoint);
    return "taken";
  }

  #firstFault(checkpoint: Checkpoint): NotFollowing | undefined {
    if (checkpoint.epoch > 0) return checkpoint.next === null ? "gap" : undefined;
    return checkpointSignedBy(checkpoint, this.#firstKey) ? undefined : "signature";
  }

  #fault(last: Checkpoint, checkpoint: Checkpoint, growth: readonly string[]): NotFollowing | undefined {
    const epoch = last.next === null ? last.epoch : last.epoch + 1;
    if (checkpoint.log !== last.log) return "log";
    if (checkpoint.epoch > epoch) return "gap";
    if (checkpoint.epoch < epoch) return "shorter";
    if (!checkpointSignedBy(checkpoint, this.#key ?? this.#firstKey)) return "signature";
    if (checkpoint.size < last.size) return "shorter";
    if (checkpoint.size === last.size) return checkpoint.root === last.root ? undefined : "root";
    return hasGrown(last, checkpoint, growth) ? undefined : "growth";
  }

  #accept(checkpoint: Checkpoint): void {
    this.#last = checkpoint;
    if (checkpoint.next !== null) this.#key = readPublicKey(checkpoint.next)!;
  }
}

function hasGrown(last: Checkpoint, checkpoint: Checkpoint, growth: readonly string[]): boolean {
  const before = Buffer.from(last.root, "base64");
  const path = growth.map((node) => Buffer.from(node, "base64"));
  const roots = rootsByConsistency(last.size, checkpoint.size, before, path);
  return roots !== undefined && before.equals(roots[0]) && Buffer.from(checkpoint.root, "base64").equals(roots[1]);
}
