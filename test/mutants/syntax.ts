import { parseSync } from "vite";

/** A node of the syntax tree (ESTree with TypeScript's own kinds). Offsets are into the text. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Throws where the text does not parse. */
export function programOf(path: string, text: string): Node {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  return program as unknown as Node;
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

/** What TypeScript adds to an expression; every other kind of its own has no effect on a run. */
const AROUND_EXPRESSIONS = new Set(["TSNonNullExpression", "TSAsExpression", "TSSatisfiesExpression"]);

/** The parts of a node that are run, in the order of the text. */
export function partsOf(node: Node): readonly Node[] {
  const parts: Node[] = [];
  for (const [key, value] of Object.entries(node)) {
    // `{ a = 1 }` and `{ a }` give the name twice, and a name that is no expression is nothing to change.
    if (key === "key" && node["computed"] !== true) continue;
    for (const part of Array.isArray(value) ? value : [value]) {
      if (!isNode(part) || (part.type.startsWith("TS") && !AROUND_EXPRESSIONS.has(part.type))) continue;
      parts.push(part);
    }
  }
  return parts.sort((left, right) => left.start - right.start);
}
