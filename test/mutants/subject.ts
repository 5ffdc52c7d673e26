import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { instrument, type Mutant } from "./instrument.ts";

/** What decides and explains. */
const CHANGED = "packages/policy/src/{decide,rules}/**/*.ts";
const TESTS = "packages/policy/src/**/*.test.ts";
/**
 * Tests that take seconds each time, and those of what is built upon the evaluator. What only they would notice counts
 * as a survivor, so the score is never better than it would be with them.
 */
const LEFT_OUT = ["/testing/cedar/", "/order.property.", "/export/", "/diff/", "/learn/", "/lint/", "/replay/"];
/** One that takes long, and these are the files that it is there for. */
const FOR_SOME: ReadonlyMap<string, readonly string[]> = new Map([
  ["packages/policy/src/many-rules.test.ts", ["decide/decide.ts", "rules/interval-table.ts"]],
]);

export interface NumberedMutant extends Mutant {
  /** The same for the same change to the same line, wherever it stands in the file. */
  readonly key: string;
}

export interface SubjectTest {
  readonly test: string;
  /** The mutants that it is asked about; undefined: all. */
  readonly only?: readonly number[];
}

/** The evaluator with all its mutants, and the tests that have to notice them. */
export interface Subject {
  /** A mutant's number is its place. */
  readonly mutants: readonly NumberedMutant[];
  /** By path, the file with the mutants in it. */
  readonly changed: ReadonlyMap<string, string>;
  readonly tests: readonly SubjectTest[];
  /** Of all that the outcome depends on. */
  readonly digest: string;
}

export function readSubject(root: string): Subject {
  const changed = new Map<string, string>();
  const mutants: NumberedMutant[] = [];
  const seen = new Map<string, number>();
  for (const file of sourcesOf(root)) {
    const made = instrument(file, readFileSync(join(root, file), "utf8"), mutants.length);
    changed.set(file, made.code);
    for (const mutant of made.mutants) {
      const name = `${mutant.file}: ${mutant.text}: ${mutant.change}`;
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      mutants.push({ ...mutant, key: count === 1 ? name : `${name} (${count})` });
    }
  }
  const all = globSync(TESTS, { cwd: root }).sort();
  const tests = all.filter((test) => !LEFT_OUT.some((part) => test.includes(part)));
  const isIn = (number: number, files: readonly string[]): boolean =>
    files.some((file) => mutants[number]!.file.endsWith(file));
  const digest = createHash("sha256");
  for (const path of globSync("packages/policy/src/**/*.ts", { cwd: root }).sort()) {
    digest.update(path).update(readFileSync(join(root, path)));
  }
  return {
    mutants,
    changed,
    tests: tests.map((test) => {
      const files = FOR_SOME.get(test);
      return files === undefined
        ? { test }
        : { test, only: [...mutants.keys()].filter((number) => isIn(number, files)) };
    }),
    digest: digest.digest("hex"),
  };
}

function sourcesOf(root: string): readonly string[] {
  return globSync(CHANGED, { cwd: root })
    .filter((path) => !path.endsWith(".test.ts"))
    .sort();
}
