// Writes each room's tsconfig.json from its package.json, so that the declared dependencies,
// the TypeScript references and the order of the workspaces cannot drift apart.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";

const root = new URL("..", import.meta.url).pathname;
const read = (path) => JSON.parse(readFileSync(`${root}/${path}`, "utf8"));
const rooms = read("package.json").workspaces.map((dir) => ({ dir, manifest: read(`${dir}/package.json`) }));
const byName = new Map(rooms.map((room) => [room.manifest.name, room.dir]));
const compiled = rooms.filter((room) => room.dir !== "apps/console");

for (const { dir, manifest } of compiled) {
  const references = Object.keys(manifest.dependencies ?? {})
    .filter((name) => byName.has(name))
    .map((name) => ({ path: relative(`${root}/${dir}`, `${root}/${byName.get(name)}`) }));
  const pure = dir === "packages/protocol";
  const config = {
    extends: "../../tsconfig.base.json",
    compilerOptions: { rootDir: "src", outDir: "dist", tsBuildInfoFile: "dist/.tsbuildinfo", ...(pure ? { types: [] } : {}) },
    include: ["src"],
    exclude: ["src/**/*.test.ts", "src/**/testing/**"],
    references,
  };
  writeFileSync(`${root}/${dir}/tsconfig.json`, `${JSON.stringify(config, null, 2)}\n`);
}

const solution = { files: [], references: compiled.map(({ dir }) => ({ path: dir })) };
writeFileSync(`${root}/tsconfig.json`, `${JSON.stringify(solution, null, 2)}\n`);
if (!existsSync(`${root}/tsconfig.test.json`)) process.exitCode = 0;
