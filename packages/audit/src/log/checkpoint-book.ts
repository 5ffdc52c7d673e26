import { AppendFile, asAuditError } from "./append-file.ts";
import { type Checkpoint, checkpointLine, signCheckpoint } from "./checkpoint.ts";
import type { EpochKey, EpochKeys } from "./epoch-keys.ts";
import { CHECKPOINTS } from "./names.ts";
import { signTombstone, type Tombstone } from "./tombstone.ts";
import type { WriteFs } from "./write-fs.ts";

/** Writes checkpoints.jsonl and moves from epoch to epoch. */
export class CheckpointBook {
  readonly log: string;
  readonly #keys: EpochKeys;
  readonly #file: AppendFile;
  #current: EpochKey;
  #next: EpochKey | undefined;
  #last: Checkpoint | undefined;
  #inEpoch = 0;
  #inLastEpoch = 0;

  constructor(write: WriteFs, dir: string, log: string, keys: EpochKeys, current: EpochKey, resume?: Resume) {
    this.log = log;
    this.#keys = keys;
    this.#current = current;
    this.#last = resume?.last;
    if (resume?.last.next === null) this.#inEpoch = resume.inEpoch;
    else this.#inLastEpoch = resume?.inEpoch ?? 0;
    const bytes = resume?.bytes ?? 0;
    // The last one may be there to be read only because its sync failed and the system has not forgotten it yet.
    const unsure = resume === undefined ? bytes : bytes - checkpointLine(resume.last).length - 1;
    this.#file = new AppendFile(write, `${dir}/${CHECKPOINTS}`, bytes, unsure);
    this.#file.sync();
  }

  get last(): Checkpoint | undefined {
    return this.#last;
  }

  get epoch(): number {
    return this.#current.epoch;
  }

  /** Checkpoints of the present epoch so far. */
  get inEpoch(): number {
    return this.#inEpoch;
  }

  /** Checkpoints of the epoch before: of all of it, for it has ended. */
  get inLastEpoch(): number {
    return this.#inLastEpoch;
  }

  /**
   * Signs and keeps a checkpoint over the first `size` records. With `handover` it is the last of its epoch: it names
   * the next public key, and the private key that signed it is erased. The times of checkpoints never go back, also
   * when the clock does: else whoever takes today's key could date what they sign into yesterday.
   */
  write(size: number, root: Uint8Array, time: string, handover: boolean): void {
    const current = this.#current;
    const next = handover ? this.#nextKey() : undefined;
    const checkpoint = signCheckpoint(
      {
        log: this.log,
        size,
        root: Buffer.from(root).toString("base64"),
        t: this.#last !== undefined && this.#last.t > time ? this.#last.t : time,
        epoch: current.epoch,
        next: next?.publicKey ?? null,
      },
      current.key,
    );
    this.#file.append(Buffer.from(`${checkpointLine(checkpoint)}\n`));
    this.#file.sync();
    this.#last = checkpoint;
    this.#inEpoch++;
    if (next === undefined) return;
    this.#inLastEpoch = this.#inEpoch;
    this.#inEpoch = 0;
    this.#current = next;
    this.#next = undefined;
    guard("erasing the key of an epoch that has ended", () => this.#keys.erase(current.epoch));
  }

  /** Signs what `draft` says with the key of the present epoch. */
  signTombstone(draft: Omit<Tombstone, "log" | "epoch" | "sig">): Tombstone {
    const { epoch, key } = this.#current;
    return signTombstone({ log: this.log, ...draft, epoch }, key);
  }

  close(): void {
    this.#file.close();
  }

  /** Made once: an attempt that found no room for the checkpoint is repeated with the same key. */
  #nextKey(): EpochKey {
    const { epoch, publicKey } = this.#current;
    this.#next ??= guard("keeping the key of a new epoch", () => this.#keys.create(epoch + 1, publicKey));
    return this.#next;
  }
}

export interface Resume {
  readonly last: Checkpoint;
  /** Bytes of checkpoints.jsonl up to and with the last whole line. */
  readonly bytes: number;
  /** Checkpoints of the epoch of the last one. */
  readonly inEpoch: number;
}

function guard<Value>(doing: string, action: () => Value): Value {
  try {
    return action();
  } catch (error) {
    throw asAuditError(error, doing);
  }
}
