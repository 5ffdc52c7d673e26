/**
 * Everything that ends a line or acts on a terminal, an editor or a spreadsheet: C0 and C1 controls, DEL, line and
 * paragraph separators, direction marks, the byte order mark, and half of a surrogate pair.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

export function replaceUnsafe(text: string, replacement: (character: string) => string): string {
  return text.replace(UNSAFE, replacement);
}

/** `\u001b` for each unsafe character. The text must not hold a lone backslash before: see `escapeText`. */
export function escapeUnsafe(text: string): string {
  return replaceUnsafe(text, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** One line of harmless text from which `unescapeText` makes the same text again: `\\` for `\`, `\u000a` for LF. */
export function escapeText(text: string): string {
  return escapeUnsafe(text.includes("\\") ? text.replaceAll("\\", "\\\\") : text);
}
