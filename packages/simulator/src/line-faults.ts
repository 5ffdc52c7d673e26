import type { FaultEntry } from "./plant/schema.ts";
import { mix, seededRandom } from "./random.ts";

/** A fault of the line, and how often it has happened. */
export interface LineFault {
  readonly id: string;
  readonly fault: FaultEntry;
  readonly happened: number;
}

interface Armed {
  readonly id: string;
  readonly fault: FaultEntry;
  readonly random: () => number;
  happened: number;
}

const MAX_FAULTS = 100;

/** The faults that wait on the line: answers that do not come, come late, or are exceptions. */
export class LineFaults {
  readonly #armed = new Map<string, Armed>();
  readonly #seed: number;
  #made = 0;

  constructor(faults: readonly FaultEntry[], seed: number) {
    this.#seed = seed;
    for (const fault of faults) this.inject(fault);
  }

  /** Returns the id to clear it with. A fault with a known id takes its place. Throws RangeError beyond 100 faults. */
  inject(fault: FaultEntry): string {
    this.#made += 1;
    const id = fault.id ?? `${fault.kind}-${this.#made}`;
    if (!this.#armed.has(id) && this.#armed.size >= MAX_FAULTS) throw new RangeError(`there are ${MAX_FAULTS} faults`);
    const random = seededRandom(fault.seed ?? mix(this.#seed) + this.#made);
    this.#armed.set(id, { id, fault, random, happened: 0 });
    return id;
  }

  list(): readonly LineFault[] {
    return [...this.#armed.values()].map(({ id, fault, happened }) => ({ id, fault, happened }));
  }

  /** Takes one fault away, or all. Returns how many it took. */
  clear(id?: string): number {
    if (id !== undefined) return this.#armed.delete(id) ? 1 : 0;
    const { size } = this.#armed;
    this.#armed.clear();
    return size;
  }

  /** The fault that this request meets, if any: the first in the list that waits for it and comes to pass. */
  meet(unit: number, functionCode: number): FaultEntry | undefined {
    for (const armed of this.#armed.values()) {
      const { target, probability, count } = armed.fault;
      if (count !== undefined && armed.happened >= count) continue;
      if (target.unit !== undefined && target.unit !== unit) continue;
      if (target.functions !== undefined && !target.functions.includes(functionCode)) continue;
      if (armed.random() >= probability) continue;
      armed.happened += 1;
      return armed.fault;
    }
    return undefined;
  }
}
