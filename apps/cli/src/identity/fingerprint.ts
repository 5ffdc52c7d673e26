import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption } from "./listed.ts";

interface Fingerprint {
  readonly accepted: unknown;
  readonly since: string;
  readonly drifted?: { readonly seen: unknown; readonly since: string; readonly changes: readonly string[] };
}

export function showFingerprint(context: Context): Command {
  const command = createCommand("fingerprint", {
    summary: "Shows what a device is known by that cannot enrol, and what is different now",
    examples: [["modwarden identity fingerprint meter", "what it was first read as, and any drift"]],
  });
  return withSite(withJson(command))
    .argument("<ID>", "the device's id in the registry")
    .action(async (id: string, options: JsonOption) => {
      const found = await onSite<Fingerprint | null>(options, "identity.fingerprint.show", { id });
      if (options.json) context.json(found);
      else if (found === null) context.print(`${id} was never read: see "fingerprint" in docs/gateway.md`);
      else {
        context.print(`known since ${found.since} by ${JSON.stringify(found.accepted)}`);
        for (const change of found.drifted?.changes ?? []) context.print(`${change} (since ${found.drifted?.since})`);
      }
    });
}
