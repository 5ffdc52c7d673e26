import type { TlsConfiguration } from "@modwarden/gateway";
import type { IdentityService } from "@modwarden/identity";
import type { Site } from "./load.ts";

/** The last third of 90 days. */
const RENEW_BEFORE_MS = 30 * 86_400_000;
const LOOK_MS = 3_600_000;

interface GatewayCertificate {
  readonly tls: TlsConfiguration;
  /** Milliseconds since 1970. */
  readonly expiresMs: number;
}

/** A key and certificate for the TLS listeners of the site; undefined when it has none. Earlier ones are revoked. */
export async function gatewayCertificate(
  site: Site,
  identity: IdentityService,
): Promise<GatewayCertificate | undefined> {
  if (!site.listeners.some(({ transport }) => transport === "tls")) return undefined;
  const { id, names, suites } = site.value.gateway;
  const { key, chain, expires } = await identity.issueServerCertificate({ id, kind: "gateway", names });
  const tls = { key, certificate: chain, authorities: [identity.root], ...(suites === undefined ? {} : { suites }) };
  return { tls, expiresMs: Date.parse(expires) };
}

export interface Certified {
  readonly site: Site;
  readonly identity: IdentityService;
  /** Of the certificate that is in use. */
  readonly expiresMs: number;
  readonly renew: (tls: TlsConfiguration) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
  readonly now?: () => number;
  readonly lookMs?: number;
}

/** A gateway that runs for months has a new certificate in time, without a restart. Returns how to stop that. */
export function keepCertified({ site, identity, renew, onError, ...parts }: Certified): () => void {
  const now = parts.now ?? Date.now;
  let { expiresMs } = parts;
  let busy = false;
  const look = async (): Promise<void> => {
    if (busy || expiresMs - now() > RENEW_BEFORE_MS) return;
    busy = true;
    try {
      const next = await gatewayCertificate(site, identity);
      if (next === undefined) return;
      await renew(next.tls);
      expiresMs = next.expiresMs;
    } catch (error) {
      onError(error);
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => void look(), parts.lookMs ?? LOOK_MS);
  return () => clearInterval(timer);
}
