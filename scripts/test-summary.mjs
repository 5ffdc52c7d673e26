// Prints one line over all test runs whose counts scripts/test.mjs kept: `N passed, N failed`.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project-node.mjs";

const folder = join(root, ".modwarden/tests");
let passed = 0;
let failed = 0;
for (const file of list(folder)) {
  const run = JSON.parse(readFileSync(join(folder, file), "utf8"));
  passed += run.numPassedTests;
  failed += run.numFailedTests + filesThatDidNotLoad(run);
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);

/** A file that throws while it loads has no test that could fail, and must not pass for a success. */
function filesThatDidNotLoad(run) {
  const isFailed = (one) => one.status === "failed";
  return run.testResults.filter((file) => isFailed(file) && !file.assertionResults.some(isFailed)).length;
}

function list(path) {
  try {
    return readdirSync(path).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}
