#!/usr/bin/env node
// The command's launcher: starts under any Node and runs the command under one that is new enough.
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isNewEnough, projectNode } from "./project-node.mjs";
import { runChild } from "./run-child.mjs";

const SOURCE_CONDITION = "--conditions=@modwarden/source";
const home = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));
const fromSource = process.env.MODWARDEN_SOURCE === "1";
const main = join(home, fromSource ? "src/main.ts" : "dist/main.js");
const conditionIsSet = process.execArgv.includes(SOURCE_CONDITION);

if (!existsSync(main)) {
  process.stderr.write(
    `modwarden: ${main} is not there. Build it first: "npm run setup" at the root of the checkout.\n`,
  );
  process.exitCode = 2;
} else if (isNewEnough(process.version) && (!fromSource || conditionIsSet)) {
  await import(pathToFileURL(main).href);
} else {
  try {
    const args = fromSource ? [SOURCE_CONDITION, main] : [main];
    process.exitCode = await runChild(projectNode(home), [...args, ...process.argv.slice(2)], { lifeline: true });
  } catch (error) {
    process.stderr.write(`modwarden: ${error.message}\n`);
    process.exitCode = 2;
  }
}
