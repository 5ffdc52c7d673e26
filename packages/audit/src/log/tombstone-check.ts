import type { KeyObject } from "node:crypto";
import { CheckpointFile } from "../witness/checkpoint-file.ts";
import { type Checkpoint, checkpointSignedBy } from "./checkpoint.ts";
import { checkpointOfSize, keyOfEpoch } from "./checkpoint-search.ts";
import { listLeaves, listPeaks, listSegments } from "./names.ts";
import { readPublicKey } from "./public-key.ts";
import { type Tombstone, tombstoneSignedBy } from "./tombstone.ts";

/**
 * Whether a log's newest tombstone is its own. A start finishes the removal that it speaks of: whoever may only write
 * into the folder must not have the site remove, and say on record that it was lawful, what they could not excuse
 * themselves. So where anything is still there to be removed, the keys are verified from the first one on.
 */
export function isOwnTombstone(dir: string, tombstone: Tombstone, last: Checkpoint, firstKey: KeyObject): boolean {
  const { log, size, root, epoch } = tombstone;
  if (log !== last.log || size > last.size || checkpointOfSize(dir, size)?.root !== root) return false;
  const removes = [...listSegments(dir), ...listLeaves(dir), ...listPeaks(dir)].some(({ first }) => first < size);
  const key = removes ? provenKey(dir, firstKey, epoch) : keyOfEpoch(dir, firstKey, epoch);
  return key !== undefined && tombstoneSignedBy(tombstone, key);
}

/** The public key of an epoch, handed over by signatures all the way. */
function provenKey(dir: string, firstKey: KeyObject, epoch: number): KeyObject | undefined {
  const file = CheckpointFile.open(dir);
  if (file === undefined) return undefined;
  try {
    let key: KeyObject | undefined = firstKey;
    for (let number = 0; number < epoch && key !== undefined; number++) {
      const end = file.handover(number);
      key = end !== undefined && checkpointSignedBy(end, key) ? readPublicKey(end.next ?? "") : undefined;
    }
    return key;
  } finally {
    file.close();
  }
}
