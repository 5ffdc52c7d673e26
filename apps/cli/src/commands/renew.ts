import { keepRenewed, type LoadedIdentity, renewInto } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { codeOf } from "../frame/exit-code.ts";
import { documentOf, type Outcome, sentenceOf } from "../renewal/answer.ts";
import { usage } from "../request/place.ts";

interface RenewOptions {
  readonly ifDue?: true;
  readonly now?: true;
  readonly watch?: true;
  readonly url?: string;
  readonly json?: true;
}

export function renewCommand(context: Context): Command {
  const command = createCommand("renew", {
    summary: "Renews an identity with a new key, when two thirds of its certificate's life are over",
    examples: [
      ["modwarden renew ./hmi-2", "when it is due, else says when; for a timer"],
      ["modwarden renew ./hmi-2 --watch", "stays, and renews in time; for a service"],
      ["modwarden renew ./hmi-2 --now", "at once, also in the first half of the certificate's life"],
    ],
    more:
      "Needs no registration key: the identity itself is shown. A certificate that has ended is recovered, as `modwarden recover` does.\n" +
      "What was cut off goes on with the next call. Programs that have loaded the files have to load them again: the certificate before is refused from that moment on.",
  });
  return withJson(command)
    .argument("<DIR>", "the folder of an identity, as enrol wrote it")
    .option("--if-due", "only when it is time (this is the default)")
    .option("--now", "whether it is time or not")
    .option("--watch", "stays until it is told to stop, and renews whenever it is time")
    .option("--url <URL>", "the enrolment endpoint, where it has moved")
    .action(async (dir: string, options: RenewOptions) => {
      if ([options.ifDue, options.now, options.watch].filter((given) => given === true).length > 1) {
        return usage("--if-due, --now and --watch exclude each other");
      }
      if (options.watch) return await watch(context, dir, options);
      const when = options.now ? "now" : "due";
      const { identity, outcome } = await renewInto(dir, { when, ...at(options) });
      tell(context, options, identity, outcome);
    });
}

async function watch(context: Context, dir: string, options: RenewOptions): Promise<void> {
  const stopped = context.terminal.untilStopped();
  const kept = keepRenewed(dir, {
    ...at(options),
    onRenewed: (identity, how) => tell(context, options, identity, how),
    onProblem(error, retry) {
      const message = error instanceof Error ? error.message : String(error);
      if (options.json) context.json({ error: { code: codeOf(error), message }, retry: retry.toISOString() });
      context.note(`${message}; tried again at ${retry.toISOString()}`);
    },
  });
  await stopped;
  await kept.stop();
}

function at({ url }: RenewOptions): { readonly url?: string } {
  return url === undefined ? {} : { url };
}

function tell(context: Context, { json }: RenewOptions, identity: LoadedIdentity, outcome: Outcome): void {
  if (json) context.json(documentOf(identity, outcome));
  else context.print(sentenceOf(identity, outcome));
}
