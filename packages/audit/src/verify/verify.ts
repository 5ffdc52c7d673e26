import { AuditError } from "../error.ts";
import type { Checkpoint } from "../log/checkpoint.ts";
import { listFolder, readExisting } from "../log/existing.ts";
import { lastTombstone } from "../log/last-line.ts";
import { frontierFromLeaves, rootIs } from "../log/leaf-repair.ts";
import {
  CHECKPOINTS,
  KEY_FILE,
  listLeaves,
  listPeaks,
  listSegments,
  type SegmentName,
  segmentBase,
  segmentOf,
  TOMBSTONES,
} from "../log/names.ts";
import { MAX_KEY_FILE_BYTES, readGivenKey, readPublicKey, readPublicKeyFile } from "../log/public-key.ts";
import { endsInStop, isOpening } from "../log/stopped.ts";
import type { Frontier } from "../merkle/frontier.ts";
import { HASH_BYTES, leafHashInto } from "../merkle/hash.ts";
import { isPlainRecord } from "../record/plain.ts";
import { parseRecord } from "../record/record.ts";
import { CheckpointChain } from "./checkpoint-chain.ts";
import { ClockCheck } from "./clock-check.ts";
import { KeptCheckpoints } from "./kept-checkpoints.ts";
import { PeaksCheck } from "./peaks-check.ts";
import { RecordCursor } from "./record-cursor.ts";
import { Damage, type VerifiedLog, type VerifyResult } from "./result.ts";
import { oneSegment, type Stretch, wholeLog } from "./stretch.ts";
import { TombstoneChain } from "./tombstone-chain.ts";

export interface VerifyOptions {
  readonly dir: string;
  /** The first epoch's public key, from a place that is trusted more than the folder: PEM or base64. */
  readonly key?: string;
  /** Only this segment, by its file's name or number, from the peaks that are kept at its beginning. */
  readonly segment?: string;
  /** A file of checkpoint lines that was kept elsewhere: the log has to hold every one of them. */
  readonly witness?: string;
  /** Called now and then with the number of records done. */
  readonly progress?: (records: number) => void;
}

const PROGRESS_EVERY = 8192;
/** A log from which segments are removed faster than it is verified is not one of ours. */
const MOST_ATTEMPTS = 5;

/**
 * Recomputes everything: every record's form and hash, the root of every checkpoint, every signature, the chain of
 * keys. Memory is bounded whatever the size of the log, and the log may be written meanwhile. Throws
 * `ERR_AUDIT_NO_LOG` when the folder holds none, `ERR_AUDIT_NO_SEGMENT` when it has not the one that is wanted, and
 * `ERR_AUDIT_KEY` when `key` is no key, and `ERR_AUDIT_WITNESS` when `witness` is no file of this log's checkpoints.
 */
export function verifyLog(options: VerifyOptions): VerifyResult {
  const { dir } = options;
  if (!holdsLog(dir)) throw new AuditError("ERR_AUDIT_NO_LOG", `${dir} holds no audit log`);
  for (let attempt = 1; ; attempt++) {
    const { bytes } = lastTombstone(dir);
    const result = verifyOnce(options);
    // Segments that were removed lawfully meanwhile are not missing.
    if (result.ok || attempt === MOST_ATTEMPTS || lastTombstone(dir).bytes === bytes) return result;
  }
}

function verifyOnce(options: VerifyOptions): VerifyResult {
  const { dir, segment } = options;
  let segments: SegmentName[] = [];
  const kept = options.witness === undefined ? undefined : new KeptCheckpoints(options.witness);
  try {
    const firstKey = trustedKey(dir, options.key);
    // Before the checkpoints: the log writes what rests on a checkpoint after it.
    const tombstones = segment === undefined ? new TombstoneChain(dir) : undefined;
    const peaks = segment === undefined ? listPeaks(dir) : [];
    const chain = new CheckpointChain(dir, readPublicKey(firstKey)!);
    let cursor: RecordCursor | undefined;
    try {
      segments = listSegments(dir);
      const stretch = segment === undefined ? wholeLog(dir, segments) : oneSegment(dir, segments, segment);
      const { size } = stretch.start;
      cursor = new RecordCursor(dir, stretch.segments, size);
      const check = new PeaksCheck(
        dir,
        peaks.filter(({ first }) => first >= size),
      );
      const verified = new Verification(options, { chain, cursor, peaks: check, stretch, tombstones }).run();
      return kept === undefined ? verified : { ...verified, witnessed: kept.holdAgainst(dir, firstKey) };
    } finally {
      chain.close();
      tombstones?.close();
      cursor?.close();
    }
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    const { seq, reason } = error;
    return { ok: false, seq, segment: error.segment ?? segmentOf(segments, seq), reason };
  } finally {
    kept?.close();
  }
}

