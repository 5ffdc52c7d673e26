// `npm run kills`: sets the checkout up and kills a line and its recorder under full load, 200 times at random moments;
// every record that was said to be durable must be there. `-- --times N` for another number.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runChild } from "../apps/cli/bin/run-child.mjs";
import { projectNode, root } from "./project-node.mjs";
import { exitWith, setup } from "./setup.mjs";

const { values } = parseArgs({ options: { times: { type: "string", default: "200" } } });

await exitWith(async () => {
  await setup();
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const env = { ...process.env, AUDIT_KILLS: values.times };
  return runChild(projectNode(), [vitest, "run", "--silent=false", "packages/audit/src/recorder/kill.test.ts"], {
    cwd: root,
    env,
  });
});
