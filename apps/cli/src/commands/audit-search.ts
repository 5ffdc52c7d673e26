import { type AuditIndex, countFound, type SearchPage, search } from "@modwarden/audit";
import { type Command, Option } from "commander";
import { logFolder } from "../audit/log-folder.ts";
import { looked } from "../audit/looked.ts";
import { type IndexOptions, noteDamage, openIndex, withIndex } from "../audit/open-index.ts";
import { recordLine } from "../audit/record-line.ts";
import { RowProofs } from "../audit/row-proofs.ts";
import { askedOf, queryOf, type SearchWords, withSearch } from "../audit/search-options.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { wholeNumber } from "../frame/options.ts";

interface SearchOptions extends IndexOptions, SearchWords {
  readonly lines: number;
  readonly oldestFirst?: true;
  readonly newestFirst?: true;
  readonly count?: true;
  readonly proof?: string;
  readonly json?: true;
}

/** Rows that are fetched in one go. */
const PAGE = 200;

export function auditSearchCommand(context: Context): Command {
  const command = createCommand("search", {
    summary: "Finds records of an audit log",
    examples: [
      ["modwarden audit search --subject hmi-2 --from -1h", "what hmi-2 did in the last hour, the newest first"],
      ["modwarden audit search --decision refused --from today --count", "how many refusals there were today"],
      ["modwarden audit search --device drive --address 50000-50009 --function 6 --json", "records, byte for byte"],
      ["modwarden audit search --rule setpoint --proof evidence", "and a proof of each, in a folder"],
      ['modwarden audit search --text "max 80" --oldest-first --log copy/audit', "in a folder that holds a log"],
    ],
    more:
      "All that is said has to be true of a record; what is said of device, point, table and address of one and the " +
      "same access of it. A roll-up counts as its whole minute. Times are UTC. The site may be running.",
  });
  return withIndex(withSearch(withJson(command)))
    .option("-n, --lines <N>", "how many records, 0 for all", wholeNumber(0, 1_000_000_000), 100)
    .addOption(new Option("--newest-first", "the newest first (this is the default)").conflicts("oldestFirst"))
    .option("--oldest-first", "the oldest first")
    .addOption(new Option("--proof <DIR>", "write the proof of each record shown into this folder").conflicts("count"))
    .option("--count", "only how many there are")
    .action(
      async ({
        lines,
        oldestFirst,
        newestFirst: _newestFirst,
        count,
        proof,
        json,
        log,
        site,
        index: file,
        ...words
      }: SearchOptions) => {
        const where = { ...(log === undefined ? {} : { log }), ...(site === undefined ? {} : { site }) };
        const index = await openIndex(context, { ...where, ...(file === undefined ? {} : { index: file }) });
        let proofs: RowProofs | undefined;
        try {
          await looked(context, where, { action: "search", query: askedOf(words) });
          if (count) {
            const records = countFound(index, queryOf(words));
            if (json) context.json({ records });
            else context.print(String(records));
            noteDamage(context, index, []);
            return;
          }
          if (proof !== undefined) proofs = new RowProofs(await logFolder(where), proof);
          const most = lines === 0 ? Number.POSITIVE_INFINITY : lines;
          show(context, index, words, { most, oldestFirst, json, proofs });
          if (proofs !== undefined) context.note(proofs.summary);
        } finally {
          proofs?.close();
          index.close();
        }
      },
    );
}

interface Shown {
  readonly most: number;
  readonly oldestFirst: true | undefined;
  readonly json: true | undefined;
  readonly proofs: RowProofs | undefined;
}

function show(
  context: Context,
  index: AuditIndex,
  words: SearchWords,
  { most, oldestFirst, json, proofs }: Shown,
): void {
  const damaged: number[] = [];
  let left = most;
  let range: SearchPage["next"] = {};
  while (range !== undefined && left > 0) {
    const limit = Math.min(PAGE, left);
    const page: SearchPage = search(index, queryOf(words), { newestFirst: oldestFirst !== true, limit, ...range });
    // JSON is the record as it is in the log, byte for byte.
    for (const { seq, line } of page.found) {
      context.print(json ? line : recordLine(context, line));
      proofs?.write(seq);
    }
    left -= page.found.length;
    damaged.push(...page.damaged.slice(0, 2));
    range = page.next;
  }
  if (left === most && range === undefined) context.note("no record is like that");
  if (range !== undefined) context.note(`there may be more: -n 0 shows all`);
  noteDamage(context, index, damaged);
}
