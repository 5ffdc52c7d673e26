import { reportLeakTo } from "@modwarden/identity";
import type { Command } from "commander";
import { keyText } from "../enrolment/key-text.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

interface ReportOptions extends SiteOption {
  readonly url?: string;
  readonly pin?: string;
  readonly serial?: string;
  readonly json?: true;
}

export function reportLeak(context: Context): Command {
  const command = createCommand("report-leak", {
    summary: "Ends a key that was found where it does not belong; whoever has the whole key may",
    examples: [
      ["modwarden key report-leak found.txt", "at the site"],
      [
        "modwarden key report-leak - --url https://gw1:8443 --pin sha256/…",
        "from elsewhere, by its enrolment endpoint",
      ],
    ],
    more: "The answer is the same for every key. `key show ID` at the site tells what came of it, and who enrolled by it.",
  });
  return withSite(withJson(command))
    .argument("<FILE>", "the file that holds the key; - is standard input")
    .option("--url <URL>", "the enrolment endpoint, https://host:port")
    .option("--pin <P>", "sha256/… of that site's root")
    .option("--serial <S>", "of a key derived from a batch: the serial number beside it")
    .action(async (file: string, options: ReportOptions) => {
      const key = (await keyText(context, file)).trim();
      const serial = options.serial === undefined ? {} : { serial: options.serial };
      if (options.url === undefined) await onSite(options, "key.report-leak", { key, ...serial });
      else await reportLeakTo({ url: options.url, pin: options.pin, key, ...serial });
      if (options.json) context.json({ received: true });
      else context.print("received: if it is a key of this site, it opens nothing any more");
    });
}
