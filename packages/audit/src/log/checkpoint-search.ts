import type { KeyObject } from "node:crypto";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { LineFile } from "./line-file.ts";
import { CHECKPOINTS } from "./names.ts";
import { readPublicKey } from "./public-key.ts";

/** A stretch that is read rather than halved once more. */
const STRETCH_BYTES = 8 * 1024;

/** The first checkpoint over exactly `size` records. Not verified. */
export function checkpointOfSize(dir: string, size: number): Checkpoint | undefined {
  const found = firstCheckpoint(dir, (checkpoint) => checkpoint.size >= size);
  return found?.size === size ? found : undefined;
}

/** The public key of an epoch, as the checkpoints hand it over from `firstKey`. Not verified. */
export function keyOfEpoch(dir: string, firstKey: KeyObject, epoch: number): KeyObject | undefined {
  if (epoch === 0) return firstKey;
  const handover = firstCheckpoint(dir, (checkpoint) => {
    return checkpoint.epoch >= epoch || (checkpoint.epoch === epoch - 1 && checkpoint.next !== null);
  });
  return handover?.epoch === epoch - 1 ? readPublicKey(handover.next ?? "") : undefined;
}

/** Sizes and epochs only rise: the first checkpoint of which `holds` is true, found by halving the file. */
function firstCheckpoint(dir: string, holds: (checkpoint: Checkpoint) => boolean): Checkpoint | undefined {
  const lines = LineFile.open(dir, CHECKPOINTS);
  if (lines === undefined) return undefined;
  try {
    let low = 0;
    let high = lines.length;
    while (high - low > STRETCH_BYTES) {
      const middle = Math.floor((low + high) / 2);
      lines.jump(middle);
      // What is left of the line that it stands in.
      lines.next();
      const { position } = lines;
      const line = position < high ? lines.next() : undefined;
      const checkpoint = line === undefined ? undefined : parseCheckpoint(line);
      if (checkpoint === undefined || holds(checkpoint)) high = middle;
      else low = position;
    }
    lines.jump(low);
    for (let line = lines.next(); line !== undefined; line = lines.next()) {
      const checkpoint = parseCheckpoint(line);
      if (checkpoint !== undefined && holds(checkpoint)) return checkpoint;
    }
    return undefined;
  } finally {
    lines.close();
  }
}
