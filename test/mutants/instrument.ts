import { type Change, changesOf, conditionOf, methodOf } from "./operators.ts";
import { type Node, partsOf, programOf } from "./syntax.ts";

/** One change to one file. */
export interface Mutant {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The line as it stands, without its indentation: it names the mutant, for line numbers move. */
  readonly text: string;
  /** `old → new` */
  readonly change: string;
}

/** Loops whose rounds are counted, so that one without an end is found without a clock. */
const LOOPS = new Set(["ForStatement", "ForOfStatement", "ForInStatement", "WhileStatement", "DoWhileStatement"]);

/**
 * All mutants of a file in one text: at each place `$mutant(N)` asks whether it is the N-th that is on, and otherwise
 * the text is as it was. Numbers go on from `first`. `$round()` is called for every round of a loop.
 */
export function instrument(
  file: string,
  text: string,
  first: number,
): { readonly code: string; readonly mutants: readonly Mutant[] } {
  const mutants: Mutant[] = [];
  const lines = text.split("\n");
  const starts = lineStarts(text);

  /** Registers a mutant at a node and gives the question whether it is on. */
  const asked = (node: Node, to: string): string => {
    const line = starts.findLastIndex((start) => start <= node.start);
    const change = `${oneLine(text.slice(node.start, node.end))} → ${oneLine(to)}`;
    mutants.push({ file, line: line + 1, text: lines[line]!.trim(), change });
    return `$mutant(${first + mutants.length - 1})`;
  };
  const among = (node: Node, changes: readonly Change[], otherwise: string): string => {
    if (changes.length === 0) return otherwise;
    const chosen = changes.map((change) => `${asked(node, change.what)} ? (${change.text}) : `);
    return `(${chosen.join("")}(${otherwise}))`;
  };

  const render = (node: Node, parent: Node | undefined): string => {
    const condition = conditionOf(node);
    const method = methodOf(node);
    let rendered = "";
    let at = node.start;
    for (const part of partsOf(node)) {
      if (part.start < at) continue;
      let between = text.slice(at, part.start);
      let inner = render(part, node);
      if (part === condition) inner = among(part, [TRUE, FALSE], inner);
      if (part === method?.name) {
        // `a.some` and `a?.some`: the name becomes an index.
        if (!between.trimEnd().endsWith("?.")) between = between.replace(/\.\s*$/, "");
        inner = `[${asked(part, method.other)} ? "${method.other}" : "${String(part["name"])}"]`;
      }
      if (LOOPS.has(node.type) && part === node["body"]) inner = `{ $round(); ${inner} }`;
      rendered += between + inner;
      at = part.end;
    }
    rendered += text.slice(at, node.end);
    if (node.type === "ExpressionStatement" && node["directive"] === undefined && !isSuper(node)) {
      return `{ if (!${asked(node, "nothing")}) ${rendered} }`;
    }
    return among(node, changesOf(node, parent, text), rendered);
  };

  const program = programOf(file, text);
  return { code: text.slice(0, program.start) + render(program, undefined) + text.slice(program.end), mutants };
}

const TRUE: Change = { what: "true", text: "true" };
const FALSE: Change = { what: "false", text: "false" };

/** A constructor without its base would never run at all. */
function isSuper(statement: Node): boolean {
  const call = statement["expression"] as Node;
  return call.type === "CallExpression" && (call["callee"] as Node).type === "Super";
}

function lineStarts(text: string): readonly number[] {
  return [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
}

const LONGEST = 100;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
