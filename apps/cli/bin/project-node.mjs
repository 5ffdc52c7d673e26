// Finds the Node.js that modwarden runs under. Plain JavaScript for any Node from 20 on, without dependencies.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** What the command needs: type stripping that is stable, and node:sqlite. */
export const REQUIRED_NODE = "24.12.0";

/** Whether the version (`v24.21.0` or `24.21.0`) is at least `REQUIRED_NODE`. */
export function isNewEnough(version) {
  const actual = version.replace(/^v/, "").split(".").map(Number);
  const needed = REQUIRED_NODE.split(".").map(Number);
  for (const [index, least] of needed.entries()) {
    const part = actual[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

/** The path of the Node.js that a checkout brings as an npm package, looked for from `from` upwards; or undefined. */
export function bundledNode(from, platform = process.platform, arch = process.arch) {
  const name = platform === "win32" ? "node.exe" : "node";
  for (let directory = from; ; directory = dirname(directory)) {
    const candidate = join(directory, "node_modules", `node-${platform}-${arch}`, "bin", name);
    if (existsSync(candidate)) return candidate;
    if (dirname(directory) === directory) return undefined;
  }
}

/**
 * The Node.js to use: the one of the checkout, else the running one when it is new enough.
 * Throws an error with code ERR_NODE_TOO_OLD that says what to do next.
 */
export function projectNode(from) {
  const bundled = bundledNode(from);
  if (bundled !== undefined) return bundled;
  if (isNewEnough(process.version)) return process.execPath;
  const error = new Error(
    `modwarden needs Node.js ${REQUIRED_NODE} or newer; this is ${process.version}, and no packaged one is there for ` +
      `${process.platform}-${process.arch}. In a checkout on Linux "npm run setup" brings it; elsewhere install ` +
      "Node.js 24 from https://nodejs.org/ and try again.",
  );
  error.code = "ERR_NODE_TOO_OLD";
  throw error;
}
