import { countRecords, type ExportContext, logIdOf, recordKinds } from "@modwarden/audit";
import { type Command, InvalidArgumentError } from "commander";
import { lineFormats } from "../audit/export/formats.ts";
import { type Exported, exportRecords } from "../audit/export/run.ts";
import { fileSink, lineSink, type Sink } from "../audit/export/sink.ts";
import { zeekFolderSink } from "../audit/export/zeek-folder.ts";
import { logFolder, withLog } from "../audit/log-folder.ts";
import { looked } from "../audit/looked.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { oneOf } from "../frame/options.ts";
import { version } from "../frame/version.ts";
import { instant } from "../past/slice.ts";

const formats = ["json", "ocsf", "cef", "csv", "zeek", "zeek-json"] as const;
type Format = (typeof formats)[number];
type Kind = (typeof recordKinds)[number];

interface ExportOptions {
  readonly log?: string;
  readonly site?: string;
  readonly format: Format;
  readonly from?: number;
  readonly to?: number;
  readonly kind: readonly Kind[];
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
      ["modwarden audit export --format ocsf --kind transaction | gzip > events.json.gz", "for a SIEM, as a stream"],
      ["modwarden audit export --log copy/audit --format zeek --out zeek-logs", "a folder of logs as Zeek writes them"],
    ],
    more: "The log is read as it stands; `modwarden audit verify` says whether it is right. Every text is escaped as its format wants: one record stays one record. A file appears whole or not at all, for its owner alone; nothing is overwritten. docs/audit-export.md has the fields of each format.",
  });
  return withLog(withJson(command))
    .requiredOption("--format <FORMAT>", formats.join(", "), oneOf(formats))
    .option("--out <FILE>", "where to; a folder for zeek (default: standard output)")
    .option("--gzip", "compress what is written to --out")
    .option("--from <TIME>", "records of that time or later: 2026-11-21T09:14:03Z, or a date", instant)
    .option("--to <TIME>", "records before that time", instant)
    .option("--kind <KIND>", `only these: ${recordKinds.join(", ")}; may be given several times`, kinds, [])
    .option("--responder <ADDRESS:PORT>", "where clients reached the gateway, which Zeek's logs name", responder)
    .action(async (options: ExportOptions) => {
      checkOptions(options);
      const dir = await logFolder(options);
      // Counted before: that it is looked at now is not what somebody wants to have.
      const end = countRecords(dir);
      const about = { log: logIdOf(dir), version, ...(options.responder && { responder: options.responder }) };
      // Opened before: where nothing can be written, nobody has looked.
      const sink = openSink(context, options, about);
      try {
        await looked(context, options, { action: "export", query: queryOf(options) });
      } catch (error) {
        sink.abandon();
        throw error;
      }
      const wanted = { from: options.from, to: options.to, kinds: new Set<string>(options.kind), end };
      report(context, options, await exportRecords(context, dir, wanted, sink));
    });
}

function checkOptions({ format, out, gzip, json }: ExportOptions): void {
  const wrong = (message: string): never => {
    throw new CliError("ERR_USAGE", message, 2);
  };
  if (format === "zeek" && out === undefined) wrong("zeek is a folder of several logs: name it with --out");
  if (gzip && out === undefined) wrong("--gzip goes with --out; a stream is compressed with `| gzip`");
  if (json && out === undefined) wrong("--json is about what was written to --out; on standard output are the records");
}

function openSink(context: Context, { format, out, gzip }: ExportOptions, about: ExportContext): Sink {
  if (format === "zeek") return zeekFolderSink(about, out ?? "", gzip === true, () => new Date());
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

function queryOf({ format, from, to, kind, out }: ExportOptions): Record<string, string | readonly string[]> {
  return {
    format,
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
    ...(kind.length === 0 ? {} : { kind }),
    ...(out === undefined ? {} : { out }),
  };
}

function kinds(text: string, before: readonly Kind[]): readonly Kind[] {
  return [...before, oneOf(recordKinds)(text)];
}

function responder(text: string): { readonly address: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|(\d{1,3}(?:\.\d{1,3}){3})):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (address === undefined || port > 65_535)
    throw new InvalidArgumentError("10.0.0.1:802 or [fe80::1]:802 is wanted.");
  return { address, port };
}
