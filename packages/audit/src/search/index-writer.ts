import type { Sidecar, SidecarStatement } from "@modwarden/store";
import type { AuditRecord } from "../record/record.ts";
import { BLOCK_RECORDS } from "./bits.ts";
import { BlockBuilder, BlockStatements } from "./block-builder.ts";
import { Dictionary } from "./dictionary.ts";
import { type FactSink, factsOf, spanOf } from "./facts.ts";
import { Follower } from "./follower.ts";
import { indexDamaged } from "./sealed.ts";

/** Records that are written in one transaction, about: what is lost when it is interrupted, and what others wait for. */
const TRANSACTION_RECORDS = 8 * BLOCK_RECORDS;

interface Progress {
  /** Number of the record that comes next. */
  readonly next: number;
  /** Records that were passed over because they cannot be read. */
  readonly damaged: number;
  readonly generation: number;
}

/** Brings an index up to date with its log. Several processes may do so at a time. */
export class IndexWriter {
  readonly #sidecar: Sidecar;
  readonly #dir: string;
  readonly #dictionary: Dictionary;
  readonly #statements: BlockStatements;
  readonly #read: SidecarStatement<Progress>;
  readonly #save: SidecarStatement<unknown>;
  readonly #sink: FactSink;
  #follower: Follower;
  #builder: BlockBuilder = new BlockBuilder(0);
  /** What this one has come to; another process may have come further. */
  #next = -1;
  #generation = -1;

  constructor(sidecar: Sidecar, dir: string) {
    this.#sidecar = sidecar;
    this.#dir = dir;
    this.#dictionary = new Dictionary(sidecar);
    this.#statements = new BlockStatements(sidecar);
    this.#read = sidecar.prepare("select next, damaged, generation from progress");
    this.#save = sidecar.prepare("update progress set next = ?, damaged = ?");
    this.#follower = new Follower(dir, 0);
    const dictionary = this.#dictionary;
    this.#sink = {
      term: (of, said) => this.#builder.add(dictionary.term(of, said)),
      shape: (shape) => this.#builder.add(dictionary.shape(shape)),
    };
  }

  /** Adds some of the records that came since. False when there are no more now. `left` limits how many. */
  step(left: number = TRANSACTION_RECORDS): boolean {
    try {
      return this.#sidecar.transaction(() => this.#step(Math.min(left, TRANSACTION_RECORDS)));
    } catch (error) {
      this.#dictionary.forget();
      this.#next = -1;
      throw error;
    }
  }

  close(): void {
    this.#follower.close();
  }

  #step(most: number): boolean {
    const known = this.#read.get();
    if (known === undefined) throw indexDamaged("it does not say how far it is");
    if (known.generation !== this.#generation) this.#dictionary.forget();
    if (known.generation !== this.#generation || known.next !== this.#next) this.#resume(known.next);
    this.#generation = known.generation;
    let { next, damaged } = known;
    let found: { readonly seq: number; readonly line: Buffer } | undefined;
    for (let added = 0; added < most; ) {
      found = this.#follower.next();
      if (found === undefined) break;
      const { seq, line } = found;
      const readable = this.#add(seq, line);
      // Of a block that was begun before, the records that it has already are read again.
      if (seq < known.next) continue;
      added++;
      // A log may begin later, but there are no gaps in it.
      damaged += (readable ? 0 : 1) + (next === 0 ? 0 : seq - next);
      next = seq + 1;
    }
    if (next !== known.next) {
      this.#builder.write(this.#statements);
      this.#save.run(next, damaged);
    }
    this.#next = next;
    return found !== undefined;
  }

  /** Begins anew with the block that is not full yet. */
  #resume(next: number): void {
    const number = Math.floor(next / BLOCK_RECORDS);
    this.#follower.close();
    this.#follower = new Follower(this.#dir, number * BLOCK_RECORDS);
    this.#builder = new BlockBuilder(number);
  }

  /** False for a line that is no record: it is only counted. */
  #add(seq: number, line: Buffer): boolean {
    const number = Math.floor(seq / BLOCK_RECORDS);
    if (number !== this.#builder.number) {
      this.#builder.write(this.#statements);
      this.#builder = new BlockBuilder(number);
    }
    const record = recordIn(line, seq);
    this.#builder.begin(seq, line, record === undefined ? undefined : spanOf(record));
    if (record !== undefined) factsOf(record, this.#sink);
    return record !== undefined;
  }
}

/** Not strictly: what is shown later is read again, and then it has to be right. */
function recordIn(line: Buffer, seq: number): AuditRecord | undefined {
  try {
    const record = JSON.parse(line.toString("utf8")) as AuditRecord | null;
    return record?.seq === seq ? record : undefined;
  } catch {
    // Not swallowed: it is counted, and `verify` says what is wrong with it.
    return undefined;
  }
}
