import { parseSync } from "vite";
import type { SourceFile } from "./rooms.ts";

export interface Import {
  readonly specifier: string;
  /** 1-based. */
  readonly line: number;
}

/** What a file takes from elsewhere, and which globals it names. */
export interface Uses {
  readonly imports: readonly Import[];
  readonly names: ReadonlySet<string>;
}

/**
 * Every module a source names: static, dynamic, `export … from`, `import("x").Type`, and `new URL("../x", import.meta.url)`.
 * A dynamic import whose specifier is computed is reported with the specifier `*`: it could be anything.
 */
export function usesOf(file: SourceFile): Uses {
  const parsed = parseSync(file.path, file.text);
  if (parsed.errors.length > 0) throw new Error(`${file.path} does not parse: ${parsed.errors[0]?.message}`);
  const imports: Import[] = [];
  const names = new Set<string>();
  visit(parsed.program, (node) => {
    const source = sourceOf(node);
    if (source !== undefined) imports.push({ specifier: source, line: lineAt(file.text, node["start"]) });
    if (node["type"] === "Identifier" && typeof node["name"] === "string") names.add(node["name"]);
  });
  return { imports, names };
}

type Node = Readonly<Record<string, unknown>>;

function sourceOf(node: Node): string | undefined {
  switch (node["type"]) {
    case "ImportDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return literal(node["source"]) ?? "*";
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      return literal(node["source"]);
    case "NewExpression":
      return urlOf(node);
    default:
      return undefined;
  }
}

function urlOf(node: Node): string | undefined {
  const callee = node["callee"];
  const first = Array.isArray(node["arguments"]) ? literal(node["arguments"][0]) : undefined;
  return isNode(callee) && callee["name"] === "URL" && first?.startsWith(".") ? first : undefined;
}

function literal(node: unknown): string | undefined {
  return isNode(node) && node["type"] === "Literal" && typeof node["value"] === "string" ? node["value"] : undefined;
}

function visit(value: unknown, each: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, each);
  } else if (isNode(value)) {
    each(value);
    for (const child of Object.values(value)) visit(child, each);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}

function lineAt(text: string, offset: unknown): number {
  return typeof offset === "number" ? text.slice(0, offset).split("\n").length : 1;
}
