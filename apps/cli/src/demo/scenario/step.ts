import type { ScenarioContext } from "./context.ts";
import type { Observations } from "./observations.ts";

/** One step of the scripted scenario: it looks at the wire, the device and the log, never at the demo's own books. */
export interface Step {
  readonly id: number;
  readonly name: string;
  run(context: ScenarioContext, seen: Observations): Promise<void>;
}
