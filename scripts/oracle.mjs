// `npm run oracle`: sets the checkout up, asks Cedar and the policy a hundred thousand questions, and checks what must
// hold of every policy ten thousand times. `-- --decisions N --runs N --seed N` asks for something else.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runChild } from "../apps/cli/bin/run-child.mjs";
import { projectNode, root } from "./project-node.mjs";
import { exitWith, setup } from "./setup.mjs";

const { values } = parseArgs({
  options: {
    decisions: { type: "string", default: "100000" },
    runs: { type: "string", default: "10000" },
    seed: { type: "string" },
  },
});

await exitWith(async () => {
  await setup();
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const { decisions, runs, seed } = values;
  const env = { ...process.env, ORACLE_DECISIONS: decisions, ORACLE_RUNS: runs, ...(seed && { ORACLE_SEED: seed }) };
  const tests = [
    "packages/policy/src/testing/cedar",
    "packages/policy/src/decide/decide.property.test.ts",
    "packages/policy/src/decide/order.property.test.ts",
    "packages/policy/src/learn/learn.property.test.ts",
  ];
  return runChild(projectNode(), [vitest, "run", "--silent=false", ...tests], { cwd: root, env });
});
