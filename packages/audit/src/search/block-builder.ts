import { hash } from "node:crypto";
import type { Sidecar, SidecarStatement } from "@modwarden/store";
import { BLOCK_RECORDS } from "./bits.ts";
import { packPosting } from "./posting.ts";
import { TextFilter } from "./text-filter.ts";
import { packTimes, type Span } from "./times.ts";

interface Posting {
  readonly offsets: number[];
  /** How many of them the file has. */
  written: number;
}

/** Prepared once, used for every block. */
export class BlockStatements {
  readonly posting: SidecarStatement<unknown>;
  readonly block: SidecarStatement<unknown>;
  readonly content: SidecarStatement<unknown>;

  constructor(sidecar: Sidecar) {
    this.posting = sidecar.prepare("insert or replace into posting values (?, ?, ?)");
    this.block = sidecar.prepare("insert or replace into block values (?, ?, ?, ?, ?)");
    this.content = sidecar.prepare("insert or replace into content values (?, ?, ?)");
  }
}

/** What the index will have of one block, while its records come. It may be written several times as it grows. */
export class BlockBuilder {
  readonly number: number;
  readonly #postings = new Map<number, Posting>();
  readonly #spans: (Span | undefined)[] = [];
  readonly #text = new TextFilter();
  /** Earliest and latest time in it. */
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #lastLine: Buffer = Buffer.alloc(0);
  #lastSeq = -1;

  constructor(number: number) {
    this.number = number;
  }

  /** The record that comes now. */
  begin(seq: number, line: Buffer, span: Span | undefined): void {
    this.#spans[seq % BLOCK_RECORDS] = span;
    if (span !== undefined) {
      this.#first = Math.min(this.#first, span.from);
      this.#last = Math.max(this.#last, span.to);
    }
    this.#text.add(line);
    // The reader may use its memory again.
    this.#lastLine = Buffer.from(line);
    this.#lastSeq = seq;
  }

  /** The record that began last has this term. */
  add(term: number): void {
    const offset = this.#lastSeq % BLOCK_RECORDS;
    const posting = this.#postings.get(term);
    if (posting === undefined) this.#postings.set(term, { offsets: [offset], written: 0 });
    else if (posting.offsets.at(-1) !== offset) posting.offsets.push(offset);
  }

  /** Writes what has changed since it was written last. */
  write(statements: BlockStatements): void {
    const { number } = this;
    if (this.#lastSeq < 0) return;
    for (const [term, posting] of this.#postings) {
      if (posting.written === posting.offsets.length) continue;
      statements.posting.run(term, number, packPosting(term, number, posting.offsets));
      posting.written = posting.offsets.length;
    }
    const dated = this.#first <= this.#last;
    const digest = hash("sha256", this.#lastLine, "buffer");
    statements.block.run(number, dated ? this.#first : null, dated ? this.#last : null, this.#lastSeq, digest);
    // Offsets that were left out are holes, which must be there as such.
    statements.content.run(number, packTimes(number, Array.from(this.#spans)), this.#text.pack(number));
  }
}
