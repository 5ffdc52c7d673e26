// `npm run mutants`: sets the checkout up and changes the evaluator of policies in two thousand places, one at a time:
// a test has to notice. Arguments are passed on; `--help` names them.
import { join } from "node:path";
import { runChild } from "../apps/cli/bin/run-child.mjs";
import { projectNode, root } from "./project-node.mjs";
import { exitWith, setup } from "./setup.mjs";

await exitWith(async () => {
  await setup();
  return runChild(
    projectNode(),
    ["--conditions=@modwarden/source", join(root, "test/mutants/mutants.ts"), ...process.argv.slice(2)],
    { cwd: root },
  );
});
