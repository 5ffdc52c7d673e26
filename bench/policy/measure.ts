/** What one decision costs beside other engines with the same rules, and that it does not grow with their number. */
import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { compilePolicy, type Policy, type Question, readPolicy } from "@modwarden/policy";
import type { Bar } from "../shared/bar.ts";
import { atLeast, atMost } from "../shared/bar.ts";
import type { Rounds } from "../shared/rounds.ts";
import { ratio, summarise } from "../shared/statistics.ts";
import { barTable, number, table } from "../shared/table.ts";
import { casbinDecider, cedarDecider, type Decide } from "./engines.ts";
import { type Plant, plantOf, questionsOf } from "./rules.ts";

const SIZES = [50, 500, 10_000] as const;
const BATCH = 1_000;
/** Distinct requests: what the clients of a large plant ask again and again. */
const QUESTIONS = 1_000;
const READS = 1_000_000;

/** Microseconds of one decision. */
interface Timed {
  readonly median: number;
  /** Of the batches; of engines that are too slow for many batches, of the single decisions. */
  readonly p99: number;
}

interface EngineSeries {
  readonly name: string;
  readonly rules: number;
  readonly results: Timed[];
}

export interface PolicyBench {
  /** Share of the questions that are permitted, by number of rules. */
  readonly permitted: Readonly<Record<string, number>>;
  readonly compileMs: Readonly<Record<string, number>>;
  readonly engines: readonly EngineSeries[];
  readonly heapKiB: number;
  readonly bars: readonly Bar[];
}

interface Subject {
  readonly name: string;
  readonly rules: number;
  readonly decide: Decide;
  readonly questions: readonly Question[];
  /** Decisions of one batch. */
  readonly batch: number;
}

export async function measurePolicy(how: Rounds): Promise<PolicyBench> {
  const requirePeer = createRequire(new URL("../../.modwarden/peers/package.json", import.meta.url));
  const casbin: unknown = requirePeer("casbin");
  const permitted: Record<string, number> = {};
  const compileMs: Record<string, number> = {};
  const series: EngineSeries[] = [];
  let heapKiB = 0;
  for (const size of SIZES) {
    how.say(`policy: ${size} rules`);
    const plant = plantOf(size);
    const { policy, took } = compiled(plant);
    compileMs[size] = took;
    const own: Decide = (question) => policy.decide(question).permit;
    const questions = questionsOf(plant, QUESTIONS, own);
    const cedar = cedarDecider(plant.flat);
    const enforcer = await casbinDecider(casbin, plant.flat);
    permitted[size] = questions.filter(own).length / questions.length;
    mustAgree(questions.slice(0, 40), own, [cedar, enforcer]);
    const subjects: readonly Subject[] = [
      { name: "modwarden", rules: size, decide: own, questions, batch: BATCH },
      { name: "cedar-wasm", rules: size, decide: cedar, questions, batch: size > 1_000 ? 1 : 10 },
      { name: "casbin", rules: size, decide: enforcer, questions, batch: size > 1_000 ? 1 : 10 },
    ];
    const of = subjects.map(({ name, rules }): EngineSeries => ({ name, rules, results: [] }));
    for (let round = -1; round < how.rounds; round += 1) {
      for (const [index, subject] of subjects.entries()) {
        const timed = time(subject, round < 0 ? how.warmMs : how.measuredMs);
        if (round >= 0) of[index]!.results.push(timed);
      }
    }
    series.push(...of);
    if (size === SIZES.at(-1)) heapKiB = heapGrowth(policy, questions);
  }
  return { permitted, compileMs, engines: series, heapKiB, bars: judge(series, heapKiB) };
}

function compiled({ file, devices }: Plant): { readonly policy: Policy; readonly took: number } {
  const document = readPolicy(JSON.stringify(file), "bench.json");
  const start = performance.now();
  return { policy: compilePolicy(document, devices), took: performance.now() - start };
}

/** Engines that decide differently are not compared. */
function mustAgree(questions: readonly Question[], own: Decide, others: readonly Decide[]): void {
  for (const question of questions) {
    if (others.some((other) => other(question) !== own(question))) {
      throw new Error(`the engines differ: ${JSON.stringify(question)}`);
    }
  }
}

function time({ decide, questions, batch }: Subject, forMs: number): Timed {
  const took: number[] = [];
  let next = 0;
  let permits = 0;
  for (const end = performance.now() + forMs; performance.now() < end; ) {
    const start = process.hrtime.bigint();
    for (let count = 0; count < batch; count += 1) {
      if (decide(questions[next]!)) permits += 1;
      next = (next + 1) % questions.length;
    }
    took.push(Number(process.hrtime.bigint() - start) / 1_000 / batch);
  }
  if (permits < 0) throw new Error("unreachable");
  took.sort((left, right) => left - right);
  return { median: took[took.length >> 1] ?? 0, p99: took[Math.floor(took.length * 0.99)] ?? 0 };
}

/** What a million permitted reads leave on the heap, KiB. */
function heapGrowth(policy: Policy, questions: readonly Question[]): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const reads = questions.filter((question) => question.functionCode === 3 && policy.decide(question).permit);
  const run = (count: number): void => {
    for (let index = 0; index < count; index += 1) policy.decide(reads[index % reads.length]!);
  };
  // What was there before, and code that is still being compiled, must not count.
  run(READS);
  collect();
  collect();
  const before = process.memoryUsage().heapUsed;
  run(READS);
  collect();
  collect();
  return (process.memoryUsage().heapUsed - before) / 1024;
}

function judge(series: readonly EngineSeries[], heapKiB: number): readonly Bar[] {
  const of = (name: string, rules: number): readonly Timed[] =>
    series.find((one) => one.name === name && one.rules === rules)?.results ?? [];
  const medians = (name: string, rules: number): readonly number[] => of(name, rules).map(({ median }) => median);
  const own = of("modwarden", 10_000);
  return [
    atMost("a decision of 10,000 rules, median of batches", 0.5, summarise(own.map(({ median }) => median)), "us"),
    atMost("a decision of 10,000 rules, 99th percentile of batches", 1, summarise(own.map(({ p99 }) => p99)), "us"),
    atLeast(
      "cedar-wasm's time, 10,000 rules",
      1_000,
      ratio(medians("cedar-wasm", 10_000), medians("modwarden", 10_000)),
    ),
    atMost("10,000 rules over 50", 2, ratio(medians("modwarden", 10_000), medians("modwarden", 50))),
    // What the collector itself keeps wanders by a few KiB.
    atMost("heap after a million permitted reads", 16, summarise([heapKiB]), "KiB"),
  ];
}

export function policyTables({ permitted, compileMs, engines, bars }: PolicyBench): string {
  const rows = engines.map(({ name, rules, results }) => {
    const median = summarise(results.map((timed) => timed.median))?.median;
    const p99 = summarise(results.map((timed) => timed.p99))?.median;
    const own = engines.find((one) => one.name === "modwarden" && one.rules === rules)?.results ?? [];
    const times = ratio(
      results.map((timed) => timed.median),
      own.map((timed) => timed.median),
    );
    return [number(rules, 0), name, number(median, 3), number(p99, 3), number(times?.median, 0)];
  });
  const sizes = SIZES.map((size) => [
    number(size, 0),
    `${number((permitted[size] ?? 0) * 100, 0)} %`,
    number(compileMs[size], 1),
  ]);
  return [
    "one decision about one register, microseconds",
    table(["rules", "engine", "median", "99th percentile", "times modwarden's"], rows),
    table(["rules", "permitted", "compiled in ms"], sizes),
    barTable(bars),
  ].join("\n\n");
}
