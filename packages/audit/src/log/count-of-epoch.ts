import { closeSync, readSync } from "node:fs";
import { MAX_CHECKPOINT_BYTES } from "./checkpoint.ts";
import { openExisting } from "./existing.ts";
import { CHECKPOINTS } from "./names.ts";

const CHUNK_BYTES = 1024 * 1024;
const LF = 0x0a;

/** How many checkpoints of `epoch` stand at the end of the file. `end`: bytes up to and with its last whole line. */
export function countOfEpoch(dir: string, epoch: number, end: number): number {
  const fd = openExisting(`${dir}/${CHECKPOINTS}`);
  if (fd === undefined) return 0;
  try {
    let count = 0;
    let rest: Buffer = Buffer.alloc(0);
    for (let to = end; to > 0 && rest.length <= MAX_CHECKPOINT_BYTES; ) {
      const from = Math.max(0, to - CHUNK_BYTES);
      const chunk = Buffer.alloc(to - from);
      readSync(fd, chunk, 0, chunk.length, from);
      rest = Buffer.concat([chunk, rest]);
      // Line by line from the end; what stands before the first LF may begin in the chunk before.
      for (let start = lineStart(rest); start > 0 || (start === 0 && from === 0); start = lineStart(rest)) {
        if (!rest.includes(`,"epoch":${epoch},`, start)) return count;
        count++;
        rest = rest.subarray(0, start);
        if (start === 0) break;
      }
      to = from;
    }
    return count;
  } finally {
    closeSync(fd);
  }
}

/** Where the last line begins; 0 also when it may begin earlier. */
function lineStart(bytes: Buffer): number {
  return bytes.length < 2 ? 0 : bytes.lastIndexOf(LF, bytes.length - 2) + 1;
}
