import { type ImportedKeys, parseKeyImport } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { readNamedFile } from "../frame/files.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";
import { type CommonOptions, commonOf, withCommon } from "./key-options.ts";

export function importKeys(context: Context): Command {
  const command = createCommand("import", {
    summary: "Takes keys that devices made themselves: tokens, or fingerprints of their public keys",
    examples: [
      ["modwarden key import keys.csv --kind device --role Meter --expires 365d", "all of them or none"],
      ["openssl pkey -in dev.pem -pubout -outform DER | openssl dgst -sha256", "a fingerprint: write SHA256:<hex>"],
    ],
    more: "One key a line: mwk1_…, sha256/<base64> or SHA256:<hex> of the SubjectPublicKeyInfo, then a serial number if there is one.\nA first line such as key,serial,model,name,role,unit names columns. Empty lines and # are let pass.\nA device whose public key is imported enrols by its own key pair, without any other key.",
  });
  return withSite(withJson(withCommon(command)))
    .argument("<FILE>", "the list; - is standard input")
    .action(async (file: string, options: SiteOption & CommonOptions) => {
      const text = await readNamedFile(context.terminal, file);
      const atTerminal = context.terminal.isInteractive;
      const entries = parseKeyImport(text, (lines) => {
        if (atTerminal && lines % 10_000 === 0) context.note(`${lines} lines read`);
      });
      if (atTerminal) context.note(`${entries.length} keys are in order; the site takes them`);
      const result = await onSite<ImportedKeys>(options, "key.import", { entries, options: commonOf(options) });
      if (options.json) context.json(result);
      else context.print(`import ${result.import}: ${result.tokens} keys and ${result.publicKeys} public keys`);
    });
}
