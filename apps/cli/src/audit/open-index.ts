import { AuditError, AuditIndex } from "@modwarden/audit";
import type { Command } from "commander";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { logFolder, withLog } from "./log-folder.ts";

export interface IndexOptions {
  readonly log?: string;
  readonly site?: string;
  readonly index?: string;
}

/** Where the log and its index are. */
export function withIndex(command: Command): Command {
  return withLog(command).option("--index <FILE>", "the file of the index (default: beside the log's folder)");
}

/**
 * Opens the index of the log and brings it up to date, or makes it anew; how far it is stands on standard error
 * meanwhile.
 */
export async function openIndex(context: Context, options: IndexOptions, anew?: "anew"): Promise<AuditIndex> {
  const { index: file, ...where } = options;
  const index = opened(await logFolder(where), file);
  try {
    showing(context, (progress) => (anew === undefined ? index.update(progress) : index.rebuild(progress)));
  } catch (error) {
    index.close();
    throw error;
  }
  return index;
}

function opened(dir: string, file: string | undefined): AuditIndex {
  try {
    return new AuditIndex({ dir, ...(file === undefined ? {} : { file }) });
  } catch (error) {
    if (!(error instanceof AuditError) || error.code !== "ERR_AUDIT_INDEX_PLACE") throw error;
    throw new CliError(error.code, `${error.message}: --index FILE`, 2, { cause: error });
  }
}

/** Shows progress at a terminal, and takes it away when it is over. */
function showing(context: Context, work: (progress?: (records: number) => void) => void): void {
  const { stderr } = context.terminal;
  if (!stderr.isTerminal) {
    work();
    return;
  }
  work((records) => stderr.write(`\r${records} records indexed`));
  stderr.write("\r\u001b[K");
}

/** Says that not everything in the log could be read. */
export function noteDamage(context: Context, index: AuditIndex, damaged: readonly number[]): void {
  const [first] = damaged;
  if (first !== undefined) {
    context.note(`warning: record ${first}${damaged.length > 1 ? " and others" : ""} would be here and is damaged`);
  }
  const unread = index.status.damaged;
  if (unread > 0)
    context.note(
      `warning: ${unread} ${unread === 1 ? "record" : "records"} cannot be read: \`modwarden audit verify\` says where`,
    );
}
