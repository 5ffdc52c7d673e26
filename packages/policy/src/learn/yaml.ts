import type { EntryText } from "../language/text.ts";

/** As wide as a line of a file may be before a list goes on in the next. */
const WIDTH = 110;

/** Words that YAML 1.1 or 1.2 readers take for something else than text. */
const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** A text as YAML has it: plain where nothing could be mistaken, else in double quotes. */
export function yamlText(text: string): string {
  if (/^[A-Za-z_][\w.-]*$/.test(text) && !RESERVED.test(text)) return text;
  return visible(JSON.stringify(text));
}

/** For comments: one line, and nothing that is not seen. */
export function commentText(text: string): string {
  return visible(text);
}

/** Control characters, line separators and marks of direction as escapes, which double quotes take as well. */
function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function yamlList(items: readonly (string | number)[]): string {
  return `[${items.map((item) => (typeof item === "number" ? String(item) : yamlItem(item))).join(", ")}]`;
}

/** A range such as 10-19 is plain text; anything else as `yamlText`. */
function yamlItem(text: string): string {
  return /^\d+[-/]\d+$/.test(text) ? text : yamlText(text);
}

/** `{ functions: [4], addresses: [48-87] }`, its lists broken where they are long; `indent` is that of the lines after. */
export function yamlEntry(entry: EntryText, indent: string): string {
  const parts = Object.entries(entry).map(([key, value]): string => {
    if (key === "mask") return `mask: 0x${Number(value).toString(16).toUpperCase().padStart(4, "0")}`;
    if (typeof value === "string") return `${key}: ${yamlText(value)}`;
    if (!Array.isArray(value)) return `${key}: ${String(value)}`;
    return `${key}: ${wrapped(yamlList(value as readonly (string | number)[]), indent)}`;
  });
  return `{ ${parts.join(", ")} }`;
}

function wrapped(list: string, indent: string): string {
  const lines = [""];
  for (const part of list.split(/(?<=,) /)) {
    const line = lines.at(-1) ?? "";
    if (line.length > 0 && indent.length + line.length + part.length + 1 > WIDTH) lines.push(part);
    else lines[lines.length - 1] = line === "" ? part : `${line} ${part}`;
  }
  return lines.join(`\n${indent}`);
}
