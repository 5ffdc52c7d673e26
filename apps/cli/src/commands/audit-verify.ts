import { readProof, type VerifyResult, verifyLog, verifyProof } from "@modwarden/audit";
import { type Command, Option } from "commander";
import { logFolder, withLog } from "../audit/log-folder.ts";
import { proofVerdict } from "../audit/proof-verdict.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { readNamedFile } from "../frame/files.ts";

interface VerifyOptions {
  readonly log?: string;
  readonly site?: string;
  readonly key?: string;
  readonly segment?: string;
  readonly witness?: string;
  readonly proof?: string;
  readonly json?: true;
}

export function auditVerifyCommand(context: Context): Command {
  const command = createCommand("verify", {
    summary: "Recomputes a whole audit log and names the first record that is wrong",
    examples: [
      ["modwarden audit verify", "the log of the site ./site.yaml; it may be running"],
      ["modwarden audit verify --log copy/audit --key key.pub", "a copy, against a key from a safer place"],
      ["modwarden audit verify --witness /mnt/other/checkpoints.jsonl", "and that nothing was cut off its end"],
      ["modwarden audit verify --segment 000000065536", "one segment alone, from the checkpoint before it"],
      ["modwarden audit verify --proof proof.json --key key.pub", "what `audit prove` made; without any log"],
    ],
    more: "Exit 0: all of it holds. Exit 1: damage. Exit 2: there is no log. Without --key the folder, or the proof, vouches for itself.",
  });
  return (
    withLog(withJson(command))
      .option("--key <FILE>", "the log's first public key, kept elsewhere")
      .option("--witness <FILE>", "lines of checkpoints.jsonl that were kept elsewhere: the log has to hold each")
      // What a witness has is about the whole log: a segment that holds must not say so of the rest.
      .addOption(
        new Option("--segment <NAME>", "only this segment, by its file's name or number").conflicts(["witness"]),
      )
      .addOption(
        new Option("--proof <FILE>", "a proof instead of a log").conflicts(["log", "site", "segment", "witness"]),
      )
      .action(async ({ key, proof, json, ...what }: VerifyOptions) => {
        const given = key === undefined ? {} : { key: await readNamedFile(context.terminal, key) };
        if (proof === undefined) return await verifyWhole(context, what, given, json === true);
        const result = verifyProof(readProof(await readNamedFile(context.terminal, proof), proof), given);
        if (!result.ok) context.endWith(1);
        if (json) context.json(result);
        else for (const line of proofVerdict(context, result)) context.print(line);
      })
  );
}

async function verifyWhole(
  context: Context,
  { segment, witness, ...where }: VerifyOptions,
  given: { readonly key?: string },
  json: boolean,
): Promise<void> {
  const progress = context.terminal.stderr.isTerminal && !json;
  const result = verifyLog({
    dir: await logFolder(where),
    ...given,
    ...(segment === undefined ? {} : { segment }),
    ...(witness === undefined ? {} : { witness }),
    ...(progress ? { progress: (records: number) => context.terminal.stderr.write(`\r${records} records`) } : {}),
  });
  if (progress) context.terminal.stderr.write("\r\u001b[K");
  if (!result.ok) context.endWith(1);
  if (json) context.json(result);
  else for (const line of verdict(context, result)) context.print(line);
}

function verdict(context: Context, result: VerifyResult): string[] {
  if (!result.ok) {
    return [`${context.paint("red", "damaged")}: record ${result.seq} in ${result.segment}: ${result.reason}`];
  }
  const { records, pending, checkpoints, root, trust, witnessed, clock, firstSeq, pruned } = result;
  const key = trust === "given" ? "the given key" : "the folder's own key";
  const more = witnessed === undefined ? "" : `, ${witnessed} of them with the witness`;
  const doubts = (clock ?? []).map(({ epoch, seq, t, records: count, before, after }) => {
    const place =
      before === undefined ? `its checkpoint was made at ${after}` : `its epoch ${epoch} began at ${before}`;
    return `${context.paint("yellow", "clock")}: record ${seq} says ${t}, but ${place}${count > 1 ? ` (${count} such records)` : ""}`;
  });
  // A log without its beginning is whole only as far as the site was allowed to remove it.
  const removed =
    firstSeq === undefined
      ? []
      : [
          `${context.paint("yellow", "removed")}: the records before ${firstSeq}, in ${pruned} ${pruned === 1 ? "segment" : "segments"}, each with a signed tombstone`,
        ];
  return [
    `${context.paint("green", "ok")}: ${records} records (${pending} after the last checkpoint), ${checkpoints} checkpoints signed under ${key}${more}, root ${root}`,
    ...removed,
    ...doubts,
  ];
}
