import { AuditError, type Checkpoint, checkpointLine, type Prover } from "@modwarden/audit";
import type { KeepBody } from "./wire.ts";
import { WitnessError } from "./witness.ts";

/**
 * Checkpoints as a gateway is shown them: each with the proof that the log has only grown since the one before. Error:
 * ERR_WITNESS_AWAY where the records that it takes are not kept any longer
 */
export function withGrowth(
  prover: () => Prover,
  checkpoints: readonly Checkpoint[],
  after: Checkpoint | undefined,
): KeepBody["checkpoints"] {
  let last = after;
  return checkpoints.map((checkpoint) => {
    const growth = growthOf(prover, last, checkpoint);
    last = checkpoint;
    return { line: checkpointLine(checkpoint), growth };
  });
}

function growthOf(prover: () => Prover, before: Checkpoint | undefined, checkpoint: Checkpoint): readonly string[] {
  if (before === undefined || checkpoint.size <= before.size) return [];
  try {
    return prover().consistency(before.size, checkpoint.size).path;
  } catch (error) {
    if (!(error instanceof AuditError && error.code === "ERR_AUDIT_NO_RECORD")) throw error;
    throw new WitnessError(
      "ERR_WITNESS_AWAY",
      `it was away for so long that records after its checkpoint over ${before.size} are not kept any longer: move what it has of this log away there, and it begins anew`,
      { cause: error },
    );
  }
}
