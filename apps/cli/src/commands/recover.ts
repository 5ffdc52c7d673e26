import { renewInto } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { documentOf, sentenceOf } from "../renewal/answer.ts";

export function recoverCommand(context: Context): Command {
  const command = createCommand("recover", {
    summary: "Gives an identity whose certificate has ended a new one, with a new key",
    examples: [["modwarden recover ./pump-7", "for a device that was switched off for too long"]],
    more:
      "Needs no registration key: the ended certificate and its key are shown. It is counted: three times by default, " +
      "then somebody at the site has to look, and says `modwarden identity recoveries reset ID`.\n" +
      "What is suspended or revoked does not recover.",
  });
  return withJson(command)
    .argument("<DIR>", "the folder of an identity, as enrol wrote it")
    .option("--url <URL>", "the enrolment endpoint, where it has moved")
    .action(async (dir: string, { url, json }: { readonly url?: string; readonly json?: true }) => {
      const { identity, outcome } = await renewInto(dir, { when: "recover", ...(url === undefined ? {} : { url }) });
      if (json) context.json(documentOf(identity, outcome));
      else context.print(sentenceOf(identity, outcome));
    });
}
