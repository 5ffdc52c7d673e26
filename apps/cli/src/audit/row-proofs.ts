import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AuditError, Prover } from "@modwarden/audit";
import { CliError } from "../frame/error.ts";
import { whyNot, writeNewFile } from "../frame/files.ts";

/** Writes the proof of each record that is shown into a folder, as files of their own. */
export class RowProofs {
  readonly #folder: string;
  readonly #prover: Prover;
  #written = 0;
  /** Records that no checkpoint covers yet: within a second they can be proven. */
  #early = 0;

  /** `dir`: the folder of the log. The other folder is made when it is not there; a file of it is never overwritten. */
  constructor(dir: string, folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new CliError("ERR_FILE", `cannot make the folder ${folder}: ${whyNot(cause)}`, 2, { cause });
    }
    this.#prover = new Prover(dir);
  }

  write(seq: number): void {
    let proof: ReturnType<Prover["inclusion"]>;
    try {
      proof = this.#prover.inclusion(seq);
    } catch (error) {
      if (!(error instanceof AuditError) || error.code !== "ERR_AUDIT_NO_RECORD") throw error;
      this.#early += 1;
      return;
    }
    writeNewFile(join(this.#folder, `proof-${seq}.json`), `${JSON.stringify(proof)}\n`, 0o600);
    this.#written += 1;
  }

  get summary(): string {
    const written = `${this.#written} ${this.#written === 1 ? "proof" : "proofs"} in ${this.#folder}`;
    return this.#early === 0
      ? written
      : `${written}; no checkpoint covers ${this.#early} of the records yet: ask again`;
  }

  close(): void {
    this.#prover.close();
  }
}
