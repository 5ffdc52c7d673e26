import { expect, it } from "vitest";
import { checkLearnedPolicies } from "../testing/learn-property.ts";

/** `npm run oracle` asks for 10^4. */
const RUNS = Number(process.env["ORACLE_RUNS"] ?? 60);

it("a learned policy permits everything it was learned from", { timeout: 3_600_000 }, () => {
  const { learned, notCovered } = checkLearnedPolicies(RUNS);
  expect(learned).toBeGreaterThan(RUNS);
  expect(notCovered).toBeGreaterThan(RUNS);
  if (process.env["ORACLE_RUNS"] !== undefined) {
    process.stdout.write(`${RUNS} runs: ${JSON.stringify({ learned, notCovered })}\n`);
  }
});
