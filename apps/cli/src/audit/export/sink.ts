import type { AuditRecord, ExportContext } from "@modwarden/audit";
import type { LineFormat } from "./formats.ts";
import { OutputFile } from "./output-file.ts";

/** Where exported records go. */
export interface Sink {
  /** False: the format has no place for it. */
  write(record: AuditRecord): boolean;
  /** What was written is whole and in its place. */
  finish(): void;
  /** Leaves nothing behind of what is not finished. */
  abandon(): void;
}

const CHUNK_CHARACTERS = 64 * 1024;

/** Lines to somewhere: `put` gets some of them at a time. */
export function lineSink(format: LineFormat, context: ExportContext, put: (text: string) => void): Sink {
  let waiting = format.head ?? "";
  const flush = (): void => {
    if (waiting !== "") put(waiting);
    waiting = "";
  };
  return {
    write(record) {
      const lines = format.linesOf(record, context);
      for (const line of lines) waiting += line;
      if (waiting.length >= CHUNK_CHARACTERS) flush();
      return lines.length > 0;
    },
    finish: flush,
    abandon: () => undefined,
  };
}

export function fileSink(format: LineFormat, context: ExportContext, path: string, gzip: boolean): Sink {
  const file = new OutputFile(path, { gzip });
  const lines = lineSink(format, context, (text) => file.write(text));
  return {
    write: (record) => lines.write(record),
    finish() {
      lines.finish();
      file.finish();
    },
    abandon: () => file.abandon(),
  };
}
