import type { Command } from "commander";
import { type IndexOptions, openIndex, withIndex } from "../audit/open-index.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";

interface ReindexOptions extends IndexOptions {
  readonly json?: true;
}

export function auditReindexCommand(context: Context): Command {
  const command = createCommand("reindex", {
    summary: "Throws the index of an audit log away and makes it again",
    examples: [
      ["modwarden audit reindex", "of the site ./site.yaml; it may be running"],
      [
        "modwarden audit reindex --log /mnt/copy/audit --index /tmp/copy.sqlite",
        "of a log that cannot be written beside",
      ],
    ],
    more:
      "The index is what `search`, `blame` and `state` find records by. It is kept up to date by itself and made again " +
      "when it is damaged; who suspects that somebody has changed it on purpose makes it again first.",
  });
  return withIndex(withJson(command)).action(async ({ json, ...options }: ReindexOptions) => {
    const index = await openIndex(context, options, "anew");
    try {
      const { file } = index;
      const { records, damaged, bytes } = index.status;
      if (json) context.json({ records, damaged, bytes, file });
      else
        context.print(
          `${records} records in ${file}, ${bytes} bytes${damaged === 0 ? "" : `; ${damaged} cannot be read`}`,
        );
      if (damaged > 0) context.endWith(1);
    } finally {
      index.close();
    }
  });
}
