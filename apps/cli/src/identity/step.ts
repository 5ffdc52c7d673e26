import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption, Listed } from "./listed.ts";

/** What moves an identity from one state to the next. */
export const steps = [
  ["suspend", "Shuts an identity out until it is resumed; its open connections are closed"],
  ["resume", "Lets a suspended identity in again"],
  ["accept-fingerprint", "Takes what a device was last seen as for what it is; one that was barred is reached again"],
  ["revoke", "Shuts an identity out for good; its open connections are closed"],
  ["retire", "Ends an identity and frees its id"],
] as const;

const CLONE =
  "One that was suspended as a clone is held by two, and nobody here knows which of them has the certificate that counts. " +
  "The safe way is to retire it and to enrol it anew with another key. `--despite-clone` is for whoever has found out that " +
  "the newest certificate is in the right hands, because the other was a backup that was put back.";

function examplesOf(name: string): readonly (readonly [string, string])[] {
  if (name === "accept-fingerprint") return [[`modwarden identity ${name} meter`, "after it was replaced or updated"]];
  const plain = [`modwarden identity ${name} hmi-2`, "by its id"] as const;
  if (name !== "resume") return [plain];
  return [plain, [`modwarden identity ${name} hmi-2 --despite-clone`, "the other holder was an own copy, and is gone"]];
}

export function stepCommand(context: Context, name: (typeof steps)[number][0], summary: string): Command {
  const command = createCommand(name, {
    summary,
    examples: examplesOf(name),
    ...(name === "resume" ? { more: CLONE } : {}),
  });
  if (name === "resume")
    command.option("--despite-clone", "although two held it: lets in whoever has the newest certificate");
  return withSite(withJson(command))
    .argument("<ID>", "its id in the registry")
    .action(async (id: string, options: JsonOption & { readonly despiteClone?: true }) => {
      const despite = options.despiteClone ? { despiteClone: true } : {};
      const changed = await onSite<Listed>(options, `identity.${name}`, { id, ...despite });
      if (options.json) context.json(changed);
      else context.print(`${changed.id} is ${changed.state}`);
    });
}
