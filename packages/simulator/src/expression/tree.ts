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

/**
 * How many parameters each function takes, from and to, and what they are. This list is the language: there is nothing
 * else to call. Periods are in seconds, phases in degrees, rates per second.
 */
export const functionArity = {
  abs: [1, 1, "value"],
  bit: [2, 2, "value, number"],
  clamp: [3, 3, "value, least, greatest"],
  floor: [1, 1, "value"],
  max: [1, 16, "value, …, 16 at most"],
  min: [1, 16, "value, …, 16 at most"],
  noise: [1, 1, "amplitude"],
  ramp: [3, 3, "current, target, rate"],
  round: [1, 1, "value"],
  sine: [2, 3, "amplitude, period[, phase]"],
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
