// What a set-up depends on, as hashes: the packages to install, and the sources to build.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const IGNORED = new Set(["node_modules", "dist", "coverage", ".vite", "testing"]);
const IS_TEST = /\.test\.tsx?$/;

/** The rooms' folders in dependency order. */
export function workspaces(root) {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")).workspaces;
}

/** Changes when another `npm ci` is needed. */
export function packagesFingerprint(root) {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  const manifests = workspaces(root).map((room) => `${room}/package.json`);
  for (const file of ["package.json", "package-lock.json", ".npmrc", ...manifests]) addFile(hash, root, file);
  return hash.digest("hex");
}

/** Changes when another build is needed. Tests do not enter it: they are not built. */
export function sourcesFingerprint(root) {
  const hash = createHash("sha256");
  for (const file of ["tsconfig.json", "tsconfig.base.json", "package-lock.json"]) addFile(hash, root, file);
  for (const room of workspaces(root)) addFolder(hash, root, room);
  return hash.digest("hex");
}

function addFolder(hash, root, folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    if (IGNORED.has(entry.name) || IS_TEST.test(entry.name)) continue;
    if (entry.isDirectory()) addFolder(hash, root, `${folder}/${entry.name}`);
    else if (entry.isFile()) addFile(hash, root, `${folder}/${entry.name}`);
  }
}

function addFile(hash, root, file) {
  const path = join(root, file);
  const bytes = existsSync(path) ? readFileSync(path) : undefined;
  hash.update(`${file} ${bytes?.length ?? "absent"}\n`);
  if (bytes !== undefined) hash.update(bytes);
}
