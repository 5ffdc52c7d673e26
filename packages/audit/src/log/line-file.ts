import { closeSync, fstatSync, readSync } from "node:fs";
import { AuditError } from "../error.ts";
import { openExisting } from "./existing.ts";
import { type SegmentName, segmentBase } from "./names.ts";
import { type Packing, packingOf, SEGMENT_FILES } from "./packing.ts";
import { PieceIndex } from "./piece-index.ts";

const CHUNK_BYTES = 256 * 1024;
/** After a jump into a file: often one record is all that is wanted. */
const FIRST_CHUNK_BYTES = 8 * 1024;
/** No record is longer; a longer line is damage, and must not fill the memory. */
const MAX_LINE_BYTES = 2 * 1024 * 1024;
const LF = 0x0a;

/**
 * Reads a file of lines, plain or compressed, up to its length at the time it was opened. Memory is bounded by one
 * chunk and one line.
 */
export class LineFile {
  /** Name of the file that is being read. */
  readonly file: string;
  /** Why reading ended early, if it did. Lines just before it may already differ from what was written. */
  damage: string | undefined;
  readonly #fd: number;
  readonly #packing: Packing | undefined;
  #pieces: PieceIndex | undefined;
  #end: number;
  #position = 0;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  #chunkBytes = CHUNK_BYTES;

  private constructor(fd: number, file: string) {
    this.#fd = fd;
    this.file = file;
    this.#packing = packingOf(file);
    this.#end = fstatSync(fd).size;
  }

  /** Opens the first of `files` that is there; undefined when none is. */
  static open(dir: string, ...files: readonly string[]): LineFile | undefined {
    for (const file of files) {
      const fd = openExisting(`${dir}/${file}`);
      if (fd !== undefined) return new LineFile(fd, file);
    }
    return undefined;
  }

  /** The next whole line without LF, valid until the next call; undefined at the end. */
  next(): Buffer | undefined {
    for (let searched = 0; ; ) {
      const lf = this.#chunk.indexOf(LF, this.#at + searched);
      if (lf >= 0) {
        const line = this.#chunk.subarray(this.#at, lf);
        this.#at = lf + 1;
        return line;
      }
      searched = this.#chunk.length - this.#at;
      if (searched > MAX_LINE_BYTES) this.damage ??= "a line is longer than any record";
      const longer = this.damage === undefined ? this.#read(this.#chunk.subarray(this.#at)) : undefined;
      if (longer === undefined) return undefined;
      this.#chunk = longer;
      this.#at = 0;
    }
  }

  /** After the end: bytes behind the last LF, a line that is not finished. */
  get unfinished(): Buffer {
    return this.#chunk.subarray(this.#at);
  }

  /** Not compressed: `jump` goes to any place. */
  get isPlain(): boolean {
    return this.#packing === undefined;
  }

  /** Bytes of the file that are read at most. */
  get length(): number {
    return this.#end;
  }

  /** In a plain file: where the line begins that `next` returns. */
  get position(): number {
    return this.#position - (this.#chunk.length - this.#at);
  }

  /** Goes on from this byte: of a plain file any, which may stand within a line. */
  jump(position: number): void {
    this.#position = Math.min(position, this.#end);
    this.#chunk = Buffer.alloc(0);
    this.#at = 0;
    this.#chunkBytes = FIRST_CHUNK_BYTES;
    this.damage = undefined;
  }

  /** In a compressed file: goes to the piece that holds line `index` (from 0), and says which line `next` returns. */
  jumpToPieceOf(index: number): number {
    this.#pieces ??= new PieceIndex(this.#fd, this.#end, this.#packing);
    const piece = this.#pieces.find(index);
    this.jump(piece.position);
    return piece.firstLine;
  }

  /** After the end of a plain file: looks whether it has grown, so that `next` may find more. */
  grow(): void {
    this.#end = Math.max(this.#end, fstatSync(this.#fd).size);
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** What follows, behind what is left of what was read before. */
  #read(rest: Buffer): Buffer | undefined {
    if (this.#position >= this.#end) return undefined;
    const packing = this.#packing;
    if (packing === undefined) {
      const bytes = this.#take(this.#chunkBytes, rest);
      this.#chunkBytes = Math.min(2 * this.#chunkBytes, CHUNK_BYTES);
      return bytes;
    }
    const header = this.#take(packing.headerBytes);
    const size = packing.measure(header);
    if (size === undefined || this.#position - header.length + size.bytes > this.#end) {
      this.damage = "the compressed segment is damaged or cut short";
      return undefined;
    }
    const { bytes, damaged } = packing.unpack(Buffer.concat([header, this.#take(size.bytes - header.length)]));
    if (damaged) this.damage = "the compressed segment is damaged";
    return rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
  }

  /** Up to `bytes` bytes, behind `head`; fewer at the end, or when the file has become shorter meanwhile. */
  #take(bytes: number, head: Buffer = NOTHING): Buffer {
    const wanted = Math.min(bytes, this.#end - this.#position);
    // What is not read into is cut off below.
    const buffer = Buffer.allocUnsafeSlow(head.length + wanted);
    head.copy(buffer);
    let got = 0;
    while (got < wanted) {
      const read = readSync(this.#fd, buffer, head.length + got, wanted - got, this.#position + got);
      if (read === 0) break;
      got += read;
    }
    this.#position += got;
    if (got < wanted) this.#end = this.#position;
    return buffer.subarray(0, head.length + got);
  }
}

const NOTHING: Buffer = Buffer.alloc(0);

/** Opens a segment, which may have been compressed since it was listed. Undefined when there is no such file. */
export function findSegment(dir: string, segment: SegmentName): LineFile | undefined {
  const base = segmentBase(segment.first);
  return LineFile.open(dir, segment.file, ...SEGMENT_FILES.map(({ ending }) => `${base}${ending}`));
}

/** As `findSegment`; throws `ERR_AUDIT_NO_LOG` when it is not there. */
export function openSegment(dir: string, segment: SegmentName): LineFile {
  const lines = findSegment(dir, segment);
  if (lines === undefined) throw new AuditError("ERR_AUDIT_NO_LOG", `segment ${segment.file} of ${dir} was removed`);
  return lines;
}

/** The forms of a segment that are there beside `file`: a crash may have left the plain and the compressed one. */
export function otherForms(dir: string, segment: SegmentName, file: string): LineFile[] {
  return SEGMENT_FILES.map(({ ending }) => `${segmentBase(segment.first)}${ending}`)
    .filter((name) => name !== file)
    .map((name) => LineFile.open(dir, name))
    .filter((lines) => lines !== undefined);
}
