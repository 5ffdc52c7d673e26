// `npm run bench`: sets the checkout up, installs the libraries to compare with, and runs the benches. Arguments are
// passed on; `--help` names them.
import { join } from "node:path";
import { runChild } from "../apps/cli/bin/run-child.mjs";
import { installPeers } from "./peers.mjs";
import { projectNode, root } from "./project-node.mjs";
import { exitWith, setup } from "./setup.mjs";

await exitWith(async () => {
  await setup();
  const asked = process.argv.slice(2);
  // The bench of identities compares with openssl alone, that of the log with what Node itself has.
  const named = asked.filter((argument) => ["modbus", "identity", "policy", "audit"].includes(argument));
  if (named.length === 0 || named.some((name) => name !== "identity" && name !== "audit")) await installPeers();
  return runChild(projectNode(), [join(root, "bench/run.ts"), ...asked], { cwd: root });
});
