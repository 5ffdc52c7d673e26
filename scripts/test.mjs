// `npm test`: sets the checkout up and runs the tests; with `--system` those that need Debian packages.
// Other arguments are passed on to vitest. The counts are kept for scripts/test-summary.mjs.
import { join } from "node:path";
import { runChild } from "../apps/cli/bin/run-child.mjs";
import { projectNode, root } from "./project-node.mjs";
import { exitWith, setup } from "./setup.mjs";

const given = process.argv.slice(2);
const system = given.includes("--system");
const rest = given.filter((argument) => argument !== "--system");
const config = system ? "vitest.system.config.ts" : "vitest.config.ts";
const summary = join(root, ".modwarden/tests", system ? "system.json" : "unit.json");

await exitWith(async () => {
  await setup();
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${summary}`];
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  // Sites that start and end all the time need not compile their threads anew each time.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(root, ".modwarden/compiled") };
  return runChild(projectNode(), [vitest, "run", "--config", config, ...reporters, ...rest], { cwd: root, env });
});
