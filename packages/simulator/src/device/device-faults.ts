/**
 * Faults of the simulated machines themselves: the names that rules ask for with `fault(name)`, and which of them are
 * on. Faults of the line, such as an answer that does not come, are elsewhere.
 */
export class DeviceFaults {
  readonly #on = new Map<string, boolean>();

  /** Makes the name known; returns how to ask whether the fault is on. */
  use(unit: string, name: string): () => boolean {
    const key = `${unit}.${name}`;
    if (!this.#on.has(key)) this.#on.set(key, false);
    return () => this.#on.get(key) === true;
  }

  /** Throws RangeError for a name that no rule of the unit asks for. */
  switch(unit: string, name: string, on: boolean): void {
    const key = `${unit}.${name}`;
    if (!this.#on.has(key)) throw new RangeError(`no rule of ${unit} asks for fault(${name})`);
    this.#on.set(key, on);
  }

  /** `unit.name` and whether it is on. */
  list(): ReadonlyMap<string, boolean> {
    return new Map(this.#on);
  }
}
