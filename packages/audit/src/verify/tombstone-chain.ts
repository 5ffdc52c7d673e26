import type { KeyObject } from "node:crypto";
import type { Checkpoint } from "../log/checkpoint.ts";
import { LineFile } from "../log/line-file.ts";
import { TOMBSTONES } from "../log/names.ts";
import { parseTombstone, type Tombstone, tombstoneSignedBy } from "../log/tombstone.ts";
import { Damage } from "./result.ts";

/** Holds the tombstones against the checkpoints: each is signed by the key of its epoch and has a root that was signed. */
export class TombstoneChain {
  readonly #roots: TombstoneFile;
  readonly #signatures: TombstoneFile;

  /** Opened before the checkpoints: what the tombstones rest on is then sure to be there. */
  constructor(dir: string) {
    this.#roots = new TombstoneFile(dir);
    this.#signatures = new TombstoneFile(dir);
  }

  /** With every checkpoint, in order. */
  at(checkpoint: Checkpoint): void {
    const { next } = this.#roots;
    if (next === undefined || checkpoint.size < next.size) return;
    if (checkpoint.size > next.size) throw damage(next, "the checkpoint that it rests on is missing");
    if (checkpoint.root !== next.root) throw damage(next, "it has another root than was signed");
    if (checkpoint.log !== next.log) throw damage(next, "it belongs to another log");
    this.#roots.advance();
  }

  /** After every checkpoint, and at the end: the epoch that signs now, its key, and when the one before it ended. */
  signedBy(epoch: number, key: KeyObject, since: string | undefined): void {
    for (let { next } = this.#signatures; next !== undefined && next.epoch <= epoch; { next } = this.#signatures) {
      if (next.epoch < epoch || !tombstoneSignedBy(next, key))
        throw damage(next, "it is not signed by the key of its epoch");
      if (since !== undefined && next.t < since) throw damage(next, "it is older than the epoch whose key signed it");
      this.#signatures.advance();
    }
  }

  /** After the last checkpoint. */
  end(): void {
    const { next } = this.#roots;
    if (next !== undefined) throw damage(next, "the checkpoint that it rests on is missing");
    const unsigned = this.#signatures.next;
    if (unsigned !== undefined) throw damage(unsigned, "its epoch has not begun");
  }

  close(): void {
    this.#roots.close();
    this.#signatures.close();
  }
}

/** How much of a log's beginning was removed lawfully, as the tombstones say; they are held against the rest later. */
export interface Pruned {
  /** The first record that remains. */
  readonly size: number;
  /** Segments that are gone. */
  readonly segments: number;
}

/** What the tombstones say was removed up to `first`: all before it only where `size` is that. */
export function prunedBefore(dir: string, first: number): Pruned {
  const file = new TombstoneFile(dir);
  let pruned: Pruned = { size: 0, segments: 0 };
  try {
    for (; file.next !== undefined && file.next.size <= first; file.advance()) {
      pruned = { size: file.next.size, segments: pruned.segments + 1 };
    }
    return pruned;
  } finally {
    file.close();
  }
}

/** Reads tombstones in order; each must go on where the one before ends. */
class TombstoneFile {
  readonly #lines: LineFile | undefined;
  #next: Tombstone | undefined;
  #size = 0;

  constructor(dir: string) {
    this.#lines = LineFile.open(dir, TOMBSTONES);
    try {
      this.advance();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get next(): Tombstone | undefined {
    return this.#next;
  }

  advance(): void {
    const line = this.#lines?.next();
    if (line === undefined) {
      this.#next = undefined;
      // A line that is just being written has no end yet; one that is whole but for its LF has been changed.
      const rest = this.#lines?.unfinished ?? Buffer.alloc(0);
      if (this.#lines?.damage === undefined && parseTombstone(rest.subarray(0, -1)) === undefined) return;
      throw this.#damage("a tombstone does not end as a line must");
    }
    const tombstone = parseTombstone(line);
    if (tombstone === undefined) throw this.#damage("a tombstone is no line that the log would write");
    if (tombstone.first !== this.#size) throw this.#damage("a tombstone is missing");
    this.#next = tombstone;
    this.#size = tombstone.size;
  }

  close(): void {
    this.#lines?.close();
  }

  #damage(reason: string): Damage {
    return new Damage(this.#size, reason, TOMBSTONES);
  }
}

function damage({ first }: Tombstone, reason: string): Damage {
  return new Damage(first, `the tombstone of the records from ${first} on: ${reason}`, TOMBSTONES);
}
