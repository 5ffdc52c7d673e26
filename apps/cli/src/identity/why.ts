import type { RefusalExplanation } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption } from "./listed.ts";

export function whyRefused(context: Context): Command {
  const command = createCommand("why", {
    summary: "Tells why somebody was refused, by the correlation code that they were given",
    examples: [
      ["modwarden identity why YAHQXBQ1", "what happened, and what to do now"],
      ["modwarden identity why YAHQXBQ1 --json", "everything about it, for a script"],
    ],
    more: "The one who was refused learns nothing but the code; the reason is the administrator's. The newest 10,000 refusals are kept here, all of them in the audit log.",
  });
  return withSite(withJson(command))
    .argument("<CODE>", "eight letters and digits, as they were read out")
    .action(async (code: string, options: JsonOption) => {
      const refusal = await onSite<RefusalExplanation>(options, "identity.why", { code });
      if (options.json) context.json(refusal);
      else for (const [name, value] of linesOf(refusal)) context.print(`${name.padEnd(9)}${value}`);
    });
}

function linesOf(refusal: RefusalExplanation): readonly (readonly [string, string])[] {
  const { keyNow: key, identityNow: identity } = refusal;
  const said = Object.entries(refusal.said).filter(([field]) => field !== "problem");
  return [
    ["reason", refusal.reason],
    ["what", refusal.what],
    ["when", `${refusal.time}, from ${refusal.source ?? "an unknown address"}`],
    ...(refusal.name === null ? [] : [["name", refusal.name] as const]),
    ...(said.length === 0 ? [] : [["said", said.map(([field, value]) => `${field} ${value}`).join(", ")] as const]),
    ...(key === null
      ? []
      : [["key", `${key.id}, ${key.state}: ${key.used} of ${key.uses} uses, until ${key.expires}`] as const]),
    ...(identity === null ? [] : [["now", `"${identity.id}" is ${identity.state}`] as const]),
    ["next", refusal.next],
    ["page", refusal.page],
  ];
}