/** Whether anything in the folder belongs to a log. */
export function holdsLog(dir: string): boolean {
  return listFolder(dir).some(
    (name) => name === CHECKPOINTS || name === TOMBSTONES || name === KEY_FILE || /^\d{12,}\./.test(name),
  );
}

function trustedKey(dir: string, given: string | undefined): string {
  const file = readExisting(`${dir}/${KEY_FILE}`, MAX_KEY_FILE_BYTES);
  const inFolder = file === undefined ? undefined : readPublicKeyFile(file);
  const key = given === undefined ? inFolder : readGivenKey(given);
  if (key === undefined && given !== undefined) throw new AuditError("ERR_AUDIT_KEY", "the given key is no public key");
  if (key === undefined) throw new Damage(0, `${KEY_FILE} is ${file === undefined ? "missing" : "damaged"}`);
  if (file !== undefined && inFolder !== key) throw new Damage(0, `${KEY_FILE} is not the given key`);
  return key;
}

interface VerifiedParts {
  readonly chain: CheckpointChain;
  readonly cursor: RecordCursor;
  readonly peaks: PeaksCheck;
  readonly stretch: Stretch;
  readonly tombstones: TombstoneChain | undefined;
}

class Verification {
  readonly #options: VerifyOptions;
  readonly #chain: CheckpointChain;
  readonly #clock: ClockCheck;
  readonly #cursor: RecordCursor;
  readonly #peaks: PeaksCheck;
  readonly #stretch: Stretch;
  readonly #tombstones: TombstoneChain | undefined;
  readonly #frontier: Frontier;
  /** Leaf hash of the record at hand. */
  readonly #leaf: Buffer = Buffer.alloc(HASH_BYTES);
  /** First record whose stored leaf hash is not its own, since the last checkpoint that held. */
  #mismatch: number | undefined;
  /** The last checkpoint covers a clean stop, and all records that follow are behind it. */
  #stopped = false;

  constructor(options: VerifyOptions, parts: VerifiedParts) {
    this.#options = options;
    this.#chain = parts.chain;
    this.#clock = new ClockCheck(parts.chain);
    this.#cursor = parts.cursor;
    this.#peaks = parts.peaks;
    this.#stretch = parts.stretch;
    this.#tombstones = parts.tombstones;
    this.#frontier = parts.stretch.start.clone();
  }

