import { type Proof, Prover } from "@modwarden/audit";
import { type Command, Option } from "commander";
import { logFolder, withLog } from "../audit/log-folder.ts";
import { looked } from "../audit/looked.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { writeNewFile } from "../frame/files.ts";
import { wholeNumber } from "../frame/options.ts";

interface ProveOptions {
  readonly log?: string;
  readonly site?: string;
  readonly from?: number;
  readonly to?: number;
  readonly out?: string;
  readonly json?: true;
}

const number = wholeNumber(0, Number.MAX_SAFE_INTEGER);

export function auditProveCommand(context: Context): Command {
  const command = createCommand("prove", {
    summary: "Makes a small file that proves a record to somebody who has only the log's first public key",
    examples: [
      ["modwarden audit prove 48113 --out proof.json", "that record 48113 stands in the log"],
      ["modwarden audit verify --proof proof.json --key key.pub", "verifies it, anywhere, without the log"],
      ["modwarden audit prove --from 1000 --to 48200", "that the log over 48,200 records begins with its first 1,000"],
    ],
    more: "A record's proof leads to the first checkpoint that covers it: no key of a later day could have made it. --from and --to are sizes of checkpoints, as they stand in checkpoints.jsonl. Without --out the proof is printed.",
  });
  return withLog(withJson(command))
    .argument("[seq]", "number of the record", number)
    .addOption(new Option("--from <SIZE>", "two checkpoints: the earlier one").argParser(number))
    .addOption(new Option("--to <SIZE>", "the checkpoint that the proof leads to").argParser(number))
    .option("--out <FILE>", "write the proof into a new file")
    .action(async (seq: number | undefined, { from, to, out, json, ...where }: ProveOptions) => {
      if ((seq === undefined) === (from === undefined)) {
        throw new CliError("ERR_USAGE", "the number of a record is wanted, or --from SIZE for two checkpoints", 2);
      }
      const prover = new Prover(await logFolder(where));
      let proof: Proof;
      try {
        proof = seq === undefined ? prover.consistency(from!, to) : prover.inclusion(seq, to);
      } finally {
        prover.close();
      }
      await looked(context, where, {
        action: "prove",
        query: seq === undefined ? { from: from!, ...(to === undefined ? {} : { to }) } : { seq },
        records: seq === undefined ? 0 : 1,
      });
      if (out === undefined) context.json(proof);
      else {
        writeNewFile(out, `${JSON.stringify(proof)}\n`, 0o600);
        if (json) context.json({ file: out, ...target(proof) });
        else context.print(sentence(proof, out));
      }
    });
}

function target(proof: Proof): object {
  const { size, t } = proof.kind === "inclusion" ? proof.checkpoint : proof.to;
  const about = proof.kind === "inclusion" ? { seq: proof.seq } : { from: proof.from.size };
  return { proof: proof.kind, ...about, size, t };
}

function sentence(proof: Proof, out: string): string {
  return proof.kind === "inclusion"
    ? `${out} proves record ${proof.seq} to the checkpoint over ${proof.checkpoint.size} records of ${proof.checkpoint.t}`
    : `${out} proves that the log over ${proof.to.size} records begins with its first ${proof.from.size}`;
}
