/** What the system tests share: programs of the machine, and the built command as a child process. */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { it, type TestContext } from "vitest";
import { type Running, type RunOptions, startModwarden } from "../cli/modwarden.ts";

export { modwarden } from "../cli/modwarden.ts";

/** The Debian package that brings a program, where the names differ. */
const PACKAGES: Readonly<Record<string, string>> = { dumpcap: "wireshark-common", rsyslogd: "rsyslog" };

/** What Debian calls the folder of libraries of this kind of machine. */
const multiarch = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

/** A file of a Debian package that brings no program, or one that is not the first of its name on every path. */
const FILES: Readonly<Record<string, string>> = {
  // Debian's own: it is the one that Debian's modules are installed for.
  python3: "/usr/bin/python3",
  "libmodbus-dev": "/usr/include/modbus/modbus.h",
  "libssl-dev": "/usr/include/openssl/ssl.h",
  "python3-pymodbus": "/usr/lib/python3/dist-packages/pymodbus/__init__.py",
  "python3-serial": "/usr/lib/python3/dist-packages/serial/__init__.py",
  rsyslogd: "/usr/sbin/rsyslogd",
  "rsyslog-gnutls": `/usr/lib/${multiarch}/rsyslog/lmnsd_gtls.so`,
  "python3-serial-asyncio": "/usr/lib/python3/dist-packages/serial_asyncio/__init__.py",
};

/** The path of a program of this machine, or of a library's file; undefined when there is none. */
export function findBinary(name: string): string | undefined {
  const file = FILES[name];
  if (file !== undefined) return existsSync(file) ? file : undefined;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/**
 * A test that needs programs or libraries of the machine. `run` gets their paths in the order of `programs`. Where one
 * is missing the test is skipped with a sentence that names its package; with REQUIRE_SYSTEM=1 it fails instead.
 */
export function systemTest<const Programs extends readonly string[]>(
  programs: Programs,
  name: string,
  run: (paths: { readonly [Index in keyof Programs]: string }, context: TestContext) => Promise<void> | void,
): void {
  it(name, async (context) => {
    const paths = programs.map(findBinary);
    const missing = programs.filter((_, index) => paths[index] === undefined);
    if (missing.length > 0) {
      const sentence = missingSentence(missing);
      if (process.env["REQUIRE_SYSTEM"] === "1") throw new Error(sentence);
      // The reporter counts skipped tests without their reason.
      console.warn(`skipped: ${sentence}`);
      context.skip(sentence);
    }
    await run(paths as unknown as { readonly [Index in keyof Programs]: string }, context);
  });
}

function missingSentence(missing: readonly string[]): string {
  const packages = missing.map((program) => PACKAGES[program] ?? program);
  return `${missing.join(" and ")} not found (apt install ${packages.join(" ")})`;
}

/** Starts the built command, as a user has it, and stops it when the test ends. */
export function startBuilt(context: TestContext, args: readonly string[], options: RunOptions = {}): Running {
  const running = startModwarden(args, { from: "built", ...options });
  context.onTestFinished(async () => {
    if (running.child.exitCode === null && running.child.signalCode === null) await running.stop("SIGKILL");
  });
  return running;
}
