import { appendFileSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import fastCheck from "fast-check";
import { expect, it, vi } from "vitest";
import { PLAN, type Plan, type Step } from "./plan.ts";
import { Session } from "./session.ts";

it("tries the mutants of the plan", async () => {
  const { scripts, mutants, results, runs, seed } = JSON.parse(readFileSync(process.env[PLAN]!, "utf8")) as Plan;
  const say = (step: Step): void => appendFileSync(results, `${JSON.stringify(step)}\n`);
  const session = new Session({ expect, vi, fastCheck, runs, seed }, createRequire(import.meta.url));
  for (const script of scripts) await session.add(script, readFileSync(script.path, "utf8"));
  say({ kind: "ready", tests: session.tests });
  for (const mutant of mutants) {
    say({ kind: "trying", mutant });
    const { by, isReached } = await session.try(mutant);
    say(by === undefined ? { kind: "survived", mutant, isReached } : { kind: "killed", mutant, by });
  }
});
