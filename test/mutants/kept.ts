import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import type { Outcome } from "./run.ts";
import type { Subject } from "./subject.ts";

interface Line extends Outcome {
  readonly digest: string;
  readonly key: string;
}

export interface KeptOptions {
  /** Nothing that was found before counts. */
  readonly fresh: boolean;
  /** A mutant that was killed counts as killed whatever has changed since. */
  readonly oldKills: boolean;
}

/** Outcomes in a file, so that a run that was broken off goes on where it was. */
export class Kept {
  readonly #path: string;
  readonly #subject: Subject;
  readonly #known = new Map<string, Outcome>();

  constructor(path: string, subject: Subject, { fresh, oldKills }: KeptOptions) {
    this.#path = path;
    this.#subject = subject;
    if (fresh) rmSync(path, { force: true });
    for (const { digest, key, killed, by } of linesOf(path)) {
      if (digest === subject.digest || (oldKills && killed)) this.#known.set(key, { killed, by });
    }
  }

  get(mutant: number): Outcome | undefined {
    return this.#known.get(this.#subject.mutants[mutant]!.key);
  }

  set(mutant: number, outcome: Outcome): void {
    const { key } = this.#subject.mutants[mutant]!;
    this.#known.set(key, outcome);
    const line: Line = { digest: this.#subject.digest, key, ...outcome };
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }
}

/** A line that was not written to its end is none. */
function linesOf(path: string): readonly Line[] {
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
  return lines.map((line) => JSON.parse(line) as Line);
}
