/** The load generators of this bench, in C with OpenSSL. */
import { spawnSync } from "node:child_process";
import { compile, required } from "../shared/compile.ts";

export interface Natives {
  readonly handshakes: string;
  readonly enrolments: string;
  /** What `openssl version` says. */
  readonly openssl: string;
}

/** Throws with what to install. */
export function compileNatives(): Natives {
  const { status, stdout } = spawnSync("openssl", ["version"], { encoding: "utf8" });
  if (status !== 0) throw new Error("the bench needs openssl to compare with. Install it: apt install openssl");
  const packages = "gcc libc6-dev libssl-dev";
  const program = (name: string): string => {
    const at = (file: string): URL => new URL(`./native/${file}`, import.meta.url);
    return required(compile(at(`${name}.c`), ["-lssl", "-lcrypto"], [at("connection.h")]), packages);
  };
  return {
    handshakes: program("handshakes"),
    enrolments: program("enrolments"),
    openssl: stdout.trim().split(" ").slice(0, 2).join(" "),
  };
}
