// `npm start`: sets the checkout up and runs the demo site. Arguments are passed on to `modwarden demo`.
import { join } from "node:path";
import { runChild } from "../apps/cli/bin/run-child.mjs";
import { projectNode, root } from "./project-node.mjs";
import { exitWith, setup } from "./setup.mjs";

await exitWith(async () => {
  await setup();
  return runChild(projectNode(), [join(root, "apps/cli/bin/modwarden.mjs"), "demo", ...process.argv.slice(2)], {
    lifeline: true,
  });
});
