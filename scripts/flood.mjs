// `npm run flood`: sets the checkout up and lets a flood run against a site. Arguments are passed on; `--help` names them.
import { join } from "node:path";
import { runChild } from "../apps/cli/bin/run-child.mjs";
import { projectNode, root } from "./project-node.mjs";
import { exitWith, setup } from "./setup.mjs";

await exitWith(async () => {
  await setup();
  return runChild(projectNode(), [join(root, "bench/flood.ts"), ...process.argv.slice(2)], { cwd: root });
});
