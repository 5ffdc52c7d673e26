import {
  type AskedText,
  compilePolicy,
  type Observation,
  questionFor,
  Replayer,
  type ReplayOptions,
  type ReplayResult,
  readPolicy,
} from "../index.ts";
import { devices } from "./site.ts";

/** 2026-11-21 12:00:00 UTC, and seconds after it. */
const NOON = Date.UTC(2026, 10, 21, 12);

/** A request of the past on the test site, permitted and answered unless told otherwise. */
export function seen(asked: AskedText, change: Partial<Observation> & { readonly second?: number } = {}): Observation {
  const { second = 0, ...rest } = change;
  const atMs = NOON + second * 1000;
  return {
    question: questionFor(asked, devices),
    ...{ firstMs: atMs, lastMs: atMs, count: 1, permitted: true, outcome: "answered" },
    ...rest,
  };
}

/** A policy with these rules over the roles Viewer and Operator, tried on the past. */
export function replayed(
  rules: readonly string[],
  observations: readonly Observation[],
  options: Partial<ReplayOptions> & { readonly mode?: string } = {},
): ReplayResult {
  const { mode = "enforce", hasRollups = false, unknown = [] } = options;
  const list = rules.map((rule) => `  - ${rule}\n`).join("");
  const text = `policy: 1\nmode: ${mode}\nroles: [Viewer, Operator]\nrules:\n${list}`;
  const document = readPolicy(text, "policy.yaml");
  const replayer = new Replayer(compilePolicy(document, devices), document, { hasRollups, unknown });
  for (const observation of observations) replayer.add(observation);
  return replayer.result;
}
