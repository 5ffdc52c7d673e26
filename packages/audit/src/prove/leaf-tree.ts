import { AuditError } from "../error.ts";
import { LeafReader } from "../log/leaf-reader.ts";
import { listLeaves, listPeaks } from "../log/names.ts";
import { loadPeaks } from "../log/peaks-file.ts";
import { Frontier } from "../merkle/frontier.ts";
import { leafHash, nodeHash } from "../merkle/hash.ts";
import { LogReader } from "../read/log-reader.ts";

/** Subtrees of so many leaves and larger are kept: a proof then hashes a few hundred leaves and no more. */
const KEPT_LEAVES = 256;
/** Of so many nodes, 32 bytes each: those of a log of 25 million records. Then they are found again. */
const MOST_KEPT = 200_000;
/** Nodes are kept by level and number: a level has no more than this. */
const LEVEL = 2 ** 46;

/**
 * The roots of any range of a log's leaves, from the leaf hashes beside the segments, the peaks at their beginnings
 * and, where a leaf hash is missing, the record itself. None of it is trusted: whoever uses a root holds it against a
 * checkpoint. Complete subtrees never change, so that they are kept; the log may grow meanwhile.
 */
export class LeafTree {
  readonly #dir: string;
  readonly #records: LogReader;
  readonly #usePeaks: boolean;
  readonly #kept = new Map<number, Uint8Array>();
  readonly #peaks = new Map<number, Frontier | undefined>();
  #peakFiles: readonly number[] = [];
  #leafFiles: readonly number[] = [];
  #open: { readonly first: number; readonly leaves: LeafReader } | undefined;

  /** Without `peaks` everything is hashed from the leaves. Throws `ERR_AUDIT_NO_LOG` when the folder holds no log. */
  constructor(dir: string, options?: { readonly peaks?: boolean }) {
    this.#dir = dir;
    this.#records = new LogReader(dir);
    this.#usePeaks = options?.peaks !== false;
  }

  /** Looks what there is now: the log may have begun a segment. */
  refresh(): void {
    this.#closeLeaves();
    this.#leafFiles = listLeaves(this.#dir).map(({ first }) => first);
    this.#peakFiles = this.#usePeaks ? listPeaks(this.#dir).map(({ first }) => first) : [];
  }

  /** Root over the leaves from `from` up to `to`: `from` stands where a subtree of at least so many leaves begins. */
  readonly root = (from: number, to: number): Uint8Array => {
    let root: Uint8Array | undefined;
    const subtrees = [...completeSubtrees(from, to)];
    for (const [start, size] of subtrees.reverse()) {
      const node = this.#node(start, size);
      root = root === undefined ? node : nodeHash(node, root);
    }
    return root ?? Frontier.empty().root();
  };

  /** The record's line, valid until the next call. Throws `ERR_AUDIT_NO_RECORD`. */
  line(seq: number): Buffer {
    const line = this.#records.line(seq);
    if (line !== undefined) return line;
    throw new AuditError("ERR_AUDIT_NO_RECORD", `record ${seq} is not in ${this.#dir}, or not any more`);
  }

  close(): void {
    this.#closeLeaves();
    this.#records.close();
  }

  /** Root of the complete subtree of `size` leaves, a power of two, that begins at `from`. */
  #node(from: number, size: number): Uint8Array {
    if (size === 1) return Buffer.from(this.#leaf(from));
    const key = Math.log2(size) * LEVEL + from / size;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const node = this.#peak(from, size) ?? this.#hashed(from, size);
    if (size >= KEPT_LEAVES) {
      if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
      this.#kept.set(key, node);
    }
    return node;
  }

  #hashed(from: number, size: number): Uint8Array {
    const half = size / 2;
    if (size > KEPT_LEAVES) return nodeHash(this.#node(from, half), this.#node(from + half, half));
    const frontier = Frontier.empty();
    for (let seq = from; seq < from + size; seq++) frontier.append(this.#leaf(seq));
    return frontier.root();
  }

  /** It stands among the peaks of a segment that begins behind it and before its sibling ends. */
  #peak(from: number, size: number): Uint8Array | undefined {
    const end = from + size;
    if ((from / size) % 2 === 1) return undefined;
    const file = this.#peakFiles[firstAtLeast(this.#peakFiles, end)];
    if (file === undefined || file >= end + size) return undefined;
    if (!this.#peaks.has(file)) this.#peaks.set(file, loadPeaks(this.#dir, file));
    let index = 0;
    for (const [start] of completeSubtrees(0, file)) {
      if (start === from) return this.#peaks.get(file)?.peaks[index];
      index++;
    }
    return undefined;
  }

  /** Valid until the next call. */
  #leaf(seq: number): Buffer {
    const first = this.#leafFiles[firstAtLeast(this.#leafFiles, seq + 1) - 1] ?? 0;
    if (this.#open?.first !== first) {
      this.#closeLeaves();
      this.#open = { first, leaves: new LeafReader(this.#dir, first) };
    }
    const leaf = this.#open.leaves.at(seq - first);
    return leaf === undefined ? leafHash(this.line(seq)) : leaf;
  }

  #closeLeaves(): void {
    this.#open?.leaves.close();
    this.#open = undefined;
  }
}

/** The largest complete subtrees that a range consists of, from the left. RFC 9162 § 2.1.1 */
function* completeSubtrees(from: number, to: number): Generator<readonly [start: number, size: number]> {
  for (let start = from; start < to; ) {
    let size = 1;
    while (size * 2 <= to - start) size *= 2;
    yield [start, size];
    start += size;
  }
}

/** Index of the first of ascending numbers that is not below `least`. */
function firstAtLeast(numbers: readonly number[], least: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (numbers[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
