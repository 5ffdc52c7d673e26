import {
  type Checkpoint,
  CheckpointFile,
  checkpointLine,
  compareWithWitness,
  parseCheckpoint,
  type WitnessVerdict,
} from "@modwarden/audit";
import { messageOf } from "../threads/thread-error.ts";
import { type Witness, WitnessError, type WitnessState, type WitnessStatus } from "./witness.ts";

/** Something about a witness that the log and the operator are told. */
export type WitnessEvent =
  | { readonly event: "witness-begun"; readonly others: readonly string[] }
  | { readonly event: "witness-lost"; readonly reason: string }
  | { readonly event: "witness-resumed"; readonly lostMs: number }
  | {
      readonly event: "witness-mismatch";
      /** False: it could be a lie of who may write there. */
      readonly proven: boolean;
      readonly reason: string;
      readonly witnessed?: Checkpoint;
    };

export interface WitnessLoopOptions {
  readonly witness: Witness;
  /** The log's folder. */
  readonly dir: string;
  readonly everyMs: number;
  /** A clock that is never set. */
  readonly monotonicMs: () => number;
  readonly onEvent: (event: WitnessEvent) => void;
  /** How long one step at the witness may take. Default 20 s. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 20_000;
const LONGEST_WAIT_MS = 300_000;
/** A witness that has had nothing new for so long is asked whether it is still there. */
const IDLE_MS = 300_000;
/** Lines that go in one step. */
const BATCH = 32;

/**
 * Gives one witness what it has not got: the checkpoints that end an epoch, all of them, and the newest. One step at a
 * time; what fails is tried again later and later. Before anything is given, and after every failure, the witness is
 * asked what it has, and the log is held against that.
 */
export class WitnessLoop {
  readonly #options: WitnessLoopOptions;
  #state: WitnessState = "waiting";
  /** The newest that it has. */
  #kept: Checkpoint | undefined;
  #compared = false;
  #accused = false;
  #underWay: Promise<unknown> | undefined;
  #dueMs = 0;
  #talkedMs = 0;
  #lostMs = 0;
  #failures = 0;

  constructor(options: WitnessLoopOptions) {
    this.#options = options;
    this.#dueMs = options.monotonicMs();
  }

