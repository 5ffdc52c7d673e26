import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SecureContextOptions } from "node:tls";
import { createRequest, type IdentityService, type KeyOptions, openIdentity } from "@modwarden/identity";
import type { TlsConfiguration } from "../configuration.ts";

/** A registry with its certificate authority in a folder of its own, and clients that enrolled with it. */
export interface TestAuthority {
  readonly service: IdentityService;
  /** Of a gateway "gw1" for 127.0.0.1. */
  readonly tls: TlsConfiguration;
  /** Enrols `name` and confirms its certificate unless told otherwise; `now` is the clock it is issued by. */
  enrol(name: string, options?: EnrolOptions): Promise<Enrolled>;
  close(): Promise<void>;
}

export interface EnrolOptions extends Partial<KeyOptions> {
  readonly confirm?: boolean;
  readonly now?: Date;
}

export interface Enrolled {
  readonly fingerprint: string;
  /** What a TLS client needs to speak as this identity. */
  readonly options: SecureContextOptions;
}

export async function createAuthority(): Promise<TestAuthority> {
  const dir = mkdtempSync(join(tmpdir(), "modwarden-gateway-"));
  // The authority is a month old, so that it can have issued what has expired since.
  let now = (): Date => new Date(Date.now() - 30 * 86_400_000);
  const service = await openIdentity({ dir, now: () => now() });
  now = () => new Date();
  const { key, chain, link } = await service.issueServerCertificate({
    id: "gw1",
    kind: "gateway",
    names: ["127.0.0.1"],
    link: { role: "Gateway" },
  });
  return {
    service,
    tls: {
      key,
      certificate: chain,
      authorities: [service.root],
      ...(link === undefined ? {} : { link: { key: link.key, certificate: link.chain } }),
    },
    async enrol(name, options = {}) {
      const { confirm = true, now: at, ...more } = options;
      if (at !== undefined) now = () => at;
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const created = await service.keys.create({ kind: "client", roles: ["Operator"], ...more });
      const csr = await createRequest(privateKey, name);
      const enrolled = await service.enrol({ key: created.key, csr, name, source: "127.0.0.1" });
      if (enrolled.state !== "claimed") throw new Error(`expected a certificate, got ${enrolled.state}`);
      if (confirm) await service.confirm(enrolled.fingerprint);
      now = () => new Date();
      return {
        fingerprint: enrolled.fingerprint,
        options: {
          key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
          cert: enrolled.chain,
          ca: [...enrolled.anchors],
        },
      };
    },
    async close() {
      await service.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
