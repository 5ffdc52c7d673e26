import type { Range } from "../../language/range.ts";

/** A string of Cedar's grammar: what cannot be seen is escaped, so that no name can end it or hide in it. */
export function cedarString(text: string): string {
  const escaped = text
    .replace(/[\\"]/g, "\\$&")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
  return `"${escaped}"`;
}

export function cedarSet(members: readonly (string | number | bigint)[]): string {
  return `[${members.map((member) => (typeof member === "string" ? cedarString(member) : String(member))).join(", ")}]`;
}

/** `a && b`; no parts at all are true. */
export function allOf(parts: readonly (string | undefined)[]): string {
  const given = parts.filter((part) => part !== undefined);
  return given.length === 0 ? "true" : given.join(" && ");
}

/** `(a || b)`; no parts at all are false. */
export function anyOf(parts: readonly string[]): string {
  if (parts.length === 1) return parts[0]!;
  return parts.length === 0 ? "false" : `(${parts.join(" || ")})`;
}

export function within(what: string, ranges: readonly Range[]): string {
  const parts = ranges.map(({ start, end }) =>
    start === end ? `${what} == ${start}` : `${what} >= ${start} && ${what} <= ${end}`,
  );
  return anyOf(parts.map((part) => (parts.length > 1 && part.includes("&&") ? `(${part})` : part)));
}