  status(): WitnessStatus {
    const { size, t } = this.#kept ?? { size: null, t: null };
    return { name: this.#options.witness.name, state: this.#state, size, t };
  }

  /** Does what is due; `newest` is the log's newest checkpoint that is on disk. Never rejects. */
  async step(newest: string | undefined): Promise<void> {
    const now = this.#options.monotonicMs();
    if (this.#underWay !== undefined || now < this.#dueMs || newest === undefined) return;
    this.#dueMs = now + this.#options.everyMs;
    if (this.#kept !== undefined && newest === checkpointLine(this.#kept) && now - this.#talkedMs < IDLE_MS) return;
    if (now - this.#talkedMs >= IDLE_MS) this.#compared = false;
    await this.#guarded(() => this.#give(newest));
  }

  /** A last step, when the log is closed: its end is to be witnessed as well. */
  async finish(patienceMs: number): Promise<void> {
    if (this.#state === "lost" || this.#state === "differs" || this.#underWay !== undefined) return;
    const file = CheckpointFile.open(this.#options.dir);
    file?.close();
    if (file !== undefined) await this.#guarded(() => this.#give(checkpointLine(file.last)), patienceMs);
  }

  async #give(newest: string): Promise<void> {
    const { witness } = this.#options;
    const checkpoint = parseCheckpoint(Buffer.from(newest))!;
    if (!this.#compared) await this.#compare(checkpoint);
    if (this.#state === "differs") return;
    const lines = this.#missing(checkpoint);
    for (let from = 0; from < lines.length; from += BATCH) {
      const batch = lines.slice(from, from + BATCH);
      await witness.keep(batch, this.#kept);
      this.#kept = batch.at(-1);
    }
  }

  /** Holds the log against what the witness has; first against the newest of it, which nearly always does. */
  async #compare(newest: Checkpoint): Promise<void> {
    const { witness, dir } = this.#options;
    let verdict: WitnessVerdict | undefined;
    for (const thorough of [false, true]) {
      const lines = await witness.known(newest.log, newest.epoch, thorough);
      if (lines === undefined) break;
      verdict = compareWithWitness(dir, lines);
      if (verdict?.kind === "agrees") break;
    }
    this.#compared = true;
    switch (verdict?.kind) {
      case "agrees":
        this.#kept = verdict.witnessed;
        break;
      case "differs": {
        const { witnessed } = verdict;
        this.#accuse({ proven: true, reason: "it has a checkpoint that this log does not hold", witnessed });
        break;
      }
      case "unproven": {
        const { witnessed } = verdict;
        this.#accuse({ proven: false, reason: "it has checkpoints that this log has not signed", witnessed });
        break;
      }
      case "unknown":
        if (this.#kept === undefined) this.#options.onEvent({ event: "witness-begun", others: verdict.others });
        this.#kept = undefined;
        break;
      case undefined:
        break;
    }
  }

  #accuse(said: { readonly proven: boolean; readonly reason: string; readonly witnessed?: Checkpoint }): void {
    if (said.proven) this.#state = "differs";
    if (!this.#accused) this.#options.onEvent({ event: "witness-mismatch", ...said });
    this.#accused = true;
  }

  /** What lies between the newest that the witness has and the newest there is. */
  #missing(newest: Checkpoint): Checkpoint[] {
    const kept = this.#kept;
    if (kept !== undefined && checkpointLine(kept) === checkpointLine(newest)) return [];
    // A witness that begins now gets the end of the epoch before, which names the key of this one.
    const begun = kept === undefined ? newest.epoch - 1 : kept.next === null ? kept.epoch : kept.epoch + 1;
    const file = CheckpointFile.open(this.#options.dir);
    try {
      const ends: Checkpoint[] = [];
      for (let epoch = Math.max(0, begun); epoch < newest.epoch; epoch++) {
        const end = file?.handover(epoch);
        if (end !== undefined) ends.push(end);
      }
      return [...ends, newest];
    } finally {
      file?.close();
    }
  }

  async #guarded(action: () => Promise<void>, patienceMs?: number): Promise<void> {
    const patience = patienceMs ?? this.#options.patienceMs ?? PATIENCE_MS;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new WitnessError("ERR_WITNESS_AWAY", `no answer within ${patience} ms`)),
      patience,
    );
    const underWay = action();
    // What hangs, on a mount that has gone say, is not asked again before it has ended.
    this.#underWay = underWay.then(
      () => (this.#underWay = undefined),
      () => (this.#underWay = undefined),
    );
    try {
      await Promise.race([underWay, late.promise]);
      this.#worked();
    } catch (error) {
      this.#failed(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #worked(): void {
    const now = this.#options.monotonicMs();
    this.#talkedMs = now;
    this.#failures = 0;
    if (this.#state === "lost") {
      this.#options.onEvent({ event: "witness-resumed", lostMs: Math.round(now - this.#lostMs) });
    }
    if (this.#state !== "differs") this.#state = "working";
  }

  #failed(error: unknown): void {
    const now = this.#options.monotonicMs();
    this.#compared = false;
    const wait = Math.min(LONGEST_WAIT_MS, this.#options.everyMs * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    this.#dueMs = now + wait;
    if (error instanceof WitnessError && error.code === "ERR_WITNESS_CONFLICT") {
      this.#accuse({ proven: true, reason: messageOf(error) });
      return;
    }
    if (this.#state === "lost" || this.#state === "differs") return;
    this.#state = "lost";
    this.#lostMs = now;
    this.#options.onEvent({ event: "witness-lost", reason: messageOf(error) });
  }
}
