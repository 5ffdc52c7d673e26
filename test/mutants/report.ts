import { readFileSync } from "node:fs";
import type { Outcome } from "./run.ts";
import type { NumberedMutant } from "./subject.ts";

/** A reason why no test can tell, or need tell, some mutants; each by its key. */
interface ListedSurvivors {
  readonly reason: string;
  readonly mutants: readonly string[];
}

interface Score {
  readonly mutants: number;
  readonly killed: number;
}

type Judged = NumberedMutant & Outcome;

export interface Report extends Score {
  readonly files: Readonly<Record<string, Score>>;
  readonly reasons: Readonly<Record<string, number>>;
  /** Survivors that the list does not have. */
  readonly unlisted: readonly Judged[];
  /** Of the whole: what the list has, and is killed, or is no mutant any more. */
  readonly outdated: readonly string[];
}

/** Killed of a hundred; fewer is a failure, however good the reasons. */
const WANTED = 90;

const listed = JSON.parse(
  readFileSync(new URL("survivors.json", import.meta.url), "utf8"),
) as readonly ListedSurvivors[];

export function reportOf(judged: readonly Judged[], isWhole: boolean): Report {
  const reasons = new Map(listed.flatMap(({ reason, mutants }) => mutants.map((key) => [key, reason] as const)));
  const survivors = judged.filter(({ killed }) => !killed);
  const files = Object.groupBy(judged, ({ file }) => file);
  const known = survivors.filter(({ key }) => reasons.has(key));
  const alive = new Set(survivors.map(({ key }) => key));
  return {
    ...scoreOf(judged),
    files: Object.fromEntries(Object.entries(files).map(([file, those]) => [file, scoreOf(those ?? [])])),
    reasons: Object.fromEntries(
      Object.entries(Object.groupBy(known, ({ key }) => reasons.get(key)!)).map(([reason, those]) => [
        reason,
        those?.length ?? 0,
      ]),
    ),
    unlisted: survivors.filter(({ key }) => !reasons.has(key)),
    outdated: isWhole ? [...reasons.keys()].filter((key) => !alive.has(key)) : [],
  };
}

function scoreOf(judged: readonly Judged[]): Score {
  return { mutants: judged.length, killed: judged.filter(({ killed }) => killed).length };
}

export function exitCodeOf({ mutants, killed, unlisted, outdated }: Report): number {
  return unlisted.length > 0 || outdated.length > 0 || killed * 100 < mutants * WANTED ? 1 : 0;
}

export function textOf(report: Report): string {
  const row = ({ mutants, killed }: Score, name: string): string =>
    `${String(killed).padStart(6)} of ${String(mutants).padStart(4)} killed ${percent(killed, mutants).padStart(6)}  ${name}\n`;
  const files = Object.entries(report.files).map(([file, score]) => row(score, file));
  const reasons = Object.entries(report.reasons).map(
    ([reason, count]) => `${String(count).padStart(6)} survive: ${reason}\n`,
  );
  const unlisted = report.unlisted.map(
    ({ file, line, text, change, by }) => `survives, ${by}: ${file}:${line}: ${text}\n    ${change}\n`,
  );
  const outdated = report.outdated.map((key) => `listed, and no survivor: ${key}\n`);
  return [...unlisted, ...outdated, ...files, row(report, "all"), ...reasons].join("");
}

function percent(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(1)} %`;
}
