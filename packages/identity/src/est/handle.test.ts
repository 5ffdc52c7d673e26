import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { newKey } from "../authority/key-file.ts";
import { fingerprintOf } from "../certificate/fingerprint.ts";
import { certificatePem, derOfPem } from "../certificate/pem.ts";
import { certificatesOf } from "../certificate/pkcs7.ts";
import { spkiBytes } from "../certificate/read.ts";
import { createRequest } from "../client/csr.ts";
import { operator, UNKNOWN, wrongSecret } from "../testing/enrol.ts";
import { freshRequest, openSite, type TestSite } from "../testing/site.ts";
import type { KeyOptions } from "../types.ts";
import type { EstResponse } from "./answer.ts";
import { type EstRequest, handleEst } from "./handle.ts";

const SOURCE = "10.0.0.5";

async function ask(site: TestSite, operation: string, more: Partial<EstRequest> = {}): Promise<EstResponse> {
  const path = `/.well-known/est/${operation}`;
  return await handleEst(site.service, { method: "GET", path, body: new Uint8Array(), source: SOURCE, ...more });
}

/** As curl sends it with `-u user:password` and `--data-binary`. */
async function enrolAs(site: TestSite, user: string, key: string, csr: string | Uint8Array): Promise<EstResponse> {
  return await ask(site, "simpleenroll", {
    method: "POST",
    authorization: `Basic ${Buffer.from(`${user}:${key}`).toString("base64")}`,
    contentType: "application/pkcs10",
    body: typeof csr === "string" ? Buffer.from(csr) : csr,
  });
}

async function keyFor(site: TestSite, options: KeyOptions = operator): Promise<string> {
  return (await site.service.keys.create(options)).key;
}

function base64Of(pem: string): string {
  return Buffer.from(derOfPem(pem)).toString("base64");
}

function certificateIn(response: EstResponse): X509Certificate {
  expect([response.status, response.contentType]).toEqual([200, "application/pkcs7-mime; smime-type=certs-only"]);
  const [leaf, ...rest] = certificatesOf(Buffer.from(response.body, "base64"));
  expect(rest).toEqual([]);
  return new X509Certificate(leaf ?? new Uint8Array());
}

