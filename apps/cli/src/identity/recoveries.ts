import type { Command } from "commander";
import { createCommand, createGroup, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { wholeNumber } from "../frame/options.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption } from "./listed.ts";

interface Recoveries {
  readonly id: string;
  readonly recoveryLimit: number;
}

export function recoveriesCommand(context: Context): Command {
  const examples = [["modwarden identity recoveries reset pump-7", "it may recover three more times"]] as const;
  const reset = createCommand("reset", {
    summary: "Counts an identity's recoveries from the beginning, after somebody has looked why there were so many",
    examples: [...examples, ["modwarden identity recoveries reset pump-7 --limit 0", "and never again"]],
    more: "A recovery is a renewal with a certificate that has ended already. The limit is three unless another is set here.",
  });
  withSite(withJson(reset))
    .argument("<ID>", "its id in the registry")
    .option("--limit <N>", "how many from now on, 0 to 1000", wholeNumber(0, 1000))
    .action(async (id: string, options: JsonOption & { readonly limit?: number }) => {
      const { limit } = options;
      const more = limit === undefined ? {} : { limit };
      const changed = await onSite<Recoveries>(options, "identity.resetRecoveries", { id, ...more });
      if (options.json) context.json(changed);
      else context.print(`${changed.id} may recover ${changed.recoveryLimit} times from now on`);
    });
  return createGroup("recoveries", { summary: "How often an identity may recover", examples }, [reset]);
}
