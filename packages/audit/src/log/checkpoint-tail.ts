import { closeSync, fstatSync, readSync } from "node:fs";
import { type Checkpoint, MAX_CHECKPOINT_BYTES, parseCheckpoint } from "./checkpoint.ts";
import { openExisting } from "./existing.ts";
import { CHECKPOINTS } from "./names.ts";

export interface CheckpointTail {
  /** The last whole line; undefined when there is none, or when it is no checkpoint. */
  readonly last: Checkpoint | undefined;
  /** Bytes up to and with the last whole line. */
  readonly bytes: number;
}

/** Reads the end of checkpoints.jsonl. An unfinished line behind it never became durable and counts for nothing. */
export function readCheckpointTail(dir: string): CheckpointTail {
  const fd = openExisting(`${dir}/${CHECKPOINTS}`);
  if (fd === undefined) return { last: undefined, bytes: 0 };
  try {
    const { size } = fstatSync(fd);
    const start = Math.max(0, size - 2 * MAX_CHECKPOINT_BYTES);
    const bytes = Buffer.alloc(size - start);
    const tail = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, start));
    const end = tail.lastIndexOf(0x0a);
    if (end < 0) return { last: undefined, bytes: 0 };
    const line = tail.subarray(end === 0 ? 0 : tail.lastIndexOf(0x0a, end - 1) + 1, end);
    return { last: parseCheckpoint(line), bytes: start + end + 1 };
  } finally {
    closeSync(fd);
  }
}
