import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { systemCode } from "../error.ts";
import { type Checkpoint, MAX_CHECKPOINT_BYTES, parseCheckpoint } from "./checkpoint.ts";
import { CHECKPOINTS } from "./names.ts";

export interface CheckpointTail {
  /** The last whole line; undefined when there is none, or when it is no checkpoint. */
  readonly last: Checkpoint | undefined;
  /** Bytes up to and with the last whole line. */
  readonly bytes: number;
}

/** Reads the end of checkpoints.jsonl. An unfinished line behind it never became durable and counts for nothing. */
export function readCheckpointTail(dir: string): CheckpointTail {
  let fd: number;
  try {
    fd = openSync(`${dir}/${CHECKPOINTS}`, "r");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { last: undefined, bytes: 0 };
    throw error;
  }
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
