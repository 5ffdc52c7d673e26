import type { Slot } from "../slot.ts";

/** A request that had its turn and waits for something to be known before it is decided. */
export interface Wait {
  readonly slot: Slot;
  /** Which use of the slot: a late step of an earlier one is none of this. */
  readonly use: number;
  /** Times that something was read for it. */
  rounds: number;
  /** What it waits for: reads of the gateway, and writes on their way. */
  pending: number;
  /** Something it waited for did not come: it is decided by what is known. */
  failed: boolean;
  untilMs: number;
  /** Called when nothing is pending any more. */
  readonly over: (wait: Wait) => void;
}

/** One thing that it waited for is there, or will not come. */
export function settleOne(wait: Wait, good: boolean): void {
  if (!good) wait.failed = true;
  wait.pending -= 1;
  if (wait.pending === 0) wait.over(wait);
}

/** Waits with the others, once for each request: what it waited for before another policy came is no more. */
export function join(waits: Wait[], wait: Wait): void {
  wait.pending += 1;
  const before = waits.findIndex(({ slot }) => slot === wait.slot);
  if (before < 0) waits.push(wait);
  else waits[before] = wait;
}
