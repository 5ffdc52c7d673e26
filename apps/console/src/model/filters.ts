/** Which points and which transactions a person wants to see. */
import type { LiveTransaction, PointView } from "../api/wire.ts";
import { bothAddresses } from "./format.ts";
import { isRefusal } from "./verdict.ts";

export interface TrafficFilter {
  readonly refusedOnly: boolean;
  /** Id of a device; empty for all. */
  readonly device: string;
  /** Found in subject, role or source address. */
  readonly subject: string;
}

export const everything: TrafficFilter = { refusedOnly: false, device: "", subject: "" };

export function isFiltering(filter: TrafficFilter): boolean {
  return filter.refusedOnly || filter.device !== "" || filter.subject.trim() !== "";
}

export function matchesTraffic(transaction: LiveTransaction, filter: TrafficFilter): boolean {
  if (filter.refusedOnly && !isRefusal(transaction)) return false;
  if (filter.device !== "" && !transaction.accesses.some(({ device }) => device === filter.device)) return false;
  const { id, role } = transaction.subject;
  return holds([id ?? "", role ?? "", transaction.location.source], filter.subject);
}

export function matchesPoint(point: PointView, text: string): boolean {
  return holds([point.id, ...point.labels, bothAddresses(point.table, point.address), point.unit ?? ""], text);
}

/** Every word of the text is found in one of the fields; no text is found everywhere. */
function holds(fields: readonly string[], text: string): boolean {
  const wanted = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return wanted.every((word) => fields.some((field) => field.toLowerCase().includes(word)));
}
