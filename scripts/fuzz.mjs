// `npm run fuzz`: sets the checkout up and throws mutated frames at the protocol library and at the
// reader of captures. Arguments are passed on; `--help` names them.
import { join } from "node:path";
import { runChild } from "../apps/cli/bin/run-child.mjs";
import { projectNode, root } from "./project-node.mjs";
import { exitWith, setup } from "./setup.mjs";

await exitWith(async () => {
  await setup();
  return runChild(
    projectNode(),
    ["--conditions=@modwarden/source", join(root, "bench/fuzz.ts"), ...process.argv.slice(2)],
    { cwd: root },
  );
});
