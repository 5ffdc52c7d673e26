import { randomBytes } from "node:crypto";
import { AuditError } from "../error.ts";
import type { Frontier } from "../merkle/frontier.ts";
import { serialiseRecord } from "../record/record.ts";
import { formatTime } from "../record/time.ts";
import { ActiveSegment } from "./active-segment.ts";
import { asAuditError } from "./append-file.ts";
import { Batch } from "./batch.ts";
import { checkpointLine } from "./checkpoint.ts";
import type { CheckpointBook } from "./checkpoint-book.ts";
import { Compactor, removeHalfMade } from "./compactor.ts";
import { EpochKeys } from "./epoch-keys.ts";
import { saveFrontier } from "./frontier-file.ts";
import { KEY_FILE } from "./names.ts";
import { createParts, type LogParts, publishKey, resumeParts } from "./open.ts";
import type { AuditLogOptions, AuditLogState } from "./options.ts";
import { savePeaks } from "./peaks-file.ts";
import { keyFingerprint } from "./public-key.ts";
import { type PrunedLog, Retention } from "./retention.ts";
import { nodeFs, type WriteFs } from "./write-fs.ts";

const SEGMENT_BYTES = 64 * 1024 * 1024;
const SEGMENT_MS = 86_400_000;

/** The audit log, for the one thread that writes it. formats.md, "Audit log" */
export class AuditLog {
  readonly dir: string;
  /** Id of the log, in its first record and in every checkpoint. */
  readonly id: string;
  /** Fingerprint of `key.pub`, to be compared by eye: `sha256/<base64>`. */
  readonly keyFingerprint: string;
  /** This open made the log. */
  readonly created: boolean;
  readonly #now: () => Date;
  readonly #write: WriteFs;
  readonly #keyFolder: string;
  readonly #segmentBytes: number;
  readonly #segmentMs: number;
  readonly #frontier: Frontier;
  readonly #book: CheckpointBook;
  readonly #compactor: Compactor;
  readonly #retention: Retention;
  readonly #batch = new Batch();
  #segment: ActiveSegment;
  /** When its first record was written. */
  #segmentSinceMs: number;
  #work: "compression" | "retention" = "compression";
  #state: AuditLogState = "open";
  #day: string;
  /** The epoch whose end is already on record. */
  #countedEpoch: number | undefined;

