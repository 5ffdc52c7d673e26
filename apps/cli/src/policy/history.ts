import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { wholeNumber } from "../frame/options.ts";
import { table } from "../frame/table.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

/** One row of `policy history`. */
interface Version {
  readonly version: number;
  readonly hash: string;
  readonly sha256: string;
  readonly time: string;
  readonly action: string;
  readonly by: string;
  readonly of?: number;
  readonly tests: string;
  readonly seen: string;
  readonly comment?: string;
}

interface HistoryOptions extends SiteOption {
  readonly limit?: number;
  readonly json?: true;
}

export function policyHistoryCommand(context: Context): Command {
  const command = createCommand("history", {
    summary: "Lists the versions of the policy, the one in force last",
    examples: [
      ["modwarden policy history", "when each came, from where, and why"],
      ["modwarden policy history --limit 1 --json", "the one in force, for a script"],
    ],
    more: "The last hundred are kept, each with its text in the data folder: policy/000001.yaml and so on.",
  });
  return withSite(withJson(command))
    .option("--limit <N>", "how many, 1 to 100", wholeNumber(1, 100))
    .action(async (options: HistoryOptions) => {
      const { limit, json } = options;
      const asked = limit === undefined ? {} : { most: limit };
      const versions = await onSite<readonly Version[]>(options, "policy.history", asked);
      if (json) {
        context.json(versions);
        return;
      }
      const rows = versions.map(({ version, time, hash, action, by, of, tests, comment }) => [
        String(version),
        time,
        hash,
        of === undefined ? action : `${action} of ${of}`,
        by,
        tests,
        comment ?? "",
      ]);
      for (const line of table(["VERSION", "TIME", "POLICY", "ACTION", "BY", "TESTS", "COMMENT"], rows))
        context.print(line);
    });
}
