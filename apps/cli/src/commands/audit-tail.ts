import { countRecords, tailLog } from "@modwarden/audit";
import type { Command } from "commander";
import { logFolder, withLog } from "../audit/log-folder.ts";
import { looked } from "../audit/looked.ts";
import { recordLine } from "../audit/record-line.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { wholeNumber } from "../frame/options.ts";
import { DEFAULT_SITE } from "../frame/site.ts";

interface TailOptions {
  readonly log?: string;
  readonly site?: string;
  readonly lines: number;
  readonly follow?: true;
  readonly json?: true;
}

export function auditTailCommand(context: Context): Command {
  const command = createCommand("tail", {
    summary: "Prints the newest records of an audit log",
    examples: [
      ["modwarden audit tail", `the last ten of the site ./${DEFAULT_SITE}`],
      ["modwarden audit tail --follow --json", "as they are written, one JSON line each"],
      ["modwarden audit tail --log data/audit -n 100", "of a folder that holds a log"],
    ],
    more: "The records are printed as they stand there; `modwarden audit verify` says whether they are right.",
  });
  return withLog(withJson(command))
    .option("-n, --lines <N>", "how many records", wholeNumber(0, 1_000_000), 10)
    .option("-f, --follow", "go on as records are written")
    .action(async ({ lines, follow, json, ...where }: TailOptions) => {
      const ending = new AbortController();
      if (follow) void context.terminal.untilStopped().then(() => ending.abort());
      const dir = await logFolder(where);
      // Counted before: that it is looked at now is not what somebody wants to see.
      const count = countRecords(dir);
      const shown = Math.min(lines, count);
      await looked(context, where, {
        action: "tail",
        query: { lines, ...(follow ? { follow } : {}) },
        ...(follow ? {} : { records: shown }),
      });
      if (shown === 0 && !follow) return;
      const fromSeq = count - shown;
      let left = follow ? Number.POSITIVE_INFINITY : shown;
      for await (const line of tailLog({ dir, fromSeq, follow: follow === true, signal: ending.signal })) {
        // JSON is the record as it is in the log, byte for byte.
        context.print(json ? line : recordLine(context, line));
        left -= 1;
        if (left === 0) break;
      }
    });
}
