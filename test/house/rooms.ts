import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One room of the house, as its files say it is. Paths are relative to the root and use `/`. */
export interface Room {
  /** `packages/policy` */
  readonly directory: string;
  /** `@modwarden/policy` */
  readonly name: string;
  /** Names of packages that its sources may import. */
  readonly dependencies: readonly string[];
  /** Names that its tests may import as well. */
  readonly devDependencies: readonly string[];
  /** Folders that tsconfig.json refers to, relative to the root; undefined where the room is not compiled by `tsc -b`. */
  readonly references: readonly string[] | undefined;
  readonly files: readonly SourceFile[];
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

interface Manifest {
  readonly name: string;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const SOURCE = /\.(ts|tsx|mts|mjs)$/;

export interface House {
  /** In dependency order: a room may import those before it. */
  readonly rooms: readonly Room[];
  /** What every test may import. */
  readonly testTools: readonly string[];
}

export function readHouse(root: string): House {
  const manifest = readManifest(join(root, "package.json"));
  return {
    rooms: (manifest.workspaces ?? []).map((directory) => readRoom(root, directory)),
    testTools: Object.keys(manifest.devDependencies ?? {}),
  };
}

function readRoom(root: string, directory: string): Room {
  const manifest = readManifest(join(root, directory, "package.json"));
  return {
    directory,
    name: manifest.name,
    dependencies: [...Object.keys(manifest.dependencies ?? {}), ...Object.keys(manifest.peerDependencies ?? {})],
    devDependencies: Object.keys(manifest.devDependencies ?? {}),
    references: readReferences(root, directory),
    files: listSources(root, `${directory}/src`),
  };
}

function readReferences(root: string, directory: string): readonly string[] | undefined {
  const path = join(root, directory, "tsconfig.json");
  if (!existsSync(path)) return undefined;
  const config = JSON.parse(readFileSync(path, "utf8")) as { references?: readonly { path: string }[] };
  return config.references?.map((reference) => join(directory, reference.path));
}

function listSources(root: string, directory: string): SourceFile[] {
  if (!existsSync(join(root, directory))) return [];
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) return listSources(root, path);
    return SOURCE.test(entry.name) ? [{ path, text: readFileSync(join(root, path), "utf8") }] : [];
  });
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}