  run(): VerifiedLog {
    const { start, end, pruned } = this.#stretch;
    for (let checkpoint = this.#reachStart(); checkpoint !== undefined; checkpoint = this.#next()) {
      if (end !== undefined && checkpoint.size > end) break;
      this.#cover(checkpoint);
      this.#peaks.at(checkpoint);
    }
    this.#peaks.atEnd(this.#frontier.size);
    this.#tombstones?.end();
    if (end !== undefined) this.#endsAt(end);
    const root = this.#frontier.root().toString("base64");
    const pending = end === undefined ? this.#takePending() : 0;
    return {
      ok: true,
      records: this.#frontier.size - start.size,
      pending,
      checkpoints: this.#chain.count,
      root,
      trust: this.#options.key === undefined ? "folder" : "given",
      ...(this.#clock.doubts.length > 0 && { clock: this.#clock.doubts }),
      ...(this.#options.segment !== undefined && { from: start.size }),
      ...(pruned !== undefined && { firstSeq: pruned.size, pruned: pruned.segments }),
    };
  }

  /** Passes over the checkpoints before the first record. The one that is returned vouches for what stands there. */
  #reachStart(): Checkpoint | undefined {
    const { size } = this.#stretch.start;
    let checkpoint = this.#next(size);
    while (checkpoint !== undefined && checkpoint.size < size) checkpoint = this.#next(size);
    if (size === 0 || (checkpoint !== undefined && rootIs(this.#stretch.start, checkpoint))) return checkpoint;
    throw new Damage(size, `no checkpoint has the root of ${segmentBase(size)}.peaks`);
  }

  /** The next checkpoint. Where the whole log is verified, each is verified; the tombstones rest on them. */
  #next(below = 0): Checkpoint | undefined {
    const checkpoint = this.#chain.next(this.#tombstones === undefined ? below : 0);
    const { epoch, key } = this.#chain;
    this.#tombstones?.signedBy(epoch.number, key, epoch.since);
    if (checkpoint !== undefined) this.#tombstones?.at(checkpoint);
    return checkpoint;
  }

  /** A sealed segment ends at a checkpoint, has all its leaf hashes, and nothing behind its last record. */
  #endsAt(end: number): void {
    if (this.#frontier.size < end)
      throw this.#damage(this.#frontier.size, "no checkpoint covers the segment to its end");
    const { segment } = this.#cursor;
    this.#cursor.next();
    if (this.#cursor.leafFault !== undefined) throw this.#damage(end, this.#cursor.leafFault);
    if (this.#cursor.segment === segment) throw this.#damage(end - 1, this.#cursor.fault ?? "more stands behind it");
  }

  /** Takes the records up to a checkpoint and holds their root against the one that was signed. */
  #cover(checkpoint: Checkpoint): void {
    this.#clock.expect(checkpoint.t);
    const start = this.#frontier.clone();
    while (this.#frontier.size < checkpoint.size) {
      const { seq } = this.#cursor;
      const reason = this.#take(checkpoint);
      if (reason !== undefined) throw this.#locate(start, checkpoint, seq, reason);
    }
    if (!rootIs(this.#frontier, checkpoint)) {
      throw this.#locate(start, checkpoint, start.size, "the records up to here do not have the root that was signed");
    }
    if (this.#mismatch !== undefined) {
      throw this.#damage(this.#mismatch, "the record holds, but its stored leaf hash is wrong or missing");
    }
    if (this.#cursor.leafFault !== undefined) throw this.#damage(start.size, this.#cursor.leafFault);
  }

  /** One record. Returns what is wrong with its form, or why there is none. */
  #take(checkpoint: Checkpoint | undefined): string | undefined {
    const { seq } = this.#cursor;
    const line = this.#cursor.next();
    if (line === undefined) return this.#cursor.fault ?? "the record is missing";
    const reason = this.#formFault(line, seq);
    if (reason !== undefined) return reason;
    if (this.#stopped && !this.#isOpening(line, seq)) return "it stands behind the end of a log that was stopped";
    leafHashInto(line, this.#leaf, 0);
    const stored = this.#cursor.storedLeaf(this.#leaf);
    // Leaves of what a checkpoint covers were durable before it; those of newer records may still be on their way.
    const due = checkpoint !== undefined && this.#cursor.hasLeaves;
    if (stored === "none" ? due : stored === "another") this.#mismatch ??= seq;
    this.#frontier.append(this.#leaf);
    this.#clock.take(line, seq, checkpoint !== undefined);
    if (this.#frontier.size % PROGRESS_EVERY === 0) this.#options.progress?.(this.#frontier.size);
    return undefined;
  }

  #formFault(line: Uint8Array, seq: number): string | undefined {
    if (seq > 0 && isPlainRecord(line, seq)) return undefined;
    const record = parseRecord(line, seq);
    if (typeof record === "string") return record;
    const opens = record.kind === "log" && record["version"] === 1 && record["log"] === this.#chain.last?.log;
    return seq > 0 || opens ? undefined : "it does not open the log that the checkpoints belong to";
  }

  #isOpening(line: Uint8Array, seq: number): boolean {
    const record = parseRecord(line, seq);
    return typeof record !== "string" && isOpening(record);
  }

  /**
   * Records behind the last checkpoint must be well formed, and behind a stop there are none but those of a start; no
   * more can be said about them.
   */
  #takePending(): number {
    const covered = this.#frontier.size;
    const { last } = this.#chain;
    this.#stopped = last !== undefined && endsInStop(this.#options.dir, last);
    this.#clock.expect(undefined);
    for (;;) {
      const { seq } = this.#cursor;
      const reason = this.#take(undefined);
      if (this.#mismatch !== undefined) throw this.#damage(this.#mismatch, "it does not have its stored leaf hash");
      if (reason === undefined) continue;
      if (this.#cursor.seq === seq && this.#cursor.fault === undefined) return seq - covered;
      throw this.#damage(seq, reason);
    }
  }

  /**
   * The stored leaf hashes tell the record exactly, where they have the root that was signed. Where they do not, all
   * that is sure is that the records up to the checkpoint before are right.
   */
  #locate(start: Frontier, checkpoint: Checkpoint, seq: number, reason: string): Damage {
    const { dir } = this.#options;
    if (frontierFromLeaves(dir, listLeaves(dir), start, checkpoint) === undefined) {
      return this.#damage(start.size, seq === start.size ? reason : `record ${seq} is certainly wrong: ${reason}`);
    }
    return this.#mismatch === undefined
      ? this.#damage(seq, reason)
      : this.#damage(this.#mismatch, "its bytes are not those that were signed");
  }

  #damage(seq: number, reason: string): Damage {
    return new Damage(seq, reason, seq >= this.#cursor.seq - 1 ? this.#cursor.segment : undefined);
  }
}
