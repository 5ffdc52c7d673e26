/** What an expression says. Truth is a number: 1 for true, 0 for false; anything but 0 and "not a number" is true. */
export type Tree =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "name"; readonly unit: string | undefined; readonly name: string; readonly at: number }
  | { readonly kind: "minus" | "not"; readonly operand: Tree }
  | { readonly kind: "binary"; readonly operator: BinaryOperator; readonly left: Tree; readonly right: Tree }
  | { readonly kind: "choice"; readonly condition: Tree; readonly yes: Tree; readonly no: Tree }
  | { readonly kind: "call"; readonly name: FunctionName; readonly parameters: readonly Tree[] }
  | { readonly kind: "fault"; readonly name: string; readonly at: number }
  | { readonly kind: "bits"; readonly bits: readonly NamedBit[]; readonly at: number };

export interface NamedBit {
  readonly name: string;
  readonly at: number;
  readonly condition: Tree;
}

export const binaryOperators = ["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "and", "or"] as const;
export type BinaryOperator = (typeof binaryOperators)[number];

/** How many parameters each function takes: from, to. This list is the language: there is nothing else to call. */
export const functionArity = {
  abs: [1, 1],
  bit: [2, 2],
  clamp: [3, 3],
  floor: [1, 1],
  max: [1, 16],
  min: [1, 16],
  noise: [1, 1],
  ramp: [3, 3],
  round: [1, 1],
  sine: [2, 3],
} as const;
export type FunctionName = keyof typeof functionArity;

/** Words that no point, unit or state variable can be called by. */
export const reservedWords: ReadonlySet<string> = new Set([
  ...Object.keys(functionArity),
  "and",
  "bits",
  "dt",
  "fault",
  "not",
  "or",
  "t",
]);
