import type { DemoSite } from "../demo-site.ts";
import { ScenarioContext } from "./context.ts";
import { evidence } from "./evidence.ts";
import { identitiesAndWires } from "./identities-and-wires.ts";
import { Observations } from "./observations.ts";
import { permittedAndRefused } from "./permitted-and-refused.ts";
import { readingAndEnrolling } from "./reading-and-enrolling.ts";

export interface StepResult {
  readonly id: number;
  readonly name: string;
  readonly expected: string;
  readonly got: string;
  readonly ok: boolean;
}

/** Plays the scripted scenario. A step that cannot be carried out is a step that failed, with the reason. */
export async function playScenario(
  demo: DemoSite,
  onStep: (result: StepResult) => void,
): Promise<readonly StepResult[]> {
  const context = new ScenarioContext(demo);
  const results: StepResult[] = [];
  try {
    for (const step of [...readingAndEnrolling, ...permittedAndRefused, ...identitiesAndWires, ...evidence]) {
      const seen = new Observations();
      let failure: string | undefined;
      try {
        await step.run(context, seen);
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
      }
      const result = {
        id: step.id,
        name: step.name,
        expected: seen.expected,
        got: failure === undefined ? seen.got : `${seen.got}; failed: ${failure}`,
        ok: failure === undefined && seen.ok,
      };
      results.push(result);
      onStep(result);
    }
  } finally {
    await context.close();
  }
  return results;
}
