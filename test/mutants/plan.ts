export interface PlanScript {
  readonly test: string;
  readonly path: string;
  /** The mutants that it is asked about; undefined: all. */
  readonly only?: readonly number[];
}

/** What the command asks a session of vitest for. */
export interface Plan {
  /** Bundled test files, by the test's path. */
  readonly scripts: readonly PlanScript[];
  /** Numbers of the mutants to try, in this order. */
  readonly mutants: readonly number[];
  /** Gets a line of JSON for each step: a `Step`. */
  readonly results: string;
  /** Rounds of a property test; it may ask for fewer. */
  readonly runs: number;
  readonly seed: number;
}

export type Step =
  | { readonly kind: "ready"; readonly tests: number }
  | { readonly kind: "trying"; readonly mutant: number }
  | { readonly kind: "killed"; readonly mutant: number; readonly by: string }
  | { readonly kind: "survived"; readonly mutant: number; readonly isReached: boolean };

/** The environment's name for the path of the plan. */
export const PLAN = "MUTANTS_PLAN";
