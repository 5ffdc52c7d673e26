/** An expression that cannot be used. `at` is the 0-based place of the character in the expression. */
export class ExpressionError extends Error {
  readonly code = "ERR_EXPRESSION";
  readonly at: number;

  constructor(at: number, message: string) {
    super(`${message} (at character ${at + 1} of the expression)`);
    this.name = "ExpressionError";
    this.at = at;
  }
}
