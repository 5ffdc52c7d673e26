import { type VerifyResult, verifyLog } from "@modwarden/audit";
import type { Command } from "commander";
import { logFolder, withLog } from "../audit/log-folder.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { readNamedFile } from "../frame/files.ts";

interface VerifyOptions {
  readonly log?: string;
  readonly site?: string;
  readonly key?: string;
  readonly segment?: string;
  readonly json?: true;
}

export function auditVerifyCommand(context: Context): Command {
  const command = createCommand("verify", {
    summary: "Recomputes a whole audit log and names the first record that is wrong",
    examples: [
      ["modwarden audit verify", "the log of the site ./site.yaml; it may be running"],
      ["modwarden audit verify --log copy/audit --key key.pub", "a copy, against a key from a safer place"],
      ["modwarden audit verify --segment 000000065536", "one segment alone, from the checkpoint before it"],
    ],
    more: "Exit 0: all of it holds. Exit 1: damage. Exit 2: there is no log. Without --key the folder vouches for itself.",
  });
  return withLog(withJson(command))
    .option("--key <FILE>", "the log's first public key, kept elsewhere")
    .option("--segment <NAME>", "only this segment, by its file's name or number")
    .action(async ({ key, segment, json, ...where }: VerifyOptions) => {
      const dir = await logFolder(where);
      const progress = context.terminal.stderr.isTerminal && !json;
      const result = verifyLog({
        dir,
        ...(key === undefined ? {} : { key: await readNamedFile(context.terminal, key) }),
        ...(segment === undefined ? {} : { segment }),
        ...(progress ? { progress: (records: number) => context.terminal.stderr.write(`\r${records} records`) } : {}),
      });
      if (progress) context.terminal.stderr.write("\r\u001b[K");
      if (!result.ok) context.endWith(1);
      if (json) context.json(result);
      else context.print(verdict(context, result));
    });
}

function verdict(context: Context, result: VerifyResult): string {
  if (!result.ok) {
    return `${context.paint("red", "damaged")}: record ${result.seq} in ${result.segment}: ${result.reason}`;
  }
  const { records, pending, checkpoints, root, trust } = result;
  const key = trust === "given" ? "the given key" : "the folder's own key";
  return `${context.paint("green", "ok")}: ${records} records (${pending} after the last checkpoint), ${checkpoints} checkpoints signed under ${key}, root ${root}`;
}
