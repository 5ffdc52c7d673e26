import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { bundleTest } from "./bundle.ts";
import { PLAN, type Plan, type PlanScript, type Step } from "./plan.ts";
import type { Subject } from "./subject.ts";

/** Rounds of a property test, and where it starts: the same every time, or survivors would come and go. */
const RUNS = 40;
const SEED = 20_250_101;
/** A mutant that keeps the process busy for so long, without a round of a loop, is stuck. */
const STUCK_MS = 300_000;
const LOOK_EVERY_MS = 500;

export interface Outcome {
  readonly killed: boolean;
  /** The test that noticed; of a survivor whether any test comes by its place. */
  readonly by: string;
}

/** Tries mutants one after the other in a process of vitest, and another one when that gets stuck. */
export async function runMutants(
  root: string,
  subject: Subject,
  wanted: readonly number[],
  onOutcome: (mutant: number, outcome: Outcome) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "modwarden-mutants-"));
  try {
    const scripts: PlanScript[] = [];
    for (const [index, asked] of subject.tests.entries()) {
      const path = join(folder, `${index}.js`);
      writeFileSync(path, await bundleTest(root, asked.test, subject.changed));
      scripts.push({ ...asked, path });
    }
    const left = new Set(wanted);
    for (let session = 0; left.size > 0; session += 1) {
      const results = join(folder, `results-${session}.jsonl`);
      const plan: Plan = { scripts, mutants: [...left], results, runs: RUNS, seed: SEED };
      const stuck = await runSession(root, folder, plan, (mutant, outcome) => {
        left.delete(mutant);
        onOutcome(mutant, outcome);
      });
      if (stuck !== undefined) {
        left.delete(stuck);
        onOutcome(stuck, { killed: true, by: "time" });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The mutant that the session got stuck at, or ended with; undefined: it is through. Throws when it cannot begin. */
async function runSession(
  root: string,
  folder: string,
  plan: Plan,
  onOutcome: (mutant: number, outcome: Outcome) => void,
): Promise<number | undefined> {
  const planPath = join(folder, "plan.json");
  writeFileSync(planPath, JSON.stringify(plan));
  const child = spawn(
    process.execPath,
    [join(root, "node_modules/vitest/vitest.mjs"), "run", "--config", "test/mutants/vitest.config.ts"],
    { cwd: root, env: { ...process.env, [PLAN]: planPath }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-10_000);
    });
  }
  const ended = new Promise<"ended">((resolve) => child.on("close", () => resolve("ended")));
  let taken = 0;
  let trying: number | undefined;
  let isReady = false;
  const take = (): boolean => {
    const lines = existsSync(plan.results) ? readFileSync(plan.results, "utf8").split("\n").slice(0, -1) : [];
    const fresh = lines.slice(taken).map((line) => JSON.parse(line) as Step);
    taken = lines.length;
    for (const step of fresh) {
      if (step.kind === "ready") isReady = true;
      else if (step.kind === "trying") trying = step.mutant;
      else {
        trying = undefined;
        if (step.kind === "killed") onOutcome(step.mutant, { killed: true, by: step.by });
        else onOutcome(step.mutant, { killed: false, by: step.isReached ? "reached" : "not reached" });
      }
    }
    return fresh.length > 0;
  };
  for (let quietMs = 0; ; quietMs += LOOK_EVERY_MS) {
    const state = await Promise.race([ended, wait(LOOK_EVERY_MS, "busy" as const)]);
    if (take()) quietMs = 0;
    if (state === "ended") break;
    if (quietMs < STUCK_MS) continue;
    child.kill("SIGKILL");
    await ended;
    take();
    break;
  }
  if (!isReady) throw new Error(`the tests do not pass as they are:\n${said}`);
  return trying;
}
