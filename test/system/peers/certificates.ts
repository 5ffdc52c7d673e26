/** Certificates for both sides of a test over TLS, from one authority. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TlsServerOptions } from "@modwarden/modbus";
import { onTestFinished } from "vitest";
import { createTestAuthority } from "../../../packages/modbus/src/testing/certificates.ts";

export interface BothSides {
  /** Key, certificate and authority, as our client and our server take them. */
  readonly ours: { readonly tls: TlsServerOptions };
  /** The paths of certificate, key and authority, for a program of somebody else. */
  readonly theirs: readonly [cert: string, key: string, ca: string];
}

/** The files are gone with the test. */
export function bothSides(): BothSides {
  const folder = mkdtempSync(join(tmpdir(), "modwarden-peers-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const authority = createTestAuthority("peers");
  const issue = (name: string) => authority.issue({ name, ips: ["127.0.0.1"] });
  const { cert, key } = issue("theirs");
  const written = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  return {
    ours: { tls: { ...issue("ours"), ca: authority.certificate } },
    theirs: [written("cert.pem", cert), written("key.pem", key), written("ca.pem", authority.certificate)],
  };
}
