import { performance } from "node:perf_hooks";
import { Script } from "node:vm";
import { Enough, type HostParts, hostOf, type RegisteredTest } from "./host.ts";
import type { PlanScript } from "./plan.ts";

/** A loop that takes this many times the rounds that it takes in good order, and some, has no end. */
const ROUNDS_FACTOR = 10;
const ROUNDS_SPARE = 100_000;

class TooManyRounds extends Error {}

/** What a test comes to in good order. */
interface Usual {
  readonly ms: number;
  readonly rounds: number;
  /** The mutants whose places it came by. */
  readonly reached: ReadonlySet<number>;
}

interface Suite {
  readonly test: string;
  readonly only: ReadonlySet<number> | undefined;
  readonly start: (...parameters: readonly unknown[]) => void;
  readonly loading: Usual;
  readonly tests: readonly Usual[];
  readonly names: readonly string[];
  kills: number;
}

/** Runs bundled tests in this process, as often as asked, with one mutant on or none. */
export class Session {
  readonly #parts: HostParts;
  readonly #require: NodeJS.Require;
  readonly #suites: Suite[] = [];
  #mutant = -1;
  #reached: Set<number> | undefined;
  #rounds = 0;
  #mostRounds = Number.POSITIVE_INFINITY;

  constructor(parts: HostParts, require: NodeJS.Require) {
    this.#parts = parts;
    this.#require = require;
  }

  get tests(): number {
    return this.#suites.reduce((sum, suite) => sum + suite.tests.length, 0);
  }

  /** Takes a test file on. Throws when one of its tests fails in good order. */
  async add({ test, only }: PlanScript, code: string): Promise<void> {
    const text = `(function (require, module, exports, $host, $mutant, $round) {${code}\n})`;
    const start = new Script(text, { filename: `${test}.js` }).runInThisContext() as Suite["start"];
    const registered: RegisteredTest[] = [];
    const loading = await this.#measure(() => this.#load(start, registered));
    const tests: Usual[] = [];
    for (const { run } of registered) tests.push(await this.#measure(run));
    const names = registered.map(({ name }) => name);
    const asked = only === undefined ? undefined : new Set(only);
    this.#suites.push({ test, only: asked, start, loading, tests, names, kills: 0 });
  }

  /** The name of a test that fails with the mutant; undefined: none. `isReached`: whether any comes by its place. */
  async try(mutant: number): Promise<{ readonly by?: string; readonly isReached: boolean }> {
    const cost = ({ tests, kills }: Suite): number => tests.reduce((sum, { ms }) => sum + ms, 0) / (1 + kills);
    const suites = this.#suites.filter((suite) => planned(suite, mutant).length > 0);
    for (const suite of suites.sort((left, right) => cost(left) - cost(right))) {
      this.#mutant = mutant;
      const by = await this.#tryOn(suite, mutant);
      this.#mutant = -1;
      if (by === undefined) continue;
      suite.kills += 1;
      return { by: `${suite.test}: ${by}`, isReached: true };
    }
    return { isReached: suites.length > 0 };
  }

  async #tryOn(suite: Suite, mutant: number): Promise<string | undefined> {
    const registered: RegisteredTest[] = [];
    const failure = await this.#failure(suite.loading, () => this.#load(suite.start, registered));
    if (failure !== undefined) return `loading (${failure})`;
    if (registered.length !== suite.tests.length) return "loading (other tests)";
    for (const index of planned(suite, mutant)) {
      const failed = await this.#failure(suite.tests[index]!, registered[index]!.run);
      if (failed !== undefined) return `${suite.names[index]} (${failed})`;
    }
    return undefined;
  }

  async #failure(usual: Usual, run: () => unknown): Promise<"rounds" | "failed" | undefined> {
    this.#rounds = 0;
    this.#mostRounds = usual.rounds * ROUNDS_FACTOR + ROUNDS_SPARE;
    try {
      await run();
    } catch (error) {
      if (this.#rounds > this.#mostRounds) return "rounds";
      return error instanceof Enough ? undefined : "failed";
    }
    return this.#rounds > this.#mostRounds ? "rounds" : undefined;
  }

  #load(start: Suite["start"], registered: RegisteredTest[]): void {
    const module = { exports: {} };
    const isOn = (mutant: number): boolean => {
      this.#reached?.add(mutant);
      return mutant === this.#mutant;
    };
    const round = (): void => {
      this.#rounds += 1;
      if (this.#rounds > this.#mostRounds) throw new TooManyRounds();
    };
    start(this.#require, module, module.exports, hostOf(this.#parts, registered), isOn, round);
  }

  async #measure(run: () => unknown): Promise<Usual> {
    const reached = new Set<number>();
    this.#reached = reached;
    this.#rounds = 0;
    this.#mostRounds = Number.POSITIVE_INFINITY;
    const since = performance.now();
    try {
      await run();
    } catch (error) {
      if (!(error instanceof Enough)) throw error;
    } finally {
      this.#reached = undefined;
    }
    return { ms: performance.now() - since, rounds: this.#rounds, reached };
  }
}

/** The tests of a file that can tell a mutant, the quick ones first; what is loaded matters to all. */
function planned({ only, loading, tests }: Suite, mutant: number): readonly number[] {
  if (only?.has(mutant) === false) return [];
  const all = [...tests.keys()];
  const able = loading.reached.has(mutant) ? all : all.filter((index) => tests[index]!.reached.has(mutant));
  return able.sort((left, right) => tests[left]!.ms - tests[right]!.ms);
}
