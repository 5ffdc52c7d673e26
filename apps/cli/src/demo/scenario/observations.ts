/** What a step expected and what it saw, item by item: both end up side by side in the table. */
export class Observations {
  readonly #items: { readonly label: string; readonly expected: string; readonly got: string }[] = [];

  /** The step agrees only if `got` is `expected` to the letter. */
  same(label: string, expected: string | number | boolean, got: string | number | boolean): void {
    this.#items.push({ label, expected: String(expected), got: String(got) });
  }

  get ok(): boolean {
    return this.#items.length > 0 && this.#items.every(({ expected, got }) => expected === got);
  }

  get expected(): string {
    return this.#items.map(({ label, expected }) => `${label}: ${expected}`).join("; ");
  }

  get got(): string {
    return this.#items.map(({ label, got }) => `${label}: ${got}`).join("; ");
  }
}
