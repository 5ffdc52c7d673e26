/** Programs made of libmodbus, the C library that most Modbus tools of a Linux machine rest on. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

let folder: string | undefined;
const built = new Map<string, string>();

/** What a test needs of the machine before it may call `buildLibmodbus`. */
export const libmodbusNeeds = ["gcc", "libmodbus-dev"] as const;

/** Compiles a program of this folder once for the test file that calls, and gives its path. */
export function buildLibmodbus(name: "libmodbus-client" | "libmodbus-server"): string {
  folder ??= mkdtempSync(join(tmpdir(), "modwarden-libmodbus-"));
  const program = built.get(name) ?? join(folder, name);
  if (!built.has(name)) {
    const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
    const strict = ["-Wall", "-Wextra", "-Werror", "-O1"];
    execFileSync("gcc", [...strict, "-I/usr/include/modbus", source, "-o", program, "-lmodbus"], { stdio: "pipe" });
    built.set(name, program);
  }
  return program;
}

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});
