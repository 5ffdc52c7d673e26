import type { z } from "zod";

/** How a value that is missing is told; the reader of the issue puts the name of its key in front. */
export const MISSING = "is missing: ";
/** What a union says by itself; the issues of its branches say more. */
export const UNION = "none of the possible forms";

const types: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "a map",
  record: "a map",
  null: "null",
};

/** What is wrong with a value, and what would be right. Undefined: the schema's own words, or none better are known. */
export function sentenceOf(issue: z.core.$ZodRawIssue): string | undefined {
  const wanted = wantedOf(issue);
  if (wanted !== undefined) {
    return issue.input === undefined
      ? `${MISSING}${wanted} is wanted`
      : `${wanted} is wanted, got ${shown(issue.input)}`;
  }
  switch (issue.code) {
    case "invalid_union":
      return UNION;
    case "too_small":
      return tooSmall(issue.origin, issue.minimum, issue.inclusive !== false, issue.input);
    case "too_big":
      return tooBig(issue.origin, issue.maximum, issue.inclusive !== false, issue.input);
    case "not_multiple_of":
      return `${shown(issue.input)} is no multiple of ${issue.divisor}`;
    case "invalid_format":
      return `${shown(issue.input)} does not have the form "${issue.format}"`;
    case "invalid_key":
      return `${shown(issue.input)} is no key here: ${issue.issues[0]?.message ?? "another name is wanted"}`;
    default:
      return undefined;
  }
}

/** The values that would be right, of an issue about a value's type or of one about a closed list. */
export function wantedOf(issue: z.core.$ZodRawIssue | z.core.$ZodIssue): string | undefined {
  if (issue.code === "invalid_type") {
    const expected = String(issue.expected);
    if (typeof issue.input === "number" && expected === "number") return "a finite number";
    return types[expected] ?? `a ${expected}`;
  }
  if (issue.code !== "invalid_value") return undefined;
  const values = issue.values.map((value) => (typeof value === "symbol" ? "a symbol" : JSON.stringify(value)));
  return values.length === 1 ? values[0] : `one of ${values.map((value) => value?.replaceAll('"', "")).join(", ")}`;
}

const LONGEST_SHOWN = 40;

/** What stands in the file, short enough for a line. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value);
}

function tooSmall(origin: string, minimum: number | bigint, inclusive: boolean, input: unknown): string {
  if (origin === "array")
    return `${plural(minimum, "entry", "entries")} at least ${are(minimum)} wanted, got ${lengthOf(input)}`;
  if (origin === "string") {
    return `${plural(minimum, "character", "characters")} at least ${are(minimum)} wanted, got ${shown(input)}`;
  }
  return `${shown(input)} is too small: ${inclusive ? `${minimum} is the least` : `more than ${minimum} is wanted`}`;
}

function tooBig(origin: string, maximum: number | bigint, inclusive: boolean, input: unknown): string {
  if (origin === "array")
    return `at most ${plural(maximum, "entry", "entries")} ${are(maximum)} possible, got ${lengthOf(input)}`;
  if (origin === "string") {
    return `at most ${plural(maximum, "character", "characters")} ${are(maximum)} possible, got ${lengthOf(input)}`;
  }
  return `${shown(input)} is too large: ${inclusive ? `${maximum} is the most` : `less than ${maximum} is wanted`}`;
}

function plural(count: number | bigint, one: string, several: string): string {
  return `${count} ${Number(count) === 1 ? one : several}`;
}

function are(count: number | bigint): string {
  return Number(count) === 1 ? "is" : "are";
}

function lengthOf(input: unknown): string {
  const { length } = input as { readonly length?: number };
  return length === undefined ? shown(input) : length === 0 ? "none" : String(length);
}
