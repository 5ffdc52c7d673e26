/**
 * Mutated frames by the million for the three framings of the protocol library, and for the reader of captures:
 * `npm run fuzz`.
 * A table on standard output, or JSON with `--json`; progress on standard error. Exit code 1 when something was found.
 */
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { framings } from "../packages/protocol/src/testing/fuzz/feeds.ts";
import { type FuzzCounts, Fuzzer } from "../packages/protocol/src/testing/fuzz/fuzzer.ts";
import { CaptureFuzzer } from "./fuzz/capture-fuzzer.ts";

interface Fuzzes {
  readonly counts: FuzzCounts;
  run(frames: number): void;
}

/** What is thrown at: each framing, and captures of TCP. */
const subjects = [...framings, "capture"] as const;
type Subject = (typeof subjects)[number];

const usage = `npm run fuzz [-- --frames N] [-- --seed N] [-- --json]

  --frames N     frames of each framing, packets of captures, 10 to 1000000000; 1000000 unless told
  --seed N       -2147483648 to 2147483647; the same seed gives the same frames; another one each time unless told
  --framing F    ${subjects.join(", ")}; all of them unless told
  --json         one JSON document instead of a table
`;

/** The heap is measured behind each tenth of the frames. */
const WINDOWS = 10;
/** The first tenths fill caches and compile; what still grows afterwards by more than this is a leak. */
const MAX_GROWTH_BYTES = 2 * 1024 * 1024;
const SETTLED = 3;

const { values } = parseArgs({
  options: {
    frames: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 32) | 0) },
    framing: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const frames = whole("--frames", values.frames, WINDOWS, 1_000_000_000);
const seed = whole("--seed", values.seed, -(2 ** 31), 2 ** 31 - 1);
const chosen = subjects.filter((framing) => values.framing === undefined || values.framing === framing);
if (chosen.length === 0) refuse(`--framing has to be one of ${subjects.join(", ")}, not "${values.framing}"`);

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const results = chosen.map(fuzz);
const failed = results.some(({ found }) => found !== null);
if (values.json) {
  process.stdout.write(`${JSON.stringify({ seed, results }, null, 2)}\n`);
} else {
  process.stdout.write(`seed ${seed}\n`);
  for (const { framing, counts, heapBytes, seconds, found } of results) {
    process.stdout.write(
      `${framing.padEnd(7)} ${counts.frames} frames, ${counts.delivered} PDUs, ${counts.requests} requests, ` +
        `${counts.responses} responses, ${counts.refused} refusals, ${seconds.toFixed(1)} s, ` +
        `heap ${mebibytes(heapBytes[SETTLED - 1])} to ${mebibytes(heapBytes.at(-1))} MiB: ${found ?? "nothing found"}\n`,
    );
  }
}
process.exitCode = failed ? 1 : 0;

function fuzz(framing: Subject): {
  readonly framing: Subject;
  readonly counts: FuzzCounts;
  readonly heapBytes: readonly number[];
  readonly seconds: number;
  readonly found: string | null;
} {
  const fuzzer: Fuzzes = framing === "capture" ? new CaptureFuzzer(seed) : new Fuzzer(framing, seed);
  const heapBytes: number[] = [];
  const start = performance.now();
  let found: string | null = null;
  try {
    for (let window = 1; window <= WINDOWS; window++) {
      fuzzer.run(Math.floor((frames * window) / WINDOWS) - fuzzer.counts.frames);
      collectGarbage();
      heapBytes.push(process.memoryUsage().heapUsed);
      process.stderr.write(`fuzz: ${framing}, ${fuzzer.counts.frames} of ${frames} frames\n`);
    }
    const growth = heapBytes.at(-1)! - heapBytes[SETTLED - 1]!;
    if (growth > MAX_GROWTH_BYTES) found = `the heap grew by ${growth} bytes`;
  } catch (error) {
    found = `frame ${fuzzer.counts.frames + 1}: ${error instanceof Error ? (error.stack ?? error.message) : error}`;
  }
  return { framing, counts: fuzzer.counts, heapBytes, seconds: (performance.now() - start) / 1000, found };
}

function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? "-" : (bytes / 1024 / 1024).toFixed(1);
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  return refuse(`${name} has to be a whole number from ${least} to ${most}, not "${text}"`);
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n\n${usage}`);
  process.exit(2);
}
