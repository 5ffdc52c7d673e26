import type { Checkpoint } from "@modwarden/audit";

/** Where checkpoints of the log go, so that the log cannot be cut back without being found out. */
export interface Witness {
  /** "file /mnt/witness/checkpoints.jsonl", "gateway https://gw2:8443". */
  readonly name: string;
  /**
   * Lines that it keeps, in their order, the newest of this log's among them, and those that end an epoch from `epoch`
   * on; others may stand between them. `thorough`: as far back as it can, not only the newest. Undefined: it tells
   * nothing.
   */
  known(log: string, epoch: number, thorough: boolean): Promise<Iterable<string> | undefined>;
  /** Resolves when they are kept there for good. `after`: the newest that it has, as far as is known. */
  keep(checkpoints: readonly Checkpoint[], after: Checkpoint | undefined): Promise<void>;
  /** Lets go of what it holds. */
  stop(): Promise<void>;
}

/**
 * `waiting`: nothing was sent yet · `working`: it has the newest checkpoint, or will in a moment · `lost`: it cannot be
 * reached · `differs`: it has another past of this log.
 */
export type WitnessState = "waiting" | "working" | "lost" | "differs";

export interface WitnessStatus {
  readonly name: string;
  readonly state: WitnessState;
  /** Records that its newest checkpoint covers; null: it has none, as far as is known. */
  readonly size: number | null;
  /** When that checkpoint was made. */
  readonly t: string | null;
}

/** Causes by code: a witness that was reached and says no. */
export type WitnessErrorCode =
  /** It has another past of this log. */
  | "ERR_WITNESS_CONFLICT"
  /** As many logs are kept as there may be. */
  | "ERR_WITNESS_FULL"
  /** Not the identity of a gateway. */
  | "ERR_WITNESS_IDENTITY"
  | "ERR_WITNESS_THROTTLED"
  /** What is asked is not of the right form. */
  | "ERR_WITNESS_REQUEST"
  /** It did not answer in time, or not in a form that it would. */
  | "ERR_WITNESS_AWAY";

export class WitnessError extends Error {
  readonly code: WitnessErrorCode;

  constructor(code: WitnessErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "WitnessError";
    this.code = code;
  }
}
