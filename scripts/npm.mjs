// npm as a child process: the one that started this, or else the one of the path.
import { existsSync } from "node:fs";
import { runChild } from "../apps/cli/bin/run-child.mjs";

/** Resolves to npm's exit code. `options` are those of `spawn`. */
export function runNpm(args, options) {
  const npm = process.env.npm_execpath;
  return npm !== undefined && /\.c?js$/.test(npm) && existsSync(npm)
    ? runChild(process.execPath, [npm, ...args], options)
    : runChild("npm", args, { shell: process.platform === "win32", ...options });
}
