// Writes docs/modbus-tcp-security.md, what is held to of Modbus/TCP Security and by which test, from the names of the
// tests. Run it after a test of a requirement has changed; a test fails when the committed page is not what they give.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

// The sources are read as they are, without a build.
if (!process.execArgv.includes("--conditions=@modwarden/source")) {
  const [, script = ""] = process.argv;
  const run = spawnSync(process.execPath, ["--conditions=@modwarden/source", script], { stdio: "inherit" });
  process.exit(run.status ?? 1);
}

const { namedTests } = await import("../test/house/statement/named-tests.ts");
const { statementPage, unproven } = await import("../test/house/statement/page.ts");
const tests = namedTests(root);
const problems = unproven(tests);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
writeFileSync(join(root, "docs/modbus-tcp-security.md"), statementPage(tests));