describe("handleEst", () => {
  it("answers cacerts with every authority, and csrattrs", async () => {
    await using site = await openSite();
    const answer = await ask(site, "cacerts");
    expect(answer).toMatchObject({
      status: 200,
      contentType: "application/pkcs7-mime",
      headers: { "content-transfer-encoding": "base64" },
    });
    const authorities = certificatesOf(Buffer.from(answer.body, "base64")).map(certificatePem).join("");
    expect(authorities).toBe(site.service.chain);
    const attributes = await ask(site, "csrattrs");
    expect(attributes.contentType).toBe("application/csrattrs");
    expect(Buffer.from(attributes.body, "base64").toString("hex")).toBe(
      //  seq   | seq  | OID ecPublicKey          | set  | OID prime256v1                | OID ecdsa-with-SHA256
      "3021" + "3015" + "06072a8648ce3d0201" + "310a" + "06082a8648ce3d030107" + "06082a8648ce3d040302",
    );
  });

  it("enrols with the key as password, in every way that clients write a request", async () => {
    await using site = await openSite();
    const pem = await freshRequest("panel");
    const lines = base64Of(pem).match(/.{1,64}/g) ?? [];
    const forms = [base64Of(pem), `${lines.join("\r\n")}\r\n`, pem, derOfPem(pem)];
    for (const [index, body] of forms.entries()) {
      const leaf = certificateIn(await enrolAs(site, `panel-${index}`, await keyFor(site), body));
      expect(leaf.subject).toBe(`CN=panel-${index}`);
      expect((await site.service.identities.show(`panel-${index}`)).state).toBe("claimed");
    }
  });

  it("takes the common name of the request as the name when none is given, and nothing else of it", async () => {
    await using site = await openSite();
    const leaf = certificateIn(await enrolAs(site, "", await keyFor(site), await freshRequest("panel-7")));
    expect(leaf.subject).toBe("CN=panel-7");
    expect((await site.service.identities.show("panel-7")).role).toBe("Operator");
    const nameless = await enrolAs(site, "", await keyFor(site), await createRequest(newKey(), ""));
    expect(nameless.status).toBe(400);
  });

  it("takes an imported key pair as the key itself, with an empty password, and no other", async () => {
    await using site = await openSite();
    const key = newKey();
    const request = await createRequest(key, "meter-7");
    const publicKey = createHash("sha256")
      .update(spkiBytes(createPublicKey(key)))
      .digest("hex");
    await site.service.keys.import([{ line: 1, publicKey }], { kind: "device", roles: [] });
    expect((await enrolAs(site, "meter-7", "", await freshRequest())).status).toBe(401);
    expect(certificateIn(await enrolAs(site, "meter-7", "", request)).subject).toBe("CN=meter-7");
  });

  it("confirms by whatever is asked over a connection that shows the new certificate", async () => {
    await using site = await openSite();
    const leaf = certificateIn(await enrolAs(site, "panel", await keyFor(site), await freshRequest()));
    expect((await ask(site, "cacerts", { clientCertificate: leaf.raw })).status).toBe(200);
    expect((await site.service.identities.show("panel")).state).toBe("active");
    // Shown again it is an ordinary certificate, and one that nobody knows asks for what is public all the same.
    expect((await ask(site, "cacerts", { clientCertificate: leaf.raw })).status).toBe(200);
    const stranger = new X509Certificate(site.service.root).raw;
    expect((await ask(site, "cacerts", { clientCertificate: stranger })).status).toBe(200);
  });

  it("answers 202 until a person has approved, and then the same request gets the certificate", async () => {
    await using site = await openSite();
    const key = await keyFor(site, { ...operator, approval: "manual" });
    const csr = await freshRequest();
    const waiting = await enrolAs(site, "panel", key, csr);
    expect([waiting.status, waiting.headers["retry-after"]]).toEqual([202, "60"]);
    expect((await enrolAs(site, "panel", key, csr)).status).toBe(202);
    await site.service.identities.approve("panel");
    // The key may have ended in the meantime: people take their time.
    site.clock += 2 * 86_400_000;
    const leaf = certificateIn(await enrolAs(site, "panel", key, csr));
    // And once more, because the answer may have got lost.
    expect(certificateIn(await enrolAs(site, "panel", key, csr)).fingerprint256).toBe(leaf.fingerprint256);
    const [listed] = await site.service.keys.list();
    expect(listed?.used).toBe(1);
  });

  it("takes nobody else's pending enrolment for the same", async () => {
    await using site = await openSite();
    const manual: KeyOptions = { ...operator, approval: "manual" };
    const [key, other] = [await keyFor(site, manual), await keyFor(site, manual)];
    const csr = await freshRequest();
    expect((await enrolAs(site, "panel", key, csr)).status).toBe(202);
    await site.service.identities.approve("panel");
    expect((await enrolAs(site, "panel", key, await freshRequest())).status).toBe(401);
    expect((await enrolAs(site, "panel", other, csr)).status).toBe(409);
    expect((await enrolAs(site, "panel", wrongSecret(key), csr)).status).toBe(401);
    await site.service.keys.revoke((await site.service.identities.show("panel")).key ?? "");
    expect((await enrolAs(site, "panel", key, csr)).status).toBe(401);
  });

  it("asks for authentication, and refuses every bad key with one text but for the correlation code", async () => {
    await using site = await openSite();
    const bare = await ask(site, "simpleenroll", { method: "POST", contentType: "application/pkcs10" });
    expect([bare.status, bare.headers["www-authenticate"]]).toEqual([401, expect.stringMatching(/^Basic realm=/)]);
    const good = await keyFor(site);
    const texts = [];
    for (const key of [UNKNOWN, wrongSecret(good), "none", ""]) {
      const refused = await enrolAs(site, "panel", key, await freshRequest());
      expect([refused.status, refused.contentType]).toEqual([401, "text/plain; charset=utf-8"]);
      const code = /correlation code ([0-9A-Z]{8})/.exec(refused.body)?.[1] ?? "none";
      expect(site.events.at(-1)).toMatchObject({ event: "refused", correlation: code });
      texts.push(refused.body.replace(code, ""));
    }
    expect(new Set(texts).size).toBe(1);
    expect(site.events.map(({ reason }) => reason).filter((reason) => reason !== undefined)).toEqual([
      "unknown",
      "wrong-secret",
      "malformed",
      "unknown",
    ]);
  });

  it("says what is wrong with a good key's request, and uses nothing up", async () => {
    await using site = await openSite();
    const key = await keyFor(site);
    await site.service.identities.add({ id: "taken", kind: "client", role: null });
    expect((await enrolAs(site, "panel", key, "%%%")).status).toBe(400);
    expect((await enrolAs(site, "panel", key, Buffer.from([0x30, 0x82, 0, 1]))).status).toBe(400);
    expect((await enrolAs(site, "taken", key, await freshRequest())).status).toBe(409);
    const authorization = `Basic ${Buffer.from(`panel:${key}`).toString("base64")}`;
    const body = Buffer.from(await freshRequest());
    const untyped = await ask(site, "simpleenroll", { method: "POST", authorization, body });
    expect(untyped.status).toBe(415);
    expect((await enrolAs(site, "panel", key, body)).status).toBe(200);
  });

  it("re-enrols by the certificate that counts, which goes on counting until the new one is shown", async () => {
    await using site = await openSite();
    const first = certificateIn(await enrolAs(site, "panel", await keyFor(site), await freshRequest()));
    await ask(site, "cacerts", { clientCertificate: first.raw });
    const again = async (clientCertificate: Uint8Array, csr: string): Promise<EstResponse> =>
      await ask(site, "simplereenroll", {
        method: "POST",
        contentType: "application/pkcs10",
        body: Buffer.from(base64Of(csr)),
        clientCertificate,
      });
    const second = certificateIn(await again(first.raw, await freshRequest("another name")));
    expect(second.subject).toBe("CN=panel");
    expect((await site.service.identities.show("panel")).fingerprint).not.toBe(fingerprintOf(second.raw));
    await ask(site, "cacerts", { clientCertificate: second.raw });
    expect((await site.service.identities.show("panel")).fingerprint).toBe(fingerprintOf(second.raw));
    // Switched off until after its end: the same operation brings it back, and counts that.
    site.clock += 100 * 86_400_000;
    const third = certificateIn(await again(second.raw, await freshRequest()));
    await ask(site, "csrattrs", { clientCertificate: third.raw });
    expect((await site.service.identities.show("panel")).fingerprint).toBe(fingerprintOf(third.raw));
    // What is public may be fetched with a certificate that was replaced; asking for another with it is a second holder.
    expect((await ask(site, "cacerts", { clientCertificate: second.raw })).status).toBe(200);
    expect((await site.service.identities.show("panel")).state).toBe("active");
    const clone = await again(second.raw, await freshRequest());
    expect([clone.status, clone.headers]).toEqual([403, {}]);
    expect((await site.service.identities.show("panel")).state).toBe("suspended");
    const code = /correlation code ([0-9A-Z]{8})/.exec(clone.body)?.[1] ?? "none";
    expect((await site.service.refusals.why(code)).reason).toBe("clone");
    expect((await ask(site, "simplereenroll", { method: "POST", contentType: "application/pkcs10" })).status).toBe(403);
  });

  it("throttles", async () => {
    await using site = await openSite({ refusals: { burst: 1, perMinute: 1 } });
    expect((await enrolAs(site, "panel", UNKNOWN, await freshRequest())).status).toBe(401);
    expect((await enrolAs(site, "panel", UNKNOWN, await freshRequest())).status).toBe(429);
  });

  it("has nothing at other paths, labels and methods", async () => {
    await using site = await openSite();
    for (const path of ["", "serverkeygen", "fullcmc", "label/cacerts", "constructor", "cacerts/"]) {
      expect((await ask(site, path)).status).toBe(404);
    }
    expect(await ask(site, "cacerts", { method: "POST" })).toMatchObject({
      status: 405,
      headers: { allow: "GET, HEAD" },
    });
    expect((await ask(site, "cacerts", { method: "HEAD" })).status).toBe(200);
    expect((await ask(site, "simpleenroll")).status).toBe(405);
  });
});
