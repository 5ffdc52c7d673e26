import type { LineFile } from "../log/line-file.ts";

/** A stretch that is read rather than halved once more. */
const STRETCH_BYTES = 64 * 1024;
const SEQ = /^\{"seq":(\d{1,16}),/;

/** Goes to record `seq` of a segment, or somewhat before it. Returns the number of the record that `next` returns. */
export function seekRecord(lines: LineFile, first: number, seq: number): number {
  return lines.isPlain ? bisect(lines, first, seq) : first + lines.jumpToPieceOf(seq - first);
}

/**
 * Halves a plain segment by the numbers that its lines say of themselves. Where a line says something impossible, a
 * number not between those around it, the segment is read from its beginning.
 */
function bisect(lines: LineFile, first: number, seq: number): number {
  let low = { position: 0, seq: first };
  let high = { position: lines.length, seq: Number.POSITIVE_INFINITY };
  while (high.position - low.position > STRETCH_BYTES) {
    const middle = Math.floor((low.position + high.position) / 2);
    lines.jump(middle);
    // What is left of the line that it stands in.
    lines.next();
    const { position } = lines;
    const line = position < high.position ? lines.next() : undefined;
    const found = line === undefined ? undefined : seqOf(line);
    if (line === undefined) high = { position: middle, seq: high.seq };
    else if (found === undefined || found <= low.seq || found >= high.seq) {
      low = { position: 0, seq: first };
      break;
    } else if (found <= seq) low = { position, seq: found };
    else high = { position: middle, seq: found };
  }
  lines.jump(low.position);
  return low.seq;
}

function seqOf(line: Buffer): number | undefined {
  const digits = SEQ.exec(line.toString("latin1", 0, 32))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
