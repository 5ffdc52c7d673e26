// Writes each room's tsconfig.json from its package.json, so that the declared dependencies,
// the TypeScript references and the order of the workspaces cannot drift apart. The house test compares them.
import { readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const readJson = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));
const rooms = readJson("package.json").workspaces.map((dir) => ({ dir, manifest: readJson(`${dir}/package.json`) }));
const dirByName = new Map(rooms.map((room) => [room.manifest.name, room.dir]));

// The console is built by Vite and has its own configuration.
const compiled = rooms.filter((room) => room.dir !== "apps/console");

for (const { dir, manifest } of compiled) {
  const needed = Object.keys(manifest.dependencies ?? {}).filter((name) => dirByName.has(name));
  const references = needed.map((name) => ({ path: posix.relative(dir, dirByName.get(name)) }));
  // The protocol is pure: it must compile without knowing Node's types.
  const types = dir === "packages/protocol" ? { types: [] } : {};
  const config = {
    extends: "../../tsconfig.base.json",
    compilerOptions: { rootDir: "src", outDir: "dist", tsBuildInfoFile: "dist/.tsbuildinfo", ...types },
    include: ["src"],
    exclude: ["src/**/*.test.ts", "src/**/testing/**"],
    references,
  };
  writeFileSync(join(root, dir, "tsconfig.json"), format(config));
}
writeFileSync(
  join(root, "tsconfig.json"),
  format({ files: [], references: compiled.map(({ dir }) => ({ path: dir })) }),
);

/** As the formatter has it: a list of strings or of nothing stands on one line. */
function format(config) {
  const text = JSON.stringify(config, null, 2);
  return `${text.replace(/\[\s+("[^\]{}]*")\s+\]/g, (_, items) => `[${items.replace(/\s*\n\s*/g, " ")}]`)}\n`;
}
