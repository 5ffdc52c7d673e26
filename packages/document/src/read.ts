import { type Document, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { DocumentError, type Problem } from "./problem.ts";

export type Path = readonly PropertyKey[];

/** A file's value together with the knowledge of where each part of it stands. */
export interface SourceDocument<Value> {
  readonly value: Value;
  readonly file: string;
  /** A problem at `path`, with its line and column (1-based). */
  problem(path: Path, message: string): Problem;
  /** Throws a DocumentError with one problem at `path`. */
  fail(path: Path, message: string): never;
}

/** Files are written by people: anything larger is a mistake or an attack. */
const MAX_CHARACTERS = 4 * 1024 * 1024;
const MAX_PROBLEMS = 20;

/**
 * Parses YAML (JSON is a subset) and checks it against `schema`. Throws `DocumentError`, whose message names
 * file:line:column of every problem. Aliases are bounded, so that a small file cannot grow into a large value.
 */
export function readDocument<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
): SourceDocument<z.output<Schema>> {
  if (text.length > MAX_CHARACTERS) {
    throw new DocumentError(file, [{ message: "the file is larger than 4 MiB", line: 1, column: 1, path: "" }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: "1.2" });
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, MAX_PROBLEMS).map((error) => {
      const at = lines.linePos(error.pos[0]);
      return { message: error.message.split("\n", 1)[0] ?? error.code, line: at.line, column: at.col, path: "" };
    });
    throw new DocumentError(file, problems);
  }
  const problem = (path: Path, message: string): Problem => ({
    message,
    ...position(document, lines, path),
    path: path.map(String).join("."),
  });
  const raw: unknown = toValue(document, file);
  const result = schema.safeParse(raw);
  if (!result.success) {
    const problems = result.error.issues.slice(0, MAX_PROBLEMS).flatMap((issue) => problemsOf(issue, problem));
    throw new DocumentError(file, problems);
  }
  return {
    value: result.data,
    file,
    problem,
    fail(path, message): never {
      throw new DocumentError(file, [problem(path, message)]);
    },
  };
}

function toValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new DocumentError(file, [{ message, line: 1, column: 1, path: "" }]);
  }
}

function problemsOf(issue: z.core.$ZodIssue, problem: (path: Path, message: string) => Problem): Problem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => problem([...issue.path, key], `unknown key "${key}"`));
  }
  if (issue.code === "invalid_union") {
    const deepest = issue.errors
      .flat()
      .sort((left, right) => right.path.length - left.path.length)
      .at(0);
    if (deepest !== undefined && deepest.path.length > 0) {
      return problemsOf({ ...deepest, path: [...issue.path, ...deepest.path] }, problem);
    }
  }
  if (issue.code === "invalid_type" && issue.input === undefined && issue.message.endsWith("received undefined")) {
    return [
      problem(issue.path, `"${String(issue.path.at(-1) ?? "")}" is missing: ${article(issue.expected)} is wanted`),
    ];
  }
  return [problem(issue.path, issue.message)];
}

function article(expected: string): string {
  return `${/^[aeiou]/.test(expected) ? "an" : "a"} ${expected}`;
}

/** The position of the deepest node that exists on the way to `path`; for an unknown key the key itself. */
function position(document: Document, lines: LineCounter, path: Path): { line: number; column: number } {
  for (let length = path.length; length >= 0; length -= 1) {
    const offset = keyOffset(document, path.slice(0, length));
    if (offset !== undefined) {
      const at = lines.linePos(offset);
      return { line: at.line, column: at.col };
    }
  }
  return { line: 1, column: 1 };
}

function keyOffset(document: Document, path: Path): number | undefined {
  const parent: unknown = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  const last = path.at(-1);
  if (typeof last === "string" && isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === last);
    if (pair !== undefined && isScalar(pair.key)) return pair.key.range?.[0];
  }
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  return hasRange(node) ? node.range[0] : undefined;
}

interface Ranged {
  readonly range: readonly [number, number, number];
}
interface ScalarLike {
  readonly value: unknown;
  readonly range?: readonly [number, number, number] | null;
}

function hasRange(node: unknown): node is Ranged {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}
function isMap(node: unknown): node is { readonly items: readonly { readonly key: unknown }[] } {
  return typeof node === "object" && node !== null && "items" in node && Array.isArray(node.items);
}
function isScalar(node: unknown): node is ScalarLike {
  return typeof node === "object" && node !== null && "value" in node;
}
