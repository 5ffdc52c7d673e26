/** The programs of this bench that are written in C. */
import { spawnSync } from "node:child_process";
import { compile, required, versionOf } from "../shared/compile.ts";

export interface Natives {
  readonly load: string;
  readonly fastServer: string;
  /** Undefined where libmodbus is not installed. */
  readonly libmodbusServer: string | undefined;
  readonly libmodbusVersion: string | undefined;
}

/** Throws with what to install when there is no C compiler. */
export function compileNatives(): Natives {
  const flags = spawnSync("pkg-config", ["--cflags", "--libs", "libmodbus"], { encoding: "utf8" });
  // Without pkg-config the compiler still finds Debian's libmodbus by itself.
  const libmodbus = flags.status === 0 ? flags.stdout.trim().split(/\s+/) : ["-I/usr/include/modbus", "-lmodbus"];
  const source = (name: string): URL => new URL(`./native/${name}.c`, import.meta.url);
  return {
    load: required(compile(source("load"), []), "gcc libc6-dev"),
    fastServer: required(compile(source("fast-server"), []), "gcc libc6-dev"),
    libmodbusServer: compile(source("libmodbus-server"), libmodbus).path,
    libmodbusVersion: versionOf("libmodbus"),
  };
}
