import { isDeepStrictEqual } from "node:util";
import type { TlsConfiguration } from "@modwarden/gateway";
import { type IdentityService, needsServerCertificate } from "@modwarden/identity";
import type { Site } from "./load.ts";

const LOOK_MS = 60_000;

interface GatewayCertificate {
  readonly tls: TlsConfiguration;
  /** Milliseconds since 1970. */
  readonly expiresMs: number;
}

/** Keys and certificates for what of the site speaks TLS; undefined when nothing does. Earlier ones are revoked. */
export async function gatewayCertificate(
  site: Site,
  identity: IdentityService,
): Promise<GatewayCertificate | undefined> {
  const serves = site.listeners.some(({ transport }) => transport === "tls");
  const asks = site.devices.some(({ transport }) => transport === "tls");
  if (!serves && !asks) return undefined;
  const { id, names, role = null, suites } = site.value.gateway;
  const { key, chain, expires, link } = await identity.issueServerCertificate({
    id,
    kind: "gateway",
    names: serves ? names : [],
    ...(asks ? { link: { role } } : {}),
  });
  const own = {
    key,
    certificate: chain,
    ...(link === undefined ? {} : { link: { key: link.key, certificate: link.chain } }),
    ...(suites === undefined ? {} : { suites }),
  };
  return { tls: trusting(identity, own), expiresMs: Date.parse(expires) };
}

/** Whom peers' certificates are checked against: every root of the site, and the lists where an authority was revoked. */
function trusting(identity: IdentityService, own: Omit<TlsConfiguration, "authorities" | "crls">): TlsConfiguration {
  const crls = identity.authority.listsAgainstAuthorities();
  return { ...own, authorities: identity.authority.roots, ...(crls.length === 0 ? {} : { crls }) };
}

export interface Certified {
  readonly site: Site;
  readonly identity: IdentityService;
  /** What is in use. */
  readonly certificate: GatewayCertificate;
  readonly renew: (tls: TlsConfiguration) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
  readonly now?: () => number;
  readonly lookMs?: number;
}

type Turn = () => Promise<void>;

/**
 * A gateway that runs for months has a new certificate in time, and hears of an authority's revocation, without a
 * restart. Returns how to stop that.
 */
export function keepCertified({ site, identity, renew, onError, ...parts }: Certified): () => void {
  const now = parts.now ?? Date.now;
  let { tls, expiresMs } = parts.certificate;
  let underWay: Promise<void> = Promise.resolve();
  const waiting = new Set<Turn>();
  /** One at a time; what is asked for meanwhile comes once more, with what is true by then. */
  const inTurn = (turn: Turn): void => {
    if (waiting.has(turn)) return;
    waiting.add(turn);
    underWay = underWay.then(() => {
      waiting.delete(turn);
      return turn().catch(onError);
    });
  };
  const renewOld = async (): Promise<void> => {
    if (!needsServerCertificate(expiresMs, now())) return;
    const next = await gatewayCertificate(site, identity);
    if (next === undefined) return;
    await renew(next.tls);
    ({ tls, expiresMs } = next);
  };
  // Never a reason for a new certificate: that revokes the one before it, which changes the lists.
  const takeLists = async (): Promise<void> => {
    const { crls: before, ...own } = tls;
    const next = trusting(identity, own);
    if (isDeepStrictEqual(next.crls, before)) return;
    await renew(next);
    tls = next;
  };
  const timer = setInterval(() => inTurn(renewOld), parts.lookMs ?? LOOK_MS);
  const forget = identity.authority.onLists(() => inTurn(takeLists));
  return () => {
    clearInterval(timer);
    forget();
  };
}
