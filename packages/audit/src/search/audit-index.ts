import type { Sidecar } from "@modwarden/store";
import { type IndexPlace, indexFileOf, isDamage, openIndexFile, removeIndexFile } from "./index-file.ts";
import { IndexReader } from "./index-reader.ts";
import { IndexWriter } from "./index-writer.ts";
import { numberIn, REMAKE } from "./schema.ts";

export interface IndexStatus {
  /** Records that it knows: those before this number. */
  readonly records: number;
  /** Lines that could not be read as records when they were added. */
  readonly damaged: number;
  /** Size of the file. */
  readonly bytes: number;
}

interface Opened {
  readonly sidecar: Sidecar;
  readonly writer: IndexWriter;
  readonly reader: IndexReader;
}

/**
 * The index of a log: what tells which records to read. It knows nothing that the log does not say, and is made again
 * whenever it does not fit. One that was changed on purpose can hide records: `rebuild` before it matters.
 */
export class AuditIndex {
  readonly file: string;
  readonly dir: string;
  readonly #place: IndexPlace;
  #opened: Opened;

  /** Opens the index, or makes it. Errors: `ERR_AUDIT_NO_LOG`, `ERR_AUDIT_INDEX_PLACE` */
  constructor(place: IndexPlace) {
    this.#place = place;
    this.dir = place.dir;
    this.file = indexFileOf(place);
    this.#opened = this.#open();
  }

  /** Adds what has come since; `progress` is told how many records it knows. */
  update(progress?: (records: number) => void): void {
    while (this.step()) progress?.(this.status.records);
  }

  /** A part of an update: some ten thousand records. False when nothing more is there. */
  step(): boolean {
    return this.#healing(() => this.#opened.writer.step());
  }

  /** Throws the index away and makes it again, from the first record. */
  rebuild(progress?: (records: number) => void): void {
    this.#healing(() => this.#opened.sidecar.transaction(() => this.#opened.sidecar.exec(REMAKE)));
    this.update(progress);
  }

  get status(): IndexStatus {
    return this.#healing(() => {
      const { sidecar } = this.#opened;
      const records = numberIn(sidecar, "select next from progress");
      const damaged = numberIn(sidecar, "select damaged from progress");
      // What was committed may still stand in the write-ahead log beside the file.
      const bytes = numberIn(sidecar, "pragma page_count") * numberIn(sidecar, "pragma page_size");
      return { records, damaged, bytes };
    });
  }

  /** Looks something up. Where the index turns out to be damaged, it is made again and `look` is called once more. */
  reading<Result>(look: (reader: IndexReader) => Result): Result {
    return this.#healing(() => look(this.#opened.reader));
  }

  close(): void {
    this.#opened.writer.close();
    this.#opened.sidecar.close();
  }

  #healing<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    this.#discard();
    while (this.#opened.writer.step());
    return action();
  }

  #discard(): void {
    this.#opened.writer.close();
    this.#opened.sidecar.close();
    removeIndexFile(this.file);
    this.#opened = this.#open();
  }

  #open(): Opened {
    const sidecar = openIndexFile(this.#place);
    return { sidecar, writer: new IndexWriter(sidecar, this.dir), reader: new IndexReader(sidecar) };
  }
}
