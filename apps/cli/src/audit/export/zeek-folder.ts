import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type ExportContext, type ZeekLogName, zeekFooter, zeekHeader, zeekLine, zeekRows } from "@modwarden/audit";
import { CliError } from "../../frame/error.ts";
import { whyNot } from "../../frame/files.ts";
import { OutputFile, partialName, requireFree } from "./output-file.ts";
import type { Sink } from "./sink.ts";

/**
 * A folder of Zeek's logs in the ASCII form, one file for each log that has a line. Like a file it appears whole or not
 * at all. Throws ERR_FILE.
 */
export function zeekFolderSink(context: ExportContext, folder: string, gzip: boolean, now: () => Date): Sink {
  requireFree(folder);
  const partial = partialName(folder);
  try {
    mkdirSync(partial, { mode: 0o700 });
  } catch (cause) {
    throw new CliError("ERR_FILE", `cannot write ${folder}: ${whyNot(cause)}`, 2, { cause });
  }
  const files = new Map<ZeekLogName, OutputFile>();
  const fileOf = (log: ZeekLogName): OutputFile => {
    const known = files.get(log);
    if (known !== undefined) return known;
    const file = new OutputFile(join(partial, `${log}.log${gzip ? ".gz" : ""}`), { gzip });
    file.write(zeekHeader(log, now()));
    files.set(log, file);
    return file;
  };
  const remove = (): void => {
    for (const file of files.values()) file.abandon();
    rmSync(partial, { recursive: true, force: true });
  };
  process.once("exit", remove);
  return {
    write(record) {
      const rows = zeekRows(record, context);
      for (const row of rows) fileOf(row.log).write(`${zeekLine(row)}\n`);
      return rows.length > 0;
    },
    finish() {
      for (const file of files.values()) {
        file.write(zeekFooter(now()));
        file.finish();
      }
      requireFree(folder);
      renameSync(partial, folder);
      process.removeListener("exit", remove);
    },
    abandon() {
      remove();
      process.removeListener("exit", remove);
    },
  };
}
