import type fc from "fast-check";
import type { expect, vi } from "vitest";

export interface RegisteredTest {
  readonly name: string;
  readonly run: () => unknown;
}

interface TestFunction {
  (name: string, first: unknown, second?: unknown): void;
  each(table: readonly unknown[]): (name: string, run: (...row: readonly unknown[]) => unknown) => void;
}

/** A property has held as often as it is asked here; what stands behind it in its test is about more runs. */
export class Enough extends Error {}

export interface HostParts {
  readonly expect: typeof expect;
  readonly vi: typeof vi;
  readonly fastCheck: typeof fc;
  /** Rounds of a property, and the seed of all. */
  readonly runs: number;
  readonly seed: number;
}

/** What a bundled test file is given in place of vitest and fast-check: it registers its tests in `tests`. */
export function hostOf({ expect, vi, fastCheck, runs, seed }: HostParts, tests: RegisteredTest[]): object {
  const it: TestFunction = Object.assign(
    (name: string, first: unknown, second?: unknown): void => {
      const run = typeof first === "function" ? first : second;
      if (typeof run !== "function") throw new Error(`test ${name} has no function`);
      tests.push({ name, run: () => run() });
    },
    {
      each: (table: readonly unknown[]) => (name: string, run: (...row: readonly unknown[]) => unknown) => {
        for (const row of table) tests.push({ name, run: () => (Array.isArray(row) ? run(...row) : run(row)) });
      },
    },
  );
  const describe = (_: string, body: () => void): void => body();
  const assert = (property: fc.IProperty<unknown>, parameters: fc.Parameters<unknown> = {}): void => {
    const wanted = parameters.numRuns ?? 100;
    fastCheck.assert(property, { ...parameters, numRuns: Math.min(wanted, runs), seed, endOnFailure: true });
    if (wanted > runs) throw new Enough();
  };
  return { vitest: { describe, it, expect, vi }, fastCheck: { ...fastCheck, assert } };
}
