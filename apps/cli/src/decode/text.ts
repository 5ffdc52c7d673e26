import { type DecodedFrame, describeRequest, describeResponse, exceptionName } from "@modwarden/protocol";
import type { Decoded } from "./decode-hex.ts";

/** A frame for people, one field to a line. */
export function fieldLines({ document, frame }: Decoded): readonly string[] {
  if (!document.valid || frame === undefined) return [invalid(document)];
  const { function: code, name, ...fields } = document.pdu;
  const rows: (readonly [string, string])[] = [
    ["frame", `${document.transport} ${document.direction}`],
    ...(frame.transaction === undefined ? [] : [["transaction", String(frame.transaction)] as const]),
    ...(frame.unit === undefined ? [] : [["unit", String(frame.unit)] as const]),
    ["function", name === undefined ? String(code) : `${code} ${name}`],
    ...Object.entries(fields).map(([field, value]) => [field, valueText(field, value)] as const),
  ];
  const width = Math.max(...rows.map(([field]) => field.length));
  return rows.map(([field, value]) => `${field.padEnd(width)}  ${value}`);
}

/** A frame for people, on one line. */
export function oneLine({ document, frame }: Decoded): string {
  if (!document.valid || frame === undefined) return invalid(document);
  const unit = frame.unit === undefined ? "" : `unit ${frame.unit}: `;
  return `${unit}${describe(frame)}`;
}

function describe(frame: DecodedFrame): string {
  return frame.direction === "request" ? describeRequest(frame.message) : describeResponse(frame.message);
}

function invalid(document: Decoded["document"]): string {
  return document.valid ? "" : `invalid: ${document.reason} (${document.code})`;
}

function valueText(field: string, value: unknown): string {
  if (field === "exception" && typeof value === "number") return `${value} ${exceptionName(value)}`;
  return typeof value === "string" ? value : JSON.stringify(value);
}
