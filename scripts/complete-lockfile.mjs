// Run after `npm install` has changed package-lock.json. npm from 11.16 on leaves an optional package out of the
// lockfile when the registry at hand does not serve it, and then refuses that same lockfile in `npm ci` (npm/cli#9846).
// This adds the entries back, with the version their parent asks for and the platform their name says.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project-node.mjs";

const path = join(root, "package-lock.json");
const lockfile = JSON.parse(readFileSync(path, "utf8"));
const entries = lockfile.packages;

for (const [parentPath, parent] of Object.entries(entries)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (isLocked(parentPath, name)) continue;
    entries[`node_modules/${name}`] = {
      version,
      ...(parent.dev === true ? { dev: true } : {}),
      optional: true,
      ...platformOf(name),
    };
  }
}

const sorted = Object.entries(entries).sort(([left], [right]) => left.localeCompare(right, "en"));
lockfile.packages = Object.fromEntries(sorted);
writeFileSync(path, `${JSON.stringify(lockfile, null, 2)}\n`);

/** Whether the package is found from its parent's folder upwards. */
function isLocked(parentPath, name) {
  for (let at = parentPath; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    if (`${at === "" ? "" : `${at}/`}node_modules/${name}` in entries) return true;
    if (at === "") return false;
  }
}

/** `@scope/binding-linux-arm64-musl` is for linux, arm64, musl; `@scope/binding-wasm32-wasi` for wasm32 anywhere. */
function platformOf(name) {
  const systems = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];
  const words = name.split(/[/-]/);
  if (words.includes("wasm32")) return { cpu: ["wasm32"] };
  const at = words.findIndex((word) => systems.includes(word));
  if (at === -1) throw new Error(`cannot tell for which platform ${name} is`);
  const isMusl = words.slice(at + 2).some((word) => word.startsWith("musl"));
  const libc = words[at] === "linux" ? { libc: [isMusl ? "musl" : "glibc"] } : {};
  return { cpu: [words[at + 1]], os: [words[at]], ...libc };
}
