/** The programs of the bench that are written in C, compiled once per version of their source. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const sources = new URL("./native/", import.meta.url);
const folder = fileURLToPath(new URL("../../.modwarden/bench/", import.meta.url));

export interface Natives {
  readonly load: string;
  readonly fastServer: string;
  /** Undefined where libmodbus is not installed. */
  readonly libmodbusServer: string | undefined;
  readonly libmodbusVersion: string | undefined;
}

/** Throws with what to install when there is no C compiler: the load generator is not to be had without one. */
export function compileNatives(): Natives {
  const compiler = spawnSync("gcc", ["--version"], { encoding: "utf8" });
  if (compiler.status !== 0) {
    throw new Error("the bench needs a C compiler for its load generator. Install it: apt install gcc libc6-dev");
  }
  mkdirSync(folder, { recursive: true });
  const flags = spawnSync("pkg-config", ["--cflags", "--libs", "libmodbus"], { encoding: "utf8" });
  // Without pkg-config the compiler still finds Debian's libmodbus by itself.
  const libmodbus = flags.status === 0 ? flags.stdout.trim().split(/\s+/) : ["-I/usr/include/modbus", "-lmodbus"];
  return {
    load: required(compile("load", [])),
    fastServer: required(compile("fast-server", [])),
    libmodbusServer: compile("libmodbus-server", libmodbus).path,
    libmodbusVersion: versionOf("libmodbus"),
  };
}

interface Compiled {
  readonly path: string | undefined;
  readonly errors: string;
}

function compile(name: string, flags: readonly string[]): Compiled {
  const source = fileURLToPath(new URL(`${name}.c`, sources));
  const version = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 12);
  const path = `${folder}${name}-${version}`;
  if (existsSync(path)) return { path, errors: "" };
  const { status, stderr } = spawnSync("gcc", ["-O2", "-o", path, source, ...flags], { encoding: "utf8" });
  return { path: status === 0 ? path : undefined, errors: stderr };
}

function required({ path, errors }: Compiled): string {
  if (path === undefined) throw new Error(`gcc failed:\n${errors}\nIs it whole? apt install gcc libc6-dev`);
  return path;
}

function versionOf(library: string): string | undefined {
  const { status, stdout } = spawnSync("pkg-config", ["--modversion", library], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
