import { replaceUnsafe } from "./escape.ts";

/** Half of a surrogate pair has no UTF-8; its three bytes (WTF-8) are written, so that it is the same half again. */
function bytesOf(character: string): Buffer {
  const code = character.charCodeAt(0);
  if (character.length > 1 || code < 0xd800 || code > 0xdfff) return Buffer.from(character, "utf8");
  return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
}

function hex(character: string): string {
  return [...bytesOf(character)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}

const UNSET = "-";
const EMPTY = "(empty)";

/** A text as Zeek's ASCII writer has it (threading/formatters/Ascii.cc, util.cc `get_escaped_string`). */
export function zeekText(text: string, inList: boolean): string {
  if (text === "") return EMPTY;
  // A text that reads like "not set" or "empty" has its first character escaped.
  if (text === UNSET || text === EMPTY) return `${hex(text.charAt(0))}${text.slice(1)}`;
  const escaped = replaceUnsafe(text.replaceAll("\\", "\\\\"), hex);
  return inList ? escaped.replaceAll(",", "\\x2c") : escaped;
}

export type ZeekValue = string | number | boolean | readonly (string | number | null)[] | undefined;

/** A value in the tab-separated form. A `time` is microseconds since 1970, written as seconds. */
export function zeekValue(type: string, value: ZeekValue): string {
  if (value === undefined) return UNSET;
  if (type === "time") return secondsOf(Number(value));
  if (typeof value === "boolean") return value ? "T" : "F";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return zeekText(value, false);
  if (value.length === 0) return EMPTY;
  return value
    .map((item) => (item === null ? UNSET : typeof item === "string" ? zeekText(item, true) : item))
    .join(",");
}

function secondsOf(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1e6);
  return `${seconds}.${String(Math.round(microseconds - seconds * 1e6)).padStart(6, "0")}`;
}
