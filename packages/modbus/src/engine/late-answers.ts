/** Debts remembered at one time; the oldest is forgotten for one more. */
const bound = 256;

/**
 * The answers that devices still owe: requests that were given up, by unit and function code. While one is owed, the
 * next answer of that unit to that function may be it.
 */
export class LateAnswers {
  readonly #until = new Map<number, number>();

  owe(unit: number, functionCode: number, until: number): void {
    const key = keyOf(unit, functionCode);
    this.#until.delete(key);
    if (this.#until.size >= bound) this.#until.delete(this.#until.keys().next().value!);
    this.#until.set(key, until);
  }

  /** Until when such an answer is waited for; 0 when none is owed. */
  until(unit: number, functionCode: number): number {
    return this.#until.get(keyOf(unit, functionCode)) ?? 0;
  }

  paid(unit: number, functionCode: number): void {
    this.#until.delete(keyOf(unit, functionCode));
  }
}

function keyOf(unit: number, functionCode: number): number {
  return (unit << 8) | functionCode;
}
