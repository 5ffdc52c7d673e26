import { type Document, LineCounter, parseDocument, visit, type YAMLError } from "yaml";
import type { z } from "zod";
import { checkValue } from "./issues.ts";
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
  // A tag that nobody knows is a warning to the parser; here it is something that would be silently ignored.
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    const problems = errors.slice(0, MAX_PROBLEMS).map((error) => {
      const at = lines.linePos(error.pos[0]);
      return { message: syntaxSentence(error), line: at.line, column: at.col, path: "" };
    });
    throw new DocumentError(file, problems);
  }
  const problem = (path: Path, message: string): Problem => ({
    message,
    ...position(document, lines, path),
    path: path.map(String).join("."),
  });
  const raw: unknown = toValue(document, lines, file);
  const checked = checkValue(schema, raw);
  if (!checked.ok) {
    const problems = checked.findings.slice(0, MAX_PROBLEMS).map(({ path, message }) => problem(path, message));
    throw new DocumentError(file, problems);
  }
  return {
    value: checked.value,
    file,
    problem,
    fail(path, message): never {
      throw new DocumentError(file, [problem(path, message)]);
    },
  };
}

const syntaxSentences: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key stands here twice: keep one",
  MULTIPLE_DOCS: "a second document starts here: a file holds one",
  TAB_AS_INDENT: "tabs are not allowed as indentation: use spaces",
  TAG_RESOLVE_FAILED: "this tag has no meaning here: remove it",
};

/** The parser ends its sentence with the place, which stands before it already. */
const PLACE = / at line \d+, column \d+:?$/;

function syntaxSentence(error: YAMLError): string {
  const sentence = error.message.split("\n", 1)[0] ?? error.code;
  return syntaxSentences[error.code] ?? sentence.replace(PLACE, "");
}

function toValue(document: Document, lines: LineCounter, file: string): unknown {
  const at = { line: 1, column: 1, path: "" };
  try {
    const raw = document.toJS({ maxAliasCount: 100 }) as unknown;
    if (raw === null || raw === undefined) throw new DocumentError(file, [{ message: "the file is empty", ...at }]);
    return raw;
  } catch (error) {
    if (error instanceof DocumentError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new DocumentError(file, [{ message, ...at, ...danglingAlias(document, lines) }]);
  }
}

/** Where an alias stands whose anchor does not. */
function danglingAlias(
  document: Document,
  lines: LineCounter,
): { readonly line: number; readonly column: number } | null {
  let offset: number | undefined;
  visit(document, {
    Alias(_key, node) {
      if (node.resolve(document) !== undefined) return undefined;
      offset = node.range?.[0];
      return visit.BREAK;
    },
  });
  if (offset === undefined) return null;
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
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
