// Makes `npm pack --workspace @modwarden/modbus` give a library that stands alone: the protocol room is inside it, and
// the manifest says so. npm runs this before and after it packs (prepack and postpack of packages/modbus).
//   node scripts/pack-library.mjs stage     the compiled rooms into packages/modbus/lib, and the library's manifest
//   node scripts/pack-library.mjs restore   the room's own manifest again
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { runChild } from "../apps/cli/bin/run-child.mjs";
import { projectNode, root } from "./project-node.mjs";

const ROOM = join(root, "packages/modbus");
const LIB = join(ROOM, "lib");
const MANIFEST = join(ROOM, "package.json");
/** The room's own manifest while the library's stands in its place. */
const KEPT = join(ROOM, "package.json.room");
const LICENSE = join(ROOM, "LICENSE");

const [step] = process.argv.slice(2);
restore();
if (step === "stage") await stage();
else if (step !== "restore") throw new Error("one of these has to be said: stage, restore");

async function stage() {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const code = await runChild(projectNode(), [tsc, "-b", ROOM], { cwd: root, stdio: ["ignore", 2, 2] });
  if (code !== 0) throw new Error("the library does not compile: look above");
  copyCode(join(root, "packages/protocol/dist"), "protocol");
  copyCode(join(ROOM, "dist"), "");
  cpSync(join(root, "LICENSE"), LICENSE);
  const manifest = libraryManifest(JSON.parse(readFileSync(MANIFEST, "utf8")));
  renameSync(MANIFEST, KEPT);
  writeFileSync(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Takes away what `stage` has put there; also what is left of one that was broken off. */
function restore() {
  rmSync(LIB, { recursive: true, force: true });
  rmSync(LICENSE, { force: true });
  if (existsSync(KEPT)) renameSync(KEPT, MANIFEST);
}

/** Programs and declarations without their maps, which lead to sources that are not there. */
function copyCode(dist, folder) {
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(js|d\.ts)$/.test(entry.name)) continue;
    const from = join(entry.parentPath, entry.name);
    const name = posix.join(folder, from.slice(dist.length + 1).replaceAll("\\", "/"));
    const target = join(LIB, name);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, standAlone(readFileSync(from, "utf8"), name));
  }
}

function standAlone(text, name) {
  const protocol = posix.relative(posix.dirname(name), "protocol/index.js");
  return text
    .replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n")
    .replaceAll(/(\bfrom |\bimport\(|^import )"([^"]+)"/gm, (_, before, specifier) => {
      const path =
        specifier === "@modwarden/protocol"
          ? protocol.startsWith(".")
            ? protocol
            : `./${protocol}`
          : // Declarations keep the name of the source, which is not there.
            specifier.replace(/^(\..*)\.ts$/, "$1.js");
      return `${before}"${path}"`;
    });
}

/** Every room is private; the library is what is made of two of them. */
function libraryManifest({
  private: _private,
  scripts: _scripts,
  devDependencies: _dev,
  dependencies: _rooms,
  ...rest
}) {
  const doors = Object.entries(rest.exports).map(([name, door]) => [name, libraryDoor(door)]);
  return { ...rest, exports: Object.fromEntries(doors), files: ["lib"] };
}

function libraryDoor(door) {
  if (typeof door === "string") return door;
  const inLib = (path) => path.replace(/^\.\/dist\//, "./lib/");
  return { types: inLib(door.types), default: inLib(door.default) };
}
