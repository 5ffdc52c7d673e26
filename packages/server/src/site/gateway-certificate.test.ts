import type { TlsConfiguration } from "@modwarden/gateway";
import { type IdentityService, openIdentity } from "@modwarden/identity";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gatewayCertificate, keepCertified } from "./gateway-certificate.ts";
import { createSiteFolder, type SiteFolder } from "./testing/site-folder.ts";

const DAY_MS = 86_400_000;

let folder: SiteFolder;
let identity: IdentityService;
let stop: () => void = () => undefined;
beforeEach(async () => {
  folder = await createSiteFolder();
  identity = await openIdentity({ dir: folder.data, now: () => new Date() });
});
afterEach(async () => {
  stop();
  await identity.close();
  await folder.remove();
});

describe("the gateway's certificate", () => {
  it("is renewed in its last third, and tried again when that fails", async () => {
    const site = folder.load();
    const first = await gatewayCertificate(site, identity);
    if (first === undefined) throw new Error("the site listens with TLS");
    let nowMs = Date.now();
    const renewed: TlsConfiguration[] = [];
    const errors: unknown[] = [];
    stop = keepCertified({
      site,
      identity,
      certificate: first,
      now: () => nowMs,
      lookMs: 5,
      onError: (error) => errors.push(error),
      renew: (tls) => {
        renewed.push(tls);
        return renewed.length === 1 ? Promise.reject(new Error("the line is busy")) : Promise.resolve();
      },
    });
    nowMs += 59 * DAY_MS;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(renewed).toEqual([]);
    nowMs += 2 * DAY_MS;
    const others = (): number => renewed.filter(({ certificate }) => certificate !== first.tls.certificate).length;
    await expect.poll(others).toBeGreaterThanOrEqual(2);
    expect(errors).toHaveLength(1);
    // The new one was made under a clock that is corrected now: it would hold for nobody.
    const before = others();
    nowMs -= 365 * DAY_MS;
    await expect.poll(others).toBeGreaterThan(before);
    const { fingerprint } = await identity.identities.show("gw1");
    expect(fingerprint).not.toBeNull();
  });

  it("comes with the suites of the site file, which are the only ones then", async () => {
    const only = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    const site = folder.load((text) => text.replace("  listen:", `  suites: [${only}]\n  listen:`));
    const certificate = await gatewayCertificate(site, identity);
    expect(certificate?.tls.suites).toEqual([only]);
    expect((await gatewayCertificate(folder.load(), identity))?.tls).not.toHaveProperty("suites");
  });

  it("goes on with the revocation lists when an authority is on one, and not for whom the registry knows", async () => {
    const site = folder.load();
    await identity.issueServerCertificate({ id: "gw2", kind: "gateway", names: ["127.0.0.2"] });
    let changed: () => void = () => undefined;
    let listsAgainstAuthorities = (): readonly string[] => identity.authority.listsAgainstAuthorities();
    const authority = {
      ...identity.authority,
      listsAgainstAuthorities: () => listsAgainstAuthorities(),
      onLists(listener: () => void) {
        changed = listener;
        return identity.authority.onLists(listener);
      },
    };
    const certificate = await gatewayCertificate(site, { ...identity, authority });
    if (certificate === undefined) throw new Error("the site listens with TLS");
    expect(certificate.tls.authorities).toEqual([identity.root]);
    expect(certificate.tls).not.toHaveProperty("crls");
    const renewed: TlsConfiguration[] = [];
    const errors: unknown[] = [];
    stop = keepCertified({
      ...{ site, identity: { ...identity, authority }, certificate },
      onError: (error: unknown) => errors.push(error),
      renew: (tls) => {
        renewed.push(tls);
        return Promise.resolve();
      },
    });
    const before = identity.authority.lists();
    await identity.identities.revoke("gw2");
    await expect.poll(() => identity.authority.lists()).not.toEqual(before);
    listsAgainstAuthorities = () => identity.authority.lists();
    changed();
    await expect.poll(() => renewed.length).toBe(1);
    expect(renewed[0]).toEqual({ ...certificate.tls, crls: identity.authority.lists() });
    changed();
    listsAgainstAuthorities = () => [];
    changed();
    await expect.poll(() => renewed.length).toBe(2);
    expect(renewed[1]).toEqual(certificate.tls);
    expect(errors).toEqual([]);
  });

  it("is none where nothing listens with TLS", async () => {
    const site = folder.load((text) => text.replace('    - { url: "modbus+tls://127.0.0.1:0" }\n', ""));
    expect(await gatewayCertificate(site, identity)).toBeUndefined();
  });
});
