import {
  type AuditRecord,
  cefLine,
  compactJson,
  csvHeader,
  csvLine,
  type ExportContext,
  exportRows,
  ocsfLine,
  zeekJsonLine,
  zeekRows,
} from "@modwarden/audit";

/** A format of one stream of lines: what stands before them, and what a record becomes. */
export interface LineFormat {
  readonly head?: string;
  /** Whole lines with their ends; none where the format has no place for the record. */
  readonly linesOf: (record: AuditRecord, context: ExportContext) => readonly string[];
}

export const lineFormats: Readonly<Record<"json" | "ocsf" | "cef" | "csv" | "zeek-json", LineFormat>> = {
  // A record that was read is written again as it was, byte for byte.
  json: { linesOf: (record) => [`${compactJson(record)}\n`] },
  ocsf: { linesOf: (record, context) => [`${ocsfLine(record, context)}\n`] },
  cef: { linesOf: (record, context) => [`${cefLine(record, context)}\n`] },
  csv: { head: csvHeader(), linesOf: (record) => exportRows(record).map(csvLine) },
  "zeek-json": { linesOf: (record, context) => zeekRows(record, context).map((row) => `${zeekJsonLine(row)}\n`) },
};
