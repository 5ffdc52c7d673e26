/** Programs of the bench that are written in C, compiled once per version of their source. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../.modwarden/bench/", import.meta.url));

interface Compiled {
  /** Undefined where a library that it needs is not installed. */
  readonly path: string | undefined;
  readonly errors: string;
}

/** Throws with what to install when there is no C compiler: the load generators are not to be had without one. */
export function compile(source: URL, flags: readonly string[], headers: readonly URL[] = []): Compiled {
  const compiler = spawnSync("gcc", ["--version"], { encoding: "utf8" });
  if (compiler.status !== 0) {
    throw new Error("the bench needs a C compiler for its load generators. Install it: apt install gcc libc6-dev");
  }
  mkdirSync(folder, { recursive: true });
  const file = fileURLToPath(source);
  const hash = createHash("sha256");
  for (const part of [source, ...headers]) hash.update(readFileSync(part));
  const path = `${folder}${basename(file, ".c")}-${hash.digest("hex").slice(0, 12)}`;
  if (existsSync(path)) return { path, errors: "" };
  const { status, stderr } = spawnSync("gcc", ["-O2", "-o", path, file, ...flags], { encoding: "utf8" });
  return { path: status === 0 ? path : undefined, errors: stderr };
}

/** The path of what was compiled. Throws with what to install. */
export function required({ path, errors }: Compiled, packages: string): string {
  if (path === undefined) throw new Error(`gcc failed:\n${errors}\nIs it whole? apt install ${packages}`);
  return path;
}

export function versionOf(library: string): string | undefined {
  const { status, stdout } = spawnSync("pkg-config", ["--modversion", library], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
