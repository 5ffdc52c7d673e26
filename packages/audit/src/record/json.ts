export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/**
 * Characters that JSON allows raw but that a terminal or an editor may act on: DEL and C1 controls, line and paragraph
 * separators, direction marks, the byte order mark. In a compact text they can only stand inside strings.
 */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const UNSAFE_ALL = new RegExp(UNSAFE, "g");
/** Anything that a quoted string cannot hold as it is; lone surrogates are among it and so are whole pairs. */
const NEEDS_CARE = /[^\u0020\u0021\u0023-\u005b\u005d-\u007e\u00a0-\u0603\u3000-\ud7ff]/;

function escapeUnsafe(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** The one way a JSON text is written in the log: compact, with every unsafe character escaped. */
export function compactJson(value: JsonValue): string {
  const text = JSON.stringify(value);
  return UNSAFE.test(text) ? text.replace(UNSAFE_ALL, escapeUnsafe) : text;
}

/** A string as it stands in the log. The same text as `compactJson(text)`, without its cost for ordinary strings. */
export function quote(text: string): string {
  return NEEDS_CARE.test(text) ? compactJson(text) : `"${text}"`;
}

/** A number as JSON has it; what is no finite number becomes null. */
export function numeral(value: number): string {
  return Number.isFinite(value) ? String(value) : "null";
}
