import { writeFileSync } from "node:fs";
import { renderUnicodeCompact } from "uqr";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { whyNot } from "../frame/files.ts";
import { type Label, labelSheet, labelText } from "./labels.ts";

export interface ShowOptions {
  readonly qr?: true;
  readonly svg?: string;
  readonly json?: true;
}

/** A list for a label printer or a project's table: RFC 4180. */
export function showMany(context: Context, labels: readonly Label[], options: ShowOptions): void {
  if (options.svg !== undefined) writeSecret(options.svg, labelSheet(labels));
  if (options.json) for (const label of labels) context.json(label);
  else {
    context.print("id,key,label,serial,expires");
    for (const { id, key, serial, expires } of labels) {
      context.print([id, key, labelText(key), serial ?? "", expires ?? ""].map(quoted).join(","));
    }
  }
}

/** `printed` stands on the label beside it. */
export function showOne(
  context: Context,
  label: Label,
  options: ShowOptions,
  printed: Pick<Label, "serial" | "note"> = {},
): void {
  if (options.svg !== undefined) writeSecret(options.svg, labelSheet([{ ...label, ...printed }]));
  if (options.json) {
    context.json(label);
    return;
  }
  const text = labelText(label.key);
  context.print(`key      ${label.key}`);
  if (text !== label.key) context.print(`label    ${text}`);
  if (label.pin !== undefined) context.print(`pin      ${label.pin}`);
  if (label.expires !== undefined) context.print(`expires  ${label.expires}`);
  if (options.qr) context.print(renderUnicodeCompact(text, { ecc: "M" }));
}

/** A file of this user alone that was not there before. Error: ERR_FILE */
export function writeSecret(file: string, text: string, mode = 0o600): void {
  try {
    writeFileSync(file, text, { mode, flag: "wx" });
  } catch (cause) {
    throw new CliError("ERR_FILE", `cannot write ${file}: ${whyNot(cause)}`, 2, { cause });
  }
}

function quoted(field: string): string {
  return /[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
