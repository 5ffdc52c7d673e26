import { readPolicy } from "@modwarden/policy";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { readNamedFile } from "../frame/files.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";
import { type Applied, commentOption, showApplied } from "./applied.ts";

/** As much as the site takes, and as a policy may have. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

interface ApplyOptions extends SiteOption {
  readonly comment?: string;
  readonly skipTests?: true;
  readonly json?: true;
}

export function policyApplyCommand(context: Context): Command {
  const command = createCommand("apply", {
    summary: "Puts a policy in force, at once where the site runs, and keeps it as a signed version",
    examples: [
      ["modwarden policy apply", "the site's own policy file"],
      ["modwarden policy apply night.yaml --comment 'shift plan 12'", "another file"],
    ],
    more:
      "The file is checked for the site's devices and its own tests are run first. A file that is bad, or of which a " +
      "test fails, changes nothing. `modwarden policy rollback` goes back. Exit 1 when a test fails, 2 when the file cannot be used.",
  });
  withSite(withJson(commentOption(command)));
  return command
    .argument("[FILE]", "the policy file (default: the site's; - reads standard input)")
    .option("--skip-tests", "without running its tests; that is recorded")
    .action(async (file: string | undefined, options: ApplyOptions) => {
      const { comment, skipTests, json } = options;
      const named = file ?? (await import("@modwarden/server")).readSite(options.site).policyFile;
      const text = await readNamedFile(context.terminal, named);
      // The site refuses and records every other bad text; what it would not even take in is the file's own fault.
      if (text.length > MOST_CHARACTERS) readPolicy(text, named);
      const applied = await onSite<Applied>(options, "policy.apply", {
        text,
        file: named,
        ...(comment === undefined ? {} : { comment }),
        ...(skipTests === undefined ? {} : { skipTests }),
      });
      showApplied(context, applied, json === true);
    });
}
