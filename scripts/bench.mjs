// `npm run bench`: sets the checkout up, installs the libraries to compare with, and runs the bench of the protocol
// library. Arguments are passed on; `--help` names them.
import { join } from "node:path";
import { runChild } from "../apps/cli/bin/run-child.mjs";
import { installPeers } from "./peers.mjs";
import { projectNode, root } from "./project-node.mjs";
import { exitWith, setup } from "./setup.mjs";

await exitWith(async () => {
  await setup();
  await installPeers();
  return runChild(projectNode(), [join(root, "bench/modbus/run.ts"), ...process.argv.slice(2)], { cwd: root });
});
