import { closeSync, fstatSync, readSync } from "node:fs";
import { type Checkpoint, MAX_CHECKPOINT_BYTES, parseCheckpoint } from "./checkpoint.ts";
import { openExisting } from "./existing.ts";
import { CHECKPOINTS, TOMBSTONES } from "./names.ts";
import { MAX_TOMBSTONE_BYTES, parseTombstone, type Tombstone } from "./tombstone.ts";

export interface LastLine<Value> {
  /** The last whole line; undefined when there is none, or when it is not what it should be. */
  readonly last: Value | undefined;
  /** Bytes up to and with the last whole line. */
  readonly bytes: number;
}

export function lastCheckpoint(dir: string): LastLine<Checkpoint> {
  return lastLine(`${dir}/${CHECKPOINTS}`, MAX_CHECKPOINT_BYTES, parseCheckpoint);
}

export function lastTombstone(dir: string): LastLine<Tombstone> {
  return lastLine(`${dir}/${TOMBSTONES}`, MAX_TOMBSTONE_BYTES, parseTombstone);
}

/** Reads the end of a file of signed lines. An unfinished line behind it never became durable and counts for nothing. */
function lastLine<Value>(path: string, longest: number, parse: (line: Buffer) => Value | undefined): LastLine<Value> {
  const fd = openExisting(path);
  if (fd === undefined) return { last: undefined, bytes: 0 };
  try {
    const { size } = fstatSync(fd);
    const start = Math.max(0, size - 2 * longest);
    const bytes = Buffer.alloc(size - start);
    const tail = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, start));
    const end = tail.lastIndexOf(0x0a);
    if (end < 0) return { last: undefined, bytes: 0 };
    const line = tail.subarray(end === 0 ? 0 : tail.lastIndexOf(0x0a, end - 1) + 1, end);
    return { last: parse(line), bytes: start + end + 1 };
  } finally {
    closeSync(fd);
  }
}
