import {
  type AuditRecord,
  cefLine,
  compactJson,
  type ExportContext,
  ocsfLine,
  severityOf,
  viewOf,
} from "@modwarden/audit";
import type { SyslogMessage } from "./message.ts";

export type SyslogFormat = "ocsf" | "cef" | "json";

/** Informational, notice, warning, error. */
const severities = { info: 6, low: 5, medium: 4, high: 3 } as const;

/** A record as a message to a receiver of logs. `host`: what the gateway is called. */
export function recordMessage(
  record: AuditRecord,
  format: SyslogFormat,
  context: ExportContext,
  host: string,
): SyslogMessage {
  return {
    severity: severities[severityOf(viewOf(record))],
    time: record.t,
    host,
    type: record.kind,
    data: { log: context.log, seq: record.seq },
    text: textOf(record, format, context),
  };
}

function textOf(record: AuditRecord, format: SyslogFormat, context: ExportContext): string {
  if (format === "cef") return cefLine(record, context);
  return ascii(format === "ocsf" ? ocsfLine(record, context) : compactJson(record));
}

/** The same JSON in ASCII alone: many readers of JSON stumble over the mark that a text in UTF-8 must begin with. */
function ascii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
