import { AuditError } from "../error.ts";
import type { AuditLog } from "../log/audit-log.ts";
import type { JsonValue } from "../record/json.ts";
import { type RingState, refusalReasons } from "../ring/layout.ts";
import { RingReader } from "../ring/reader.ts";
import { ClockWatch } from "./clock-watch.ts";
import type { Reserve } from "./reserve.ts";

export interface RecorderOptions {
  readonly log: AuditLog;
  readonly rings: readonly SharedArrayBuffer[];
  /** The wall clock, to notice that it was set. */
  readonly now: () => Date;
  /** A clock that is never set. Default: `performance.now`. */
  readonly monotonicMs?: () => number;
  /** Records per step and commit. Default 4096. */
  readonly batchRecords?: number;
  /** Between checkpoints, when there is anything new. Default 1000. */
  readonly checkpointMs?: number;
  /** A checkpoint covers no more new records than these and a batch. Default 65,536. */
  readonly checkpointRecords?: number;
  /** Between attempts while the disk is full. Default 250. */
  readonly retryMs?: number;
  /** Room that is given up when the disk is full. */
  readonly reserve?: Reserve;
  /** While less than this is free, it is told. Needs a reserve. */
  readonly warnBelowBytes?: number;
}

const MAINTAIN_EVERY = 16;

/**
 * The one that writes: takes records from the rings of the line threads, in fair turns, commits each batch with one
 * sync, says in each ring how many of its records are durable, and sees to checkpoints, epochs and compression.
 *
 * When the disk is full it is *stuck*: the rings say so, what was taken waits in memory, nothing more is taken from
 * them (a full ring refuses and counts), and every `retryMs` the waiting records are tried again. Once they are
 * durable the rings say so, and a system record tells how long it took and how many records were refused meanwhile.
 * With a reserve, that is given up first: the rings still say *stuck*, but what they hold is taken and made durable as
 * far as the room goes. Only when the reserve can be taken again does the recorder work as before.
 * Any other error of the disk is final: the rings say *failed*, and only a new start helps.
 */
export class Recorder {
  readonly #log: AuditLog;
  readonly #rings: readonly RingReader[];
  /** Refusals of each ring that are on record, by reason. */
  readonly #refused: number[][];
  readonly #monotonicMs: () => number;
  readonly #batchRecords: number;
  readonly #checkpointMs: number;
  readonly #checkpointRecords: number;
  readonly #retryMs: number;
  #reserve: Reserve | undefined;
  readonly #warnBelowBytes: number;
  #low = false;
  /** The reserve was given up for what waits now; what is there of it is being taken again. */
  #spent = false;
  readonly #clock: ClockWatch;
  #state: RingState = "working";
  #turn = 0;
  #stuckSince = 0;
  #triedAt = 0;
  #tickedAt: number;
  #malformed = 0;
  #wake: (() => void) | undefined;

