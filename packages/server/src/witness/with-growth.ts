import { type Checkpoint, checkpointLine, type Prover } from "@modwarden/audit";
import type { KeepBody } from "./wire.ts";

/** Checkpoints as a gateway is shown them: each with the proof that the log has only grown since the one before. */
export function withGrowth(
  prover: () => Prover,
  checkpoints: readonly Checkpoint[],
  after: Checkpoint | undefined,
): KeepBody["checkpoints"] {
  let last = after;
  return checkpoints.map((checkpoint) => {
    const before = last;
    last = checkpoint;
    const hasGrown = before !== undefined && checkpoint.size > before.size;
    const growth = hasGrown ? prover().consistency(before.size, checkpoint.size).path : [];
    return { line: checkpointLine(checkpoint), growth };
  });
}
