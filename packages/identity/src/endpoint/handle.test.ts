import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { answerIn, readBundle } from "../bundle/payload.ts";
import { splitPem } from "../certificate/pem.ts";
import { formatKey, parseRegistrationKey } from "../registration-key.ts";
import { freshRequest, openSite, type TestSite } from "../testing/site.ts";
import { handleEnrolment } from "./handle.ts";
import type { EndpointResponse } from "./route.ts";

async function ask(
  site: TestSite,
  path: string,
  body: unknown,
  more: { readonly method?: string; readonly clientCertificate?: Uint8Array } = {},
): Promise<EndpointResponse> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return await handleEnrolment(site.service, { method: "POST", path, body: text, source: "10.0.0.5", ...more });
}

interface Answer {
  readonly id?: string;
  readonly state?: string;
  readonly chain?: string;
  readonly claim?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly correlation?: string };
}

function read(response: EndpointResponse): Answer {
  const body = JSON.parse(response.body) as Answer & { readonly payload?: string };
  if (body.payload === undefined) return body;
  expect(response.contentType).toBe("application/jose+json");
  const { anchors } = JSON.parse(Buffer.from(body.payload, "base64url").toString()) as { anchors: string[] };
  return answerIn(response.body, readBundle(response.body, { root: anchors[0] ?? "" }, Date.now())) as Answer;
}

describe("handleEnrolment", () => {
  it("enrols and confirms", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create({ kind: "client", roles: ["Operator"] });
    const enrolled = await ask(site, "/v1/enrol", { key, csr: await freshRequest(), name: "hmi-2" });
    expect(enrolled.status).toBe(200);
    const leaf = new X509Certificate(read(enrolled).chain ?? "").raw;
    const confirmed = await ask(site, "/v1/confirm", {}, { clientCertificate: leaf });
    expect([confirmed.status, read(confirmed).state]).toEqual([200, "active"]);
    expect((await ask(site, "/v1/confirm", {})).status).toBe(403);
    const root = new X509Certificate(site.service.root).raw;
    expect((await ask(site, "/v1/confirm", {}, { clientCertificate: root })).status).toBe(403);
  });

  it("answers 202 while a person has to approve", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create({ kind: "client", roles: ["Operator"], approval: "manual" });
    const pending = await ask(site, "/v1/enrol", { key, csr: await freshRequest(), name: "hmi-2" });
    expect([pending.status, read(pending).state]).toEqual([202, "pending"]);
    const claim = { id: "hmi-2", claim: read(pending).claim };
    expect((await ask(site, "/v1/claim", claim)).status).toBe(202);
    await site.service.identities.approve("hmi-2");
    expect((await ask(site, "/v1/claim", claim)).status).toBe(200);
  });

  it("gives five bad keys one status and one body, but for the correlation code", async () => {
    await using site = await openSite();
    const create = async (expiresInMs = 86_400_000): Promise<string> =>
      (await site.service.keys.create({ kind: "client", roles: ["Operator"], expiresInMs })).key;
    const [expired, used, revoked, known] = [await create(1000), await create(), await create(), await create()];
    const first = read(await ask(site, "/v1/enrol", { key: used, csr: await freshRequest(), name: "first" }));
    await ask(site, "/v1/confirm", {}, { clientCertificate: new X509Certificate(first.chain ?? "").raw });
    await site.service.keys.revoke(parseRegistrationKey(revoked).id);
    site.clock += 1000;
    const wrong = formatKey({ ...parseRegistrationKey(known), secret: "0".repeat(32) });
    const unknown = formatKey({ id: "00000000", secret: "0".repeat(32) });
    const bodies = [];
    for (const key of [unknown, wrong, expired, used, revoked]) {
      const response = await ask(site, "/v1/enrol", { key, csr: await freshRequest(), name: "second" });
      const { error } = read(response);
      expect(error?.correlation).toMatch(/^[0-9A-Z]{8}$/);
      bodies.push(JSON.stringify({ ...response, body: response.body.replace(error?.correlation ?? "", "") }));
    }
    expect(new Set(bodies).size).toBe(1);
    expect(bodies[0]).toContain("ERR_ENROLMENT_REFUSED");
  });

  it("throttles with 429 and otherwise the same body", async () => {
    await using site = await openSite({ refusals: { burst: 1, perMinute: 1 } });
    const body = { key: "mwk1_nonsense", csr: await freshRequest(), name: "x" };
    const [refused, throttled] = [await ask(site, "/v1/enrol", body), await ask(site, "/v1/enrol", body)];
    expect([refused.status, throttled.status]).toEqual([403, 429]);
    const plain = (response: EndpointResponse): string => response.body.replace(/"correlation":"\w+"/, "");
    expect(plain(throttled)).toBe(plain(refused));
  });

  it("maps what is wrong with a good key's request to a clear status", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create({ kind: "client", roles: ["Operator"] });
    await site.service.identities.add({ id: "taken", kind: "client", role: null });
    const csr = await freshRequest();
    const cases: readonly (readonly [unknown, number, string])[] = [
      [{ key, csr: "none", name: "x" }, 400, "ERR_ENROLMENT_CSR"],
      [{ key, csr, name: "taken" }, 409, "ERR_ENROLMENT_TAKEN"],
      [{ key, csr, name: "x", role: "Engineer" }, 403, "ERR_ENROLMENT_ROLE"],
      [{ key, csr, name: "no name" }, 400, "ERR_ENROLMENT_REQUEST"],
      [{ key, csr, name: "x", extra: 1 }, 400, "ERR_ENROLMENT_REQUEST"],
      [{ key, csr }, 400, "ERR_ENROLMENT_REQUEST"],
      ["{", 400, "ERR_ENROLMENT_REQUEST"],
      ["x".repeat(20_000), 413, "ERR_ENROLMENT_REQUEST"],
    ];
    for (const [body, status, code] of cases) {
      const response = await ask(site, "/v1/enrol", body);
      expect([response.status, read(response).error?.code]).toEqual([status, code]);
      expect(response.body).not.toContain(key);
    }
    expect((await ask(site, "/v1/enrol", { key, csr, name: "x" })).status).toBe(200);
  });

  it("hands out the chain, and nothing at other paths", async () => {
    await using site = await openSite();
    const ca = await ask(site, "/v1/ca", "", { method: "GET" });
    expect(ca).toMatchObject({ status: 200, contentType: "application/x-pem-file" });
    expect(splitPem(ca.body)).toHaveLength(2);
    for (const of of ["root", "issuing"] as const) {
      const list = site.service.authority.list(of);
      const answer = { status: 200, contentType: "application/pkix-crl", bytes: list?.der };
      expect(await ask(site, `/v1/crl/${of}`, "", { method: "GET" })).toMatchObject(answer);
      expect((await ask(site, `/v1/crl/${of}.pem`, "", { method: "GET" })).body).toBe(list?.pem);
    }
    expect((await ask(site, "/v1/ca", "")).status).toBe(405);
    for (const path of ["/", "/v1", "/v1/enrol/", "/__proto__", "/constructor"]) {
      expect((await ask(site, path, "{}")).status).toBe(404);
    }
  });
});
