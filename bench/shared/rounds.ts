/** How often and how long is measured, and what becomes of it. */

export interface Rounds {
  readonly rounds: number;
  readonly warmMs: number;
  readonly measuredMs: number;
  readonly say: (line: string) => void;
}

/** The measurements of one server or client in one load, by round; undefined where it failed. */
export interface Series<Result> {
  readonly name: string;
  readonly load: string;
  readonly results: (Result | undefined)[];
  failure: string | undefined;
}
