import type { PolicyFile } from "../language/text.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { cedarHeader } from "./cedar/header.ts";
import { cedarPolicies } from "./cedar/policies.ts";
import { cedarSchema } from "./cedar/schema.ts";
import { accessCsv } from "./table/csv.ts";
import type { ExportHeader } from "./table/header.ts";
import { accessMarkdown } from "./table/markdown.ts";
import { accessRows } from "./table/rows.ts";

export const exportFormats = ["cedar", "cedar-schema", "markdown", "csv"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/**
 * A policy as text for others: Cedar and its schema (`cedarRequests` has the requests), or tables for auditors. The
 * file has been compiled for these devices, so that every name in it is one of theirs.
 */
export function exportPolicy(
  format: ExportFormat,
  file: PolicyFile,
  devices: readonly PolicyDevice[],
  header: ExportHeader,
): string {
  switch (format) {
    case "cedar":
      return `${cedarHeader(file, header)}\n${cedarPolicies(file, devices)}`;
    case "cedar-schema":
      return cedarSchema(file, devices);
    case "markdown":
      return accessMarkdown(file, devices, header);
    case "csv":
      return accessCsv(accessRows(file, devices), header);
  }
}
