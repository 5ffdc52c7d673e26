import { countRecords, type ExportContext, logIdOf } from "@modwarden/audit";
import { type Command, InvalidArgumentError } from "commander";
import { lineFormats } from "../audit/export/formats.ts";
import { type Exported, exportRecords } from "../audit/export/run.ts";
import { fileSink, lineSink, type Sink } from "../audit/export/sink.ts";
import { zeekFolderSink } from "../audit/export/zeek-folder.ts";
import { logFolder, withLog } from "../audit/log-folder.ts";
import { looked } from "../audit/looked.ts";
import { askedOf, queryOf, type SearchWords, withSearch } from "../audit/search-options.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { oneOf } from "../frame/options.ts";
import { version } from "../frame/version.ts";

const formats = ["json", "ocsf", "cef", "csv", "parquet", "zeek", "zeek-json"] as const;
type Format = (typeof formats)[number];

interface ExportOptions extends SearchWords {
  readonly log?: string;
  readonly site?: string;
  readonly format: Format;
  readonly out?: string;
  readonly gzip?: true;
  readonly responder?: { readonly address: string; readonly port: number };
  readonly json?: true;
}

export function auditExportCommand(context: Context): Command {
  const command = createCommand("export", {
    summary: "Writes an audit log in the form that another system reads",
    examples: [
      ["modwarden audit export --format csv --out november.csv --from 2026-11-01 --to 2026-12-01", "for a spreadsheet"],
      ["modwarden audit export --format ocsf --decision refused | gzip > events.json.gz", "for a SIEM, as a stream"],
      ["modwarden audit export --log copy/audit --format zeek --out zeek-logs", "a folder of logs as Zeek writes them"],
    ],
    more: "The log is read as it stands; `modwarden audit verify` says whether it is right. Every text is escaped as its format wants: one record stays one record. A file appears whole or not at all, for its owner alone; nothing is overwritten. docs/audit-export.md has the fields of each format.",
  });
  return withSearch(withLog(withJson(command)))
    .requiredOption("--format <FORMAT>", formats.join(", "), oneOf(formats))
    .option("--out <FILE>", "where to; a folder for zeek (default: standard output)")
    .option("--gzip", "compress what is written to --out")
    .option("--responder <ADDRESS:PORT>", "where clients reached the gateway, which Zeek's logs name", responder)
    .action(async (options: ExportOptions) => {
      checkOptions(options);
      const dir = await logFolder(options);
      // Counted before: that it is looked at now is not what somebody wants to have.
      const end = countRecords(dir);
      const about = { log: logIdOf(dir), version, ...(options.responder && { responder: options.responder }) };
      // Opened before: where nothing can be written, nobody has looked.
      const sink = await openSink(context, options, about);
      try {
        await looked(context, options, {
          action: "export",
          query: { format: options.format, ...askedOf(words(options)), ...(options.out && { out: options.out }) },
        });
      } catch (error) {
        sink.abandon();
        throw error;
      }
      report(context, options, await exportRecords(context, dir, { query: queryOf(words(options)), end }, sink));
    });
}

function checkOptions({ format, out, gzip, json }: ExportOptions): void {
  const wrong = (message: string): never => {
    throw new CliError("ERR_USAGE", message, 2);
  };
  if (format === "zeek" && out === undefined) wrong("zeek is a folder of several logs: name it with --out");
  if (format === "parquet" && out === undefined)
    wrong("a Parquet file is written from its end too: name it with --out");
  if (format === "parquet" && gzip) wrong("a Parquet file is compressed in itself: leave --gzip out");
  if (gzip && out === undefined) wrong("--gzip goes with --out; a stream is compressed with `| gzip`");
  if (json && out === undefined) wrong("--json is about what was written to --out; on standard output are the records");
}

async function openSink(context: Context, { format, out, gzip }: ExportOptions, about: ExportContext): Promise<Sink> {
  if (format === "zeek") return zeekFolderSink(about, out ?? "", gzip === true, () => new Date());
  // Only this format needs the library.
  if (format === "parquet") return (await import("../audit/export/parquet.ts")).parquetSink(about, out ?? "");
  const lines = lineFormats[format];
  if (out === undefined) return lineSink(lines, about, (text) => context.terminal.stdout.write(text));
  return fileSink(lines, about, out, gzip === true);
}

function report(context: Context, { format, out, json }: ExportOptions, exported: Exported): void {
  const { records, leftOut } = exported;
  if (json) {
    context.json({ records, leftOut, out });
    return;
  }
  const parts = Object.entries(leftOut).map(([kind, count]) => `${count} ${kind}`);
  const without = parts.length === 0 ? "" : `; left out: ${parts.join(", ")}, for which ${format} has no place`;
  context.note(`${records} records exported${out === undefined ? "" : ` to ${out}`}${without}`);
}

/** What is looked for, of all that was said. */
function words(options: ExportOptions): SearchWords {
  const { log: _log, site: _site, format: _format, out: _out, gzip: _gzip, json: _json, ...rest } = options;
  const { responder: _responder, ...searched } = rest;
  return searched;
}

function responder(text: string): { readonly address: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|(\d{1,3}(?:\.\d{1,3}){3})):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (address === undefined || port > 65_535)
    throw new InvalidArgumentError("10.0.0.1:802 or [fe80::1]:802 is wanted.");
  return { address, port };
}
