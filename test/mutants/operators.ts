import { isNode, type Node } from "./syntax.ts";

/** What stands in a node's place when it is changed. */
export interface Change {
  /** What is done, as people read it. */
  readonly what: string;
  readonly text: string;
}

const swapped: ReadonlyMap<unknown, string> = new Map(
  Object.entries({
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "===": "!==",
    "!==": "===",
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "&": "|",
    "|": "&",
    "<<": ">>",
    ">>": "<<",
    "&&": "||",
    "||": "&&",
    "+=": "-=",
    "-=": "+=",
  }),
);

/** Methods that are as easily taken for one another. */
const swappedMethods: ReadonlyMap<unknown, string> = new Map([
  ["some", "every"],
  ["every", "some"],
]);
const swappedOfMath: ReadonlyMap<unknown, string> = new Map([
  ["min", "max"],
  ["max", "min"],
]);

/** Numbers that a comparison or a sum is about, or that have a name. */
const COUNTING = new Set(["BinaryExpression", "VariableDeclarator", "AssignmentPattern", "AssignmentExpression"]);

/** What can be written instead of an expression. */
export function changesOf(node: Node, parent: Node | undefined, text: string): readonly Change[] {
  const source = (part: unknown): string => (isNode(part) ? text.slice(part.start, part.end) : "");
  switch (node.type) {
    case "BinaryExpression":
    case "AssignmentExpression": {
      const other = swapped.get(node["operator"]);
      return other === undefined ? [] : [instead(`${source(node["left"])} ${other} (${source(node["right"])})`)];
    }
    case "LogicalExpression": {
      const [left, right] = [source(node["left"]), source(node["right"])];
      if (node["operator"] === "??") return [instead(left)];
      return [instead(`(${left}) ${swapped.get(node["operator"])} (${right})`), instead(left), instead(right)];
    }
    case "UnaryExpression": {
      const isDropped = node["operator"] === "!" || node["operator"] === "-";
      return isDropped ? [instead(source(node["argument"]))] : [];
    }
    case "Literal":
      return literalChanges(node, parent);
    default:
      return [];
  }
}

function instead(text: string): Change {
  return { what: text, text };
}

function literalChanges({ value }: Node, parent: Node | undefined): readonly Change[] {
  if (typeof value === "boolean") return [instead(String(!value))];
  if (parent === undefined || !COUNTING.has(parent.type)) return [];
  if (typeof value === "number") return [instead(String(value + 1)), instead(`(${value - 1})`)];
  if (typeof value === "bigint") return [instead(`${value + 1n}n`), instead(`(${value - 1n}n)`)];
  return [];
}

/** The condition of a node that has one. */
export function conditionOf(node: Node): Node | undefined {
  const conditional = ["IfStatement", "ConditionalExpression", "WhileStatement", "ForStatement"].includes(node.type);
  const test = node["test"];
  return conditional && isNode(test) ? test : undefined;
}

/** The name of the method that is called, and what it is taken for: `some` and `every`, `min` and `max`. */
export function methodOf(node: Node): { readonly name: Node; readonly other: string } | undefined {
  const { property: name, object } = node;
  if (node.type !== "MemberExpression" || node["computed"] === true || !isNode(name) || !isNode(object))
    return undefined;
  const other = (object["name"] === "Math" ? swappedOfMath : swappedMethods).get(name["name"]);
  return other === undefined ? undefined : { name, other };
}
