import { basename, dirname } from "node:path";
import { AuditError } from "../error.ts";
import { type Checkpoint, checkpointLine, checkpointSignedBy, parseCheckpoint } from "../log/checkpoint.ts";
import { LineFile } from "../log/line-file.ts";
import { CHECKPOINTS } from "../log/names.ts";
import { readPublicKey } from "../log/public-key.ts";
import { CheckpointFile } from "../witness/checkpoint-file.ts";
import { Damage } from "./result.ts";

/** A file of checkpoints that was kept elsewhere: everyone of this log has to stand in it, line by line. */
export class KeptCheckpoints {
  readonly #file: string;
  readonly #lines: LineFile;
  #number = 0;
  #ended = false;

  /** Opened before the log, which may be written: what a witness has, the log had before. Throws `ERR_AUDIT_WITNESS`. */
  constructor(file: string) {
    this.#file = file;
    const lines = LineFile.open(dirname(file), basename(file));
    if (lines === undefined) throw this.#error("cannot be read as a file");
    this.#lines = lines;
  }

  /**
   * Returns how many lines stand in the log. Throws Damage at the first that this log has signed, or may have signed with
   * a key that is not here any more, and does not hold; `ERR_AUDIT_WITNESS` for a line that is none, or that it has not
   * signed.
   */
  holdAgainst(dir: string, firstKey: string): number {
    const own = LineFile.open(dir, CHECKPOINTS);
    const index = CheckpointFile.open(dir);
    try {
      let witnessed = 0;
      let held = 0;
      for (let kept = this.#next(); kept !== undefined; kept = this.#next()) {
        const { line, checkpoint } = kept;
        if (index === undefined || checkpoint.log !== index.last.log) continue;
        // In step, as both were written; else looked for.
        if (own?.next()?.equals(line) !== true && !standsIn(index, line, checkpoint)) {
          this.#mustBeSigned(checkpoint, index, firstKey);
          throw new Damage(
            checkpoint.size > index.last.size ? index.last.size : held,
            `its checkpoint over ${checkpoint.size} records, kept in ${this.#file}:${this.#number}, is not in the log`,
          );
        }
        held = checkpoint.size;
        witnessed++;
      }
      if (witnessed === 0)
        throw new Damage(0, `${this.#file} holds no checkpoint of this log, but of another one or none`);
      return witnessed;
    } finally {
      own?.close();
      index?.close();
    }
  }

  close(): void {
    this.#lines.close();
  }

  #next(): { readonly line: Buffer; readonly checkpoint: Checkpoint } | undefined {
    for (;;) {
      const line = this.#lines.next();
      if (line === undefined) return this.#end();
      this.#number++;
      const checkpoint = parseCheckpoint(line);
      if (checkpoint !== undefined) return { line, checkpoint };
      if (!isTorn(line)) throw this.#error("is no line of checkpoints.jsonl");
    }
  }

  /** The last line, which is the one that matters most, may have been kept without its LF. */
  #end(): { readonly line: Buffer; readonly checkpoint: Checkpoint } | undefined {
    if (this.#lines.damage !== undefined) throw this.#error(this.#lines.damage);
    const line = this.#lines.unfinished;
    const checkpoint = this.#ended ? undefined : parseCheckpoint(line);
    this.#ended = true;
    if (checkpoint === undefined) return undefined;
    this.#number++;
    return { line, checkpoint };
  }

  /** Whoever can write into the file could otherwise accuse the log. */
  #mustBeSigned(checkpoint: Checkpoint, index: CheckpointFile, firstKey: string): void {
    const { epoch } = checkpoint;
    const text = epoch === 0 ? firstKey : index.handover(epoch - 1)?.next;
    const key = typeof text === "string" ? readPublicKey(text) : undefined;
    if (key !== undefined && checkpointSignedBy(checkpoint, key)) return;
    // The keys that would show it are gone with the end of the log, if that is gone: unsure means no.
    if (epoch > index.last.epoch) {
      throw new Damage(
        index.last.size,
        `${this.#file}:${this.#number} is of epoch ${epoch} of this log, which ends in epoch ${index.last.epoch} here: either ` +
          "the log was cut off, or somebody else wrote that line; the last checkpoint of each epoch since, if it was kept, shows which",
      );
    }
    throw this.#error("is not in the log, and nothing shows that this log has signed it");
  }

  #error(what: string): AuditError {
    const place = this.#number === 0 ? this.#file : `${this.#file}:${this.#number}:1`;
    return new AuditError("ERR_AUDIT_WITNESS", `${place}: ${what}: a witness's file is lines of checkpoints.jsonl`);
  }
}

const START = '{"log":"';

/** The beginning of a line: a crash at the witness broke it off, and the next one was begun on a line of its own. */
function isTorn(line: Buffer): boolean {
  const text = line.toString("latin1");
  if (text === "" || !START.startsWith(text.slice(0, START.length))) return false;
  try {
    JSON.parse(text);
    return false;
  } catch {
    // Not swallowed: that it is no JSON is the answer.
    return true;
  }
}

function standsIn(index: CheckpointFile, line: Buffer, checkpoint: Checkpoint): boolean {
  return index.ofSize(checkpoint.size).some((one) => line.equals(Buffer.from(checkpointLine(one))));
}