  private constructor(options: AuditLogOptions, write: WriteFs, keyFolder: string, parts: LogParts) {
    this.dir = options.dir;
    this.id = parts.book.log;
    this.created = parts.created;
    this.keyFingerprint = keyFingerprint(parts.firstKey);
    this.#now = options.now;
    this.#write = write;
    this.#keyFolder = keyFolder;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    this.#frontier = parts.frontier;
    this.#book = parts.book;
    this.#segment = parts.segment;
    this.#segmentMs = options.segmentMs ?? SEGMENT_MS;
    const nowMs = options.now().getTime();
    this.#segmentSinceMs = parts.begun === undefined ? nowMs : Date.parse(parts.begun);
    this.#compactor = new Compactor(write, options.dir);
    const pruned: PrunedLog = {
      dir: options.dir,
      holdsFile: options.holds ?? `${options.dir}-holds.json`,
      retain: options.retain ?? {},
      now: options.now,
      sign: (draft) => this.#book.signTombstone(draft),
      record: (fields) => {
        this.record("system", fields);
        this.commit();
      },
    };
    this.#retention = new Retention(
      write,
      pruned,
      parts.book.last === undefined ? nowMs : Date.parse(parts.book.last.t),
    );
    this.#day = this.#time().slice(0, 10);
  }

  /**
   * Makes the log, or takes it up again: cuts off a torn tail, records that, begins an epoch. When it returns, its
   * start record is durable and covered by a checkpoint. Throws `ERR_AUDIT_TAMPERED` for damage below the last
   * checkpoint and `ERR_AUDIT_KEY` when the private key is missing.
   */
  static open(options: AuditLogOptions): AuditLog {
    const { dir } = options;
    const write = options.fs ?? nodeFs;
    const keyFolder = options.keys ?? `${dir}-keys`;
    const random = options.random ?? randomBytes;
    try {
      for (const folder of [dir, keyFolder]) {
        write.mkdirSync(folder, { recursive: true, mode: 0o700 });
        removeHalfMade(write, folder);
      }
      const keys = new EpochKeys(write, keyFolder, random);
      const resumed = resumeParts(write, dir, keyFolder, keys);
      const parts = resumed ?? createParts(write, dir, keys, random);
      const log = new AuditLog(options, write, keyFolder, parts);
      if (resumed === undefined) log.#begin(options, parts.firstKey);
      else if (parts.book.last?.next === null) log.checkpoint({ handover: true });
      if (parts.recovery !== undefined) log.record("system", { event: "recovery", ...parts.recovery });
      log.commit();
      const { epoch, inLastEpoch } = parts.book;
      const { clean, uncovered } = parts;
      const kept = uncovered === 0 ? {} : { uncovered };
      log.record("system", { event: "start", epoch, clean, ...kept, checkpoints: inLastEpoch });
      log.checkpoint();
      return log;
    } catch (error) {
      throw asAuditError(error, `opening ${dir}`);
    }
  }

  /** Records that are durable. */
  get size(): number {
    return this.#frontier.size;
  }

  /** Records that wait for a commit. */
  get waiting(): number {
    return this.#batch.count;
  }

  /** As much waits as a batch holds: commit before appending more. */
  get isFull(): boolean {
    return this.#batch.isFull;
  }

  /** Records that the last checkpoint covers. */
  get covered(): number {
    return this.#book.last?.size ?? 0;
  }

  /** The newest checkpoint, as it stands in checkpoints.jsonl and on disk. */
  get lastCheckpoint(): string | undefined {
    return this.#book.last === undefined ? undefined : checkpointLine(this.#book.last);
  }

  get epoch(): number {
    return this.#book.epoch;
  }

  get state(): AuditLogState {
    return this.#state;
  }

  /** The UTC day has changed since the epoch began: the next checkpoint ends the epoch. */
  get epochIsOver(): boolean {
    return this.#time().slice(0, 10) !== this.#day;
  }

  /**
   * Takes a record's body as `serialiseTransaction` and `serialiseRecord` write it, and returns its sequence number.
   * It is durable after `commit`. Throws `ERR_AUDIT_BAD_RECORD`, and `ERR_AUDIT_FULL` when no more can wait.
   */
  append(body: string | Uint8Array): number {
    this.#mustWork();
    if (this.#batch.isFull) this.commit();
    const seq = this.#frontier.size + this.#batch.count;
    this.#batch.add(seq, body);
    return seq;
  }

  /** Appends a record of the log's own making, at the present time. */
  record(kind: Parameters<typeof serialiseRecord>[1], fields: Parameters<typeof serialiseRecord>[2]): number {
    return this.append(serialiseRecord(this.#time(), kind, fields));
  }

  /**
   * Makes all appended records durable with one write and one sync. `ERR_AUDIT_FULL`: nothing is lost, the next commit
   * tries again. `ERR_AUDIT_FAILED`: the log has failed for good.
   */
  commit(): void {
    this.#mustWork();
    this.#trying(() => {
      if (this.#batch.count > 0) {
        this.#segment.append(this.#batch.lines);
        const { leaves } = this.#batch;
        this.#frontier.appendAll(leaves);
        this.#segment.addLeaves(Buffer.from(leaves));
        this.#batch.clear();
      }
      this.#state = "open";
    });
    // The records are durable now: that their leaves or the next segment found no room must not sound as if they
    // were not. The state says it, and the next commit meets the same again before it writes.
    try {
      this.#trying(() => {
        this.#segment.flushLeaves();
        if (this.#segment.bytes >= this.#segmentBytes) this.#rotate();
      });
    } catch (error) {
      if (this.#state === "failed") throw error;
    }
  }

  /**
   * Commits, then signs a checkpoint over everything, if there is anything new. `handover` (and a new day) makes it
   * the last one of its epoch.
   */
  checkpoint(options?: { readonly handover?: boolean }): void {
    this.commit();
    this.#trying(() => {
      if (this.#isSegmentOld()) this.#rotate();
    });
    const wanted = options?.handover === true;
    const newDay = !wanted && this.epochIsOver;
    if (newDay && this.#countedEpoch !== this.epoch) {
      this.#countedEpoch = this.epoch;
      this.record("system", { event: "epoch", epoch: this.epoch, checkpoints: this.#book.inEpoch });
      this.commit();
    }
    this.#trying(() => this.#checkpoint(wanted || newDay));
  }

  /**
   * A slice of work on sealed segments (a few ms): compression, then the removal of what is not kept. True when there
   * is more to do. An error says that the work at hand failed, not that the log did: its state says that.
   */
  maintain(): boolean {
    this.#mustWork();
    this.#work = "compression";
    if (this.#compactor.step(this.#segment.first)) return true;
    this.#work = "retention";
    return this.#retention.step(this.#segment.first);
  }

  /** What `maintain` did last. */
  get work(): "compression" | "retention" {
    return this.#work;
  }

  /** Writes the stop record, covers everything with a checkpoint that ends the epoch, and lets go of the files. */
  close(): void {
    if (this.#state === "closed") return;
    let failure: unknown;
    const trying = (action: () => void): void => {
      try {
        action();
      } catch (error) {
        failure ??= error;
      }
    };
    if (this.#state !== "failed") {
      trying(() => {
        this.commit();
        this.record("system", { event: "stop", checkpoints: this.#book.inEpoch });
        this.checkpoint({ handover: true });
      });
    }
    this.#state = "closed";
    for (const part of [this.#compactor, this.#segment, this.#book]) trying(() => part.close());
    if (failure !== undefined) throw asAuditError(failure, `closing ${this.dir}`);
  }

  #begin(options: AuditLogOptions, firstKey: string): void {
    this.record("log", { version: 1, log: this.id, site: options.site, gateway: options.gateway });
    this.checkpoint();
    publishKey(this.#write, this.dir, KEY_FILE, firstKey);
    saveFrontier(this.#write, this.#keyFolder, this.#frontier);
  }

  #checkpoint(handover: boolean): void {
    const { size } = this.#frontier;
    if (size === this.covered && !handover) return;
    this.#segment.syncLeaves();
    const time = this.#time();
    this.#retention.saw(Date.parse(time));
    this.#book.write(size, this.#frontier.root(), time, handover);
    if (handover) this.#day = time.slice(0, 10);
  }

  /** Only a segment that a checkpoint covers wholly is sealed: what may be torn is always in the newest. */
  #rotate(): void {
    this.#checkpoint(false);
    saveFrontier(this.#write, this.#keyFolder, this.#frontier);
    savePeaks(this.#write, this.dir, this.#frontier);
    const next = ActiveSegment.create(this.#write, this.dir, this.#frontier.size);
    this.#segment.close();
    this.#segment = next;
    this.#segmentSinceMs = this.#now().getTime();
    this.#compactor.wake();
    this.#retention.wake();
  }

  #isSegmentOld(): boolean {
    return this.size > this.#segment.first && this.#now().getTime() - this.#segmentSinceMs >= this.#segmentMs;
  }

  #time(): string {
    return formatTime(this.#now().getTime());
  }

  #mustWork(): void {
    if (this.#state === "closed") throw new AuditError("ERR_AUDIT_CLOSED", "the audit log was closed");
    if (this.#state === "failed") throw new AuditError("ERR_AUDIT_FAILED", "the audit log has failed: open it anew");
  }

  #trying(action: () => void): void {
    try {
      action();
    } catch (cause) {
      const error = asAuditError(cause, `writing the audit log in ${this.dir}`);
      this.#state = error.code === "ERR_AUDIT_FULL" ? "full" : "failed";
      throw error;
    }
  }
}
