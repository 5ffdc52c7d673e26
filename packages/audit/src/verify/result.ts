/** What `verifyLog` found; the shape of `modwarden audit verify --json`. */
export type VerifyResult = VerifiedLog | DamagedLog;

export interface VerifiedLog {
  readonly ok: true;
  /** All records that were verified, those that are pending among them. */
  readonly records: number;
  /** Records behind the last checkpoint: nothing vouches for them yet. */
  readonly pending: number;
  /** Checkpoints whose place in the chain was checked. */
  readonly checkpoints: number;
  /** Root of the last checkpoint, base64. */
  readonly root: string;
  /** Where the first public key came from: the folder itself, or whoever asked. */
  readonly trust: "folder" | "given";
  /** Of one segment alone: number of its first record. */
  readonly from?: number;
  /** With a witness's file: how many of its lines stand in the log: all that are of this log. */
  readonly witnessed?: number;
  /** Times that do not fit: there only when there are any. No damage by themselves, for clocks are set. */
  readonly clock?: readonly ClockDoubt[];
  /** Where the log's beginning was removed, and a tombstone says so: the first record that is here. */
  readonly firstSeq?: number;
  /** Segments that were removed before it. */
  readonly pruned?: number;
}

/** Records whose times do not fit those of the checkpoints around them by more than the slack; one entry an epoch. */
export interface ClockDoubt {
  readonly epoch: number;
  /** The first of them, and the time it claims. */
  readonly seq: number;
  readonly t: string;
  /** How many there are. */
  readonly records: number;
  /** They claim to be older than their epoch, which began at this time. */
  readonly before?: string;
  /** They claim to be younger than the checkpoint that covers them: the one over the first of them is of this time. */
  readonly after?: string;
}

export interface DamagedLog {
  readonly ok: false;
  /** The first record that is wrong; the first behind the last checkpoint that holds where it cannot be told exactly. */
  readonly seq: number;
  /** File name of the segment that holds it, or should. */
  readonly segment: string;
  readonly reason: string;
}

/** Ends a verification at the first damage. */
export class Damage extends Error {
  readonly seq: number;
  readonly segment: string | undefined;
  readonly reason: string;

  constructor(seq: number, reason: string, segment?: string) {
    super(reason);
    this.seq = seq;
    this.reason = reason;
    this.segment = segment;
  }
}
