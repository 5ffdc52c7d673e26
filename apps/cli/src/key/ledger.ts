import type { LedgerImport } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, createGroup, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { readNamedFile } from "../frame/files.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

export function ledgerCommand(context: Context): Command {
  return createGroup(
    "ledger",
    {
      summary: "What offline keys were used for, to be reconciled with other registries",
      examples: [
        ["modwarden key ledger export > hall-1.ledger", "of this one"],
        ["modwarden key ledger import hall-2.ledger", "a key used in both is found"],
      ],
    },
    [exportLedger(context), importLedger(context)],
  );
}

function exportLedger(context: Context): Command {
  const command = createCommand("export", {
    summary: "Prints the ledger: one line of JSON, without any secret",
    examples: [["modwarden key ledger export > hall-1.ledger", "for the other gateway"]],
  });
  return withSite(withJson(command)).action(async (options: SiteOption) => {
    context.print((await onSite<string>(options, "key.ledger.export", {})).trimEnd());
  });
}

function importLedger(context: Context): Command {
  const command = createCommand("import", {
    summary: "Takes another registry's ledger; who came by a key that was used too often is suspended",
    examples: [["modwarden key ledger import hall-2.ledger", "ends with 1 when there are conflicts"]],
  });
  return withSite(withJson(command))
    .argument("<FILE>", "the other's ledger; - is standard input")
    .action(async (file: string, options: SiteOption & { readonly json?: true }) => {
      const text = await readNamedFile(context.terminal, file);
      const result = await onSite<LedgerImport>(options, "key.ledger.import", { text });
      if (result.conflicts.length > 0) context.endWith(1);
      if (options.json) {
        context.json(result);
        return;
      }
      context.print(`ledger of ${result.origin}: ${result.keys} keys, ${result.conflicts.length} conflicts`);
      for (const { key, uses, used, suspended } of result.conflicts) {
        context.print(
          `key ${key} was used ${used} times of ${uses}; suspended: ${suspended.join(", ") || "nobody here"}`,
        );
      }
    });
}