  constructor(options: RecorderOptions) {
    this.#log = options.log;
    this.#rings = options.rings.map((buffer) => new RingReader(buffer));
    this.#refused = this.#rings.map((ring) => refusalReasons.map((reason) => ring.refused(reason)));
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#batchRecords = options.batchRecords ?? 4096;
    this.#checkpointMs = options.checkpointMs ?? 1000;
    this.#checkpointRecords = options.checkpointRecords ?? 65_536;
    this.#retryMs = options.retryMs ?? 250;
    this.#reserve = options.reserve;
    this.#warnBelowBytes = options.warnBelowBytes ?? 0;
    this.#clock = new ClockWatch(options.now, this.#monotonicMs);
    this.#tickedAt = this.#monotonicMs();
    for (const ring of this.#rings) ring.publishState("working");
  }

  /** Less room is free than there should be. */
  get low(): boolean {
    return this.#low;
  }

  /** How it is, as the rings say it too. */
  get state(): RingState {
    return this.#state;
  }

  get log(): AuditLog {
    return this.#log;
  }

  /** Appends a record of this thread's own; durable after the next step that commits. Throws what `append` throws. */
  append(body: string | Uint8Array): number {
    const seq = this.#log.append(body);
    this.#wakeUp();
    return seq;
  }

  /** One round: drain, commit, publish, and what is due by the clock. Returns how many records were taken. */
  step(): number {
    if (this.#state === "failed" || this.#state === "stopped") return 0;
    if (this.#state === "stuck" && !this.#tryAgain()) return 0;
    let taken = 0;
    this.#guarded(() => {
      taken = this.#drain();
      this.#commit();
      this.#tick();
      // When there is nothing else to do, but in the long run also when there always is.
      if (taken === 0 || this.#turn % MAINTAIN_EVERY === 0) this.#maintain();
    });
    return taken;
  }

  /** Takes what is in the rings now and signs a checkpoint over it, if there is anything new. False when it cannot. */
  checkpoint(): boolean {
    this.step();
    if (this.#state === "working") this.#guarded(() => this.#log.checkpoint());
    return this.#state === "working";
  }

  /** Settles when there may be something to do, after `timeoutMs` at the latest. One wait at a time. */
  async wait(timeoutMs: number): Promise<void> {
    for (const ring of this.#state === "working" ? this.#rings : []) if (!ring.arm(this.#wakeUp)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }

  /**
   * Takes what the rings still hold and closes the log. The producers have stopped before. Throws when not everything
   * could be made durable.
   */
  stop(): void {
    try {
      while (this.#state === "working" && this.#rings.some((ring) => !ring.empty)) this.step();
      if (this.#state === "failed") throw new AuditError("ERR_AUDIT_FAILED", "the audit log failed before the stop");
      this.#recordCounters();
      this.#log.close();
      this.#publishDurable();
    } finally {
      this.#log.close();
      this.#publish("stopped");
    }
  }

  /** A fair share for each ring, beginning with another one every time; then the rest for who has more. */
  #drain(): number {
    const rings = this.#rings.length;
    let left = this.#batchRecords - this.#log.waiting;
    let taken = 0;
    for (const share of [Math.ceil(left / Math.max(rings, 1)), left]) {
      for (let index = 0; index < rings && left > 0 && !this.#log.isFull; index++) {
        const got = this.#rings[(this.#turn + index) % rings]!.drain(this.#take, Math.min(share, left));
        taken += got;
        left -= got;
      }
    }
    this.#turn++;
    return taken;
  }

  readonly #wakeUp = (): void => this.#wake?.();

  readonly #take = (bytes: Uint8Array): boolean => {
    try {
      this.#log.append(bytes);
    } catch (error) {
      if (!(error instanceof AuditError) || error.code !== "ERR_AUDIT_BAD_RECORD") throw error;
      this.#malformed++;
    }
    return !this.#log.isFull;
  };

  #commit(): void {
    if (this.#malformed > 0) this.#record({ event: "bad-records", records: this.#malformed });
    this.#malformed = 0;
    this.#log.commit();
    this.#publishDurable();
  }

  #publishDurable(): void {
    for (const ring of this.#rings) ring.publishDurable(ring.drained);
  }

  /**
   * What is due once per interval: counters, the clock, a checkpoint; and a new epoch on a new day. Under load a
   * checkpoint comes sooner.
   */
  #tick(): void {
    const now = this.#monotonicMs();
    if (now - this.#tickedAt < this.#checkpointMs) {
      if (this.#log.size - this.#log.covered >= this.#checkpointRecords) this.#log.checkpoint();
      return;
    }
    this.#tickedAt = now;
    const jumpMs = this.#clock.jumpMs();
    if (jumpMs !== 0) this.#record({ event: "clock", jumpMs });
    this.#recordCounters();
    this.#watchRoom();
    this.#keepReserve();
    this.#log.checkpoint();
  }

  /** False: there is one, and no room for it. One that cannot be kept for another reason is done without. */
  #keepReserve(): boolean {
    try {
      return this.#reserve?.restore() ?? true;
    } catch (error) {
      if (!(error instanceof AuditError)) throw error;
      this.#reserve = undefined;
      this.#record({ event: "reserve-failed", code: error.code });
      return true;
    }
  }

  /** Told before it is full, and once more when there is a quarter more room again than is wanted. */
  #watchRoom(): void {
    if (this.#reserve === undefined || this.#warnBelowBytes === 0) return;
    const { free } = this.#reserve;
    const low = free < (this.#low ? 1.25 : 1) * this.#warnBelowBytes;
    if (low !== this.#low) {
      this.#record({ event: low ? "low-room" : "room", freeBytes: free, warnBelowBytes: this.#warnBelowBytes });
    }
    this.#low = low;
  }

  #recordCounters(): void {
    for (const [index, ring] of this.#rings.entries()) {
      for (const [place, reason] of refusalReasons.entries()) {
        const counted = this.#refused[index]!;
        const records = ring.refused(reason) - counted[place]!;
        if (records === 0) continue;
        this.#record({ event: "refused", ring: index, reason, records });
        counted[place]! += records;
      }
    }
  }

  #maintain(): void {
    try {
      this.#log.maintain();
    } catch (error) {
      if (!(error instanceof AuditError)) throw error;
      // Compression and removal can wait; the log itself is sound.
      this.#record({ event: `${this.#log.work}-failed`, code: error.code });
    }
  }

  #record(fields: { readonly [field: string]: JsonValue }): void {
    this.#log.record("system", fields);
  }

  /** While stuck: true when the waiting records have become durable. */
  #tryAgain(): boolean {
    const now = this.#monotonicMs();
    if (now - this.#triedAt < this.#retryMs) return false;
    this.#triedAt = now;
    this.#guarded(() => {
      if (!this.#spent && this.#reserve?.release()) {
        this.#record({ event: "full", reserveBytes: this.#reserve.bytes });
      }
      this.#spent = true;
      this.#log.commit();
      this.#log.checkpoint();
      this.#publishDurable();
      if (!this.#keepReserve()) {
        this.#drain();
        this.#recordCounters();
        this.#commit();
        return;
      }
      this.#publish("working");
      this.#record({ event: "resumed", stuckMs: Math.round(now - this.#stuckSince) });
      this.#recordCounters();
    });
    return this.#state === "working";
  }

  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof AuditError)) throw error;
      if (error.code !== "ERR_AUDIT_FULL") {
        this.#publish("failed");
        return;
      }
      this.#spent = false;
      if (this.#state === "working") this.#stuckSince = this.#monotonicMs();
      this.#triedAt = this.#monotonicMs();
      this.#publish("stuck");
    }
  }

  #publish(state: RingState): void {
    this.#state = state;
    for (const ring of this.#rings) ring.publishState(state);
  }
}
