import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { handleEnrolment } from "../endpoint/handle.ts";
import { carriedRequest } from "../enrolment/carried.ts";
import { confirmationText } from "../enrolment/confirmation-text.ts";
import { claimed, operator, refusalOf, wrongSecret } from "../testing/enrol.ts";
import { renewed } from "../testing/renew.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import { acceptInto, requestInto } from "./air-gap.ts";
import { loadIdentity } from "./folder.ts";

let site: TestSite;
let dir: string;
beforeEach(async () => {
  site = await openSite();
  dir = join(mkdtempSync(join(tmpdir(), "modwarden-gap-")), "pump");
});
afterEach(async () => {
  await site[Symbol.asyncDispose]();
  rmSync(join(dir, ".."), { recursive: true, force: true });
});

async function request(): Promise<string> {
  const { key, pin } = await site.service.keys.create(operator);
  return await requestInto(dir, { key, pin, name: "pump" });
}

describe("an enrolment across an air gap", () => {
  it("goes out as a request, comes back as a bundle, and is confirmed by a text", async () => {
    const asked = await request();
    expect(statSync(join(dir, "key.pem")).mode & 0o777).toBe(0o600);
    expect(asked).not.toContain("PRIVATE KEY");
    const { bundle, confirmBy, fingerprint } = claimed(await site.service.enrol(carriedRequest(asked)));
    expect(Date.parse(confirmBy) - site.clock).toBe(24 * 3_600_000);
    const accepted = acceptInto(dir, `${bundle}\n`);
    expect(accepted.identity).toMatchObject({ id: "pump", role: "Operator", state: "claimed", fingerprint });
    expect(readdirSync(dir).sort()).toEqual(["bundle.json", "cert.pem", "chain.pem", "identity.json", "key.pem"]);
    expect(loadIdentity(dir)).toMatchObject({ id: "pump", fingerprint, ca: site.service.root });
    site.clock += 23 * 3_600_000;
    expect((await site.service.confirmCarried(`${accepted.confirmation}\n`)).state).toBe("active");
    expect((await site.service.confirmCarried(accepted.confirmation)).state).toBe("active");
    expect(await site.service.identities.show("pump")).toMatchObject({ method: "air-gap", state: "active" });
    expect(site.events.map(({ event, source }) => [event, source]).slice(-2)).toEqual([
      ["claimed", "air-gap"],
      ["confirmed", "air-gap"],
    ]);
  });

  it("is the same bytes as over the network", async () => {
    const asked = await request();
    const carried = claimed(await site.service.enrol(carriedRequest(asked))).bundle;
    const online = await handleEnrolment(site.service, {
      ...{ method: "POST", path: "/v1/enrol", source: "10.0.0.5", body: asked },
    });
    expect(online).toMatchObject({ status: 200, contentType: "application/jose+json" });
    const parts = (text: string): unknown => ({ ...(JSON.parse(text) as object), signature: "" });
    // An ECDSA signature is another one every time; everything that it is over is the same.
    expect(parts(online.body)).toEqual(parts(carried));
    expect((await site.service.keys.list())[0]).toMatchObject({ used: 1 });
  });

  it("ends unconfirmed after its day, and can be asked for again", async () => {
    const asked = await request();
    const { bundle } = claimed(await site.service.enrol(carriedRequest(asked)));
    const { confirmation } = acceptInto(dir, bundle);
    site.clock += 24 * 3_600_000 - 1;
    expect(await site.service.expireUnconfirmed()).toEqual([]);
    site.clock += 1;
    expect((await refusalOf(site.service.confirmCarried(confirmation))).code).toBe("ERR_ENROLMENT_CONFIRM");
    expect(await site.service.keys.list()).toMatchObject([{ used: 0 }]);
  });

  it("is confirmed by the certificate's own key only", async () => {
    const { fingerprint } = claimed(await site.service.enrol(carriedRequest(await request())));
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const forged = confirmationText({ id: "pump", fingerprint }, privateKey);
    const unknown = confirmationText({ id: "pump", fingerprint: "0".repeat(64) }, privateKey);
    for (const text of [forged, unknown, "", "mwc1.e30.AA", "mwc2.e30.AA", "x".repeat(5000)]) {
      expect((await refusalOf(site.service.confirmCarried(text))).code).toBe("ERR_ENROLMENT_CONFIRM");
    }
    expect((await site.service.identities.show("pump")).state).toBe("claimed");
  });

  it("takes a bundle for its own key and pin only", async () => {
    const { bundle } = claimed(await site.service.enrol(carriedRequest(await request())));
    await using other = await openSite();
    const elsewhere = `${dir}-2`;
    const { key } = await site.service.keys.create(operator);
    await requestInto(elsewhere, { key, pin: site.service.pin, name: "pump" });
    const code = (run: () => unknown): unknown => {
      try {
        run();
      } catch (error) {
        return (error as { code?: unknown }).code;
      }
      return "none";
    };
    expect(code(() => acceptInto(elsewhere, bundle))).toBe("ERR_ENROLMENT_ANSWER");
    expect(code(() => acceptInto(dir, bundle, { pin: other.service.pin }))).toBe("ERR_ENROLMENT_PIN");
    expect(code(() => acceptInto(`${dir}-3`, bundle))).toBe("ERR_IDENTITY_MISSING");
    expect(code(() => acceptInto(dir, bundle))).toBe("none");
    expect(code(() => acceptInto(dir, bundle))).toBe("ERR_IDENTITY_EXISTS");
    expect(new X509Certificate(loadIdentity(dir).cert).subject).toBe("CN=pump");
  });

  it("locks nobody when an old confirmation is brought again", async () => {
    const { bundle, fingerprint } = claimed(await site.service.enrol(carriedRequest(await request())));
    const { confirmation } = acceptInto(dir, bundle);
    await site.service.confirmCarried(confirmation);
    await renewed(site, fingerprint, { force: true });
    expect((await refusalOf(site.service.confirmCarried(confirmation))).code).toBe("ERR_ENROLMENT_CONFIRM");
    expect(await site.service.identities.show("pump")).toMatchObject({ state: "active" });
  });

  it("refuses a request as it would over the network", async () => {
    const asked = await request();
    const body = JSON.parse(asked) as { key: string };
    const wrong = JSON.stringify({ ...body, key: wrongSecret(body.key) });
    expect((await refusalOf(site.service.enrol(carriedRequest(wrong)))).code).toBe("ERR_ENROLMENT_REFUSED");
    expect(site.events.at(-1)).toMatchObject({ reason: "wrong-secret", source: "air-gap" });
    for (const text of ["", "{", "[]", JSON.stringify({ ...body, more: 1 })]) {
      expect(() => carriedRequest(text)).toThrow(expect.objectContaining({ code: "ERR_ENROLMENT_REQUEST" }) as Error);
    }
  });
});
