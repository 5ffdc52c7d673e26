import { ExpressionError } from "./error.ts";
import type { BinaryOperator, FunctionName, Tree } from "./tree.ts";

/** What the names of an expression stand for. Everything that changes is asked anew at each evaluation. */
export interface Scope {
  /** Simulated seconds since the start, and since the step before. */
  readonly clock: { readonly t: number; readonly dt: number };
  /** 0 to 1, 1 excluded. */
  readonly random: () => number;
  /** How to read a point or state variable; of another unit with `unit`. `undefined`: there is none. */
  value(name: string, unit: string | undefined): Evaluation | undefined;
  /** Whether a device's fault is on. */
  fault(name: string): () => boolean;
  /** The number of a named bit in what the expression is for. */
  bit(name: string): number | undefined;
}

export type Evaluation = () => number;

/** Makes a tree of plain functions of a tree. Throws ExpressionError for a name that stands for nothing. */
export function compileExpression(tree: Tree, scope: Scope): Evaluation {
  const compile = (part: Tree): Evaluation => compileExpression(part, scope);
  switch (tree.kind) {
    case "number": {
      const { value } = tree;
      return () => value;
    }
    case "name":
      return nameOf(tree, scope);
    case "minus": {
      const operand = compile(tree.operand);
      return () => -operand();
    }
    case "not": {
      const operand = compile(tree.operand);
      return () => (isTrue(operand()) ? 0 : 1);
    }
    case "binary":
      return binary(tree.operator, compile(tree.left), compile(tree.right));
    case "choice": {
      const [condition, yes, no] = [compile(tree.condition), compile(tree.yes), compile(tree.no)];
      return () => (isTrue(condition()) ? yes() : no());
    }
    case "call":
      return call(tree.name, tree.parameters.map(compile), scope);
    case "fault": {
      const isOn = scope.fault(tree.name);
      return () => (isOn() ? 1 : 0);
    }
    case "bits":
      return bits(tree, scope);
  }
}

function isTrue(value: number): boolean {
  return value !== 0 && !Number.isNaN(value);
}

function nameOf(tree: Extract<Tree, { readonly kind: "name" }>, scope: Scope): Evaluation {
  if (tree.unit === undefined && tree.name === "t") return () => scope.clock.t;
  if (tree.unit === undefined && tree.name === "dt") return () => scope.clock.dt;
  const read = scope.value(tree.name, tree.unit);
  if (read !== undefined) return read;
  const name = tree.unit === undefined ? tree.name : `${tree.unit}.${tree.name}`;
  throw new ExpressionError(tree.at, `${name} is neither a number's point nor a state variable`);
}

function binary(operator: BinaryOperator, left: Evaluation, right: Evaluation): Evaluation {
  switch (operator) {
    case "+":
      return () => left() + right();
    case "-":
      return () => left() - right();
    case "*":
      return () => left() * right();
    case "/":
      return () => left() / right();
    case "%":
      return () => left() % right();
    case "<":
      return () => (left() < right() ? 1 : 0);
    case "<=":
      return () => (left() <= right() ? 1 : 0);
    case ">":
      return () => (left() > right() ? 1 : 0);
    case ">=":
      return () => (left() >= right() ? 1 : 0);
    case "==":
      return () => (left() === right() ? 1 : 0);
    case "!=":
      return () => (left() !== right() ? 1 : 0);
    case "and":
      return () => (isTrue(left()) && isTrue(right()) ? 1 : 0);
    case "or":
      return () => (isTrue(left()) || isTrue(right()) ? 1 : 0);
  }
}

function call(name: FunctionName, parameters: readonly Evaluation[], scope: Scope): Evaluation {
  // The parser has counted the parameters.
  const [first, second, third] = parameters as [Evaluation, Evaluation, Evaluation];
  switch (name) {
    case "abs":
      return () => Math.abs(first());
    case "bit":
      // No shift: points of 32 bits and more are wider than what a shift keeps.
      return () => Math.floor(first() / 2 ** second()) % 2;
    case "clamp":
      return () => Math.min(Math.max(first(), second()), third());
    case "floor":
      return () => Math.floor(first());
    case "max":
      return () => parameters.reduce((greatest, each) => Math.max(greatest, each()), Number.NEGATIVE_INFINITY);
    case "min":
      return () => parameters.reduce((least, each) => Math.min(least, each()), Number.POSITIVE_INFINITY);
    case "noise":
      return () => (scope.random() * 2 - 1) * first();
    case "ramp":
      return () => ramp(first(), second(), Math.abs(third()) * scope.clock.dt);
    case "round":
      return () => Math.round(first());
    case "sine": {
      const phase = parameters[2] ?? (() => 0);
      return () => sine(first(), second(), phase(), scope.clock.t);
    }
  }
}

/** From `current` towards `target`, by `most` at most. */
function ramp(current: number, target: number, most: number): number {
  const rest = target - current;
  return Math.abs(rest) <= most ? target : current + Math.sign(rest) * most;
}

/** `period` in seconds, `phase` in degrees. Without a period there is no wave. */
function sine(amplitude: number, period: number, phase: number, t: number): number {
  return period > 0 ? amplitude * Math.sin(2 * Math.PI * (t / period + phase / 360)) : 0;
}

function bits(tree: Extract<Tree, { readonly kind: "bits" }>, scope: Scope): Evaluation {
  const weighed = tree.bits.map(({ name, at, condition }) => {
    const bit = scope.bit(name);
    if (bit === undefined) throw new ExpressionError(at, `what is set here has no bit called ${name}`);
    return { weight: 2 ** bit, condition: compileExpression(condition, scope) };
  });
  return () => weighed.reduce((word, { weight, condition }) => (isTrue(condition()) ? word + weight : word), 0);
}
