// `npm run timing`: sets the checkout up and measures whether the time of a refusal tells why. Arguments are passed on:
// `-- --tries 2000 --json`.
import { join } from "node:path";
import { runChild } from "../apps/cli/bin/run-child.mjs";
import { projectNode, root } from "./project-node.mjs";
import { exitWith, setup } from "./setup.mjs";

await exitWith(async () => {
  await setup();
  const program = join(root, "bench/identity/timing.ts");
  return runChild(projectNode(), ["--conditions=@modwarden/source", program, ...process.argv.slice(2)], { cwd: root });
});
