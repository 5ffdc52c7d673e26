import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Kept } from "./kept.ts";
import { exitCodeOf, reportOf, textOf } from "./report.ts";
import { runMutants } from "./run.ts";
import { sampleOf } from "./sample.ts";
import { readSubject } from "./subject.ts";

const HELP = `npm run mutants                                every mutant of the evaluator; what is known of them is kept
npm run mutants -- --sample 100 --seed 7        a quick look
npm run mutants -- --file decide/failure.ts     those of one file
npm run mutants -- --survivors                  only what survived before: for who writes tests
npm run mutants -- --list --file rules/step.ts  says what they are, and tries none

  --file TEXT   files whose path ends so; may be given again
  --sample N    N of them, by chance
  --seed S      of the sample; default 1
  --survivors   what a test has killed before is taken as killed
  --fresh       forgets what is kept
  --list        the mutants; the tests do not run
  --json        one document on standard output

Changes one thing in packages/policy/src/decide or rules and runs the tests of the policy: a test has to fail. Survivors
that can be told from the original by no test stand in test/mutants/survivors.json, each with its reason.
Ends with 1 when one survives that does not stand there, or fewer than 90 of 100 are killed; with 2 for wrong usage.
`;

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(root, "node_modules/.cache/modwarden/mutants.jsonl");

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      file: { type: "string", multiple: true },
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      survivors: { type: "boolean", default: false },
      fresh: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const subject = readSubject(root);
  const { mutants } = subject;
  const files = values.file ?? [""];
  const named = [...mutants.keys()].filter((number) => files.some((file) => mutants[number]!.file.endsWith(file)));
  const wanted = values.sample === undefined ? named : sampleOf(named, whole(values.sample), whole(values.seed));
  if (wanted.length === 0) throw new UsageError("there is no mutant in such a file");
  if (values.list) {
    const listed = wanted.map((number) => mutants[number]!);
    const lines = listed.map(({ file, line, text, change }) => `${file}:${line}: ${text}\n    ${change}\n`);
    process.stdout.write(values.json ? `${JSON.stringify(listed)}\n` : lines.join(""));
    return 0;
  }
  mkdirSync(dirname(cache), { recursive: true });
  const kept = new Kept(cache, subject, { fresh: values.fresh, oldKills: values.survivors });
  const left = wanted.filter((number) => kept.get(number) === undefined);
  process.stderr.write(`${wanted.length} mutants, ${left.length} to try\n`);
  let tried = 0;
  if (left.length > 0) {
    await runMutants(root, subject, left, (number, outcome) => {
      kept.set(number, outcome);
      tried += 1;
      const { file, line, change } = mutants[number]!;
      if (!outcome.killed) process.stderr.write(`${tried}/${left.length} survives: ${file}:${line}: ${change}\n`);
    });
  }
  const isWhole = wanted.length === mutants.length;
  const report = reportOf(
    wanted.map((number) => ({ ...mutants[number]!, ...kept.get(number)! })),
    isWhole,
  );
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : textOf(report));
  return exitCodeOf(report);
}

class UsageError extends Error {}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`"${text}" is no whole number`);
  return Number(text);
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage =
    error instanceof UsageError ||
    (error instanceof TypeError && String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS"));
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = isUsage ? 2 : 1;
}
