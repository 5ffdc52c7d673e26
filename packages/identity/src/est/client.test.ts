import { randomBytes, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyPem, newKey } from "../authority/key-file.ts";
import { keySigner } from "../authority/signer.ts";
import { authorityExtensions, issueAuthority, issueLeaf } from "../certificate/issue.ts";
import { certificatePem, splitPem } from "../certificate/pem.ts";
import { certsOnly } from "../certificate/pkcs7.ts";
import { contentOfRequest } from "../certificate/request.ts";
import { type Issuer, issuerOf, writeCertificate } from "../certificate/write.ts";
import { openSite } from "../testing/site.ts";
import { certifyByEst, type EstAuthority } from "./client.ts";

const span = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 1000 * 86_400_000) };
let server: Server;
let root: Uint8Array;
let issuer: Issuer;
let authority: EstAuthority;
/** What the server answers in place of what it should. */
let instead: { status: number; body: string } | undefined;

/** An EST server that looks at everything a real one does: path, password, encoding, proof and what is asked for. */
beforeAll(async () => {
  const signer = keySigner(newKey());
  const random = randomBytes;
  root = await issueAuthority({ commonName: "Company root", signer, ...span, random });
  issuer = issuerOf(root, signer);
  const key = newKey();
  const { publicKey } = keySigner(key);
  const own = { id: "est", kind: "gateway", role: null, names: ["127.0.0.1"], publicKey, ...span } as const;
  const leaf = await issueLeaf(own, issuer, random);
  server = createServer({ key: keyPem(key), cert: certificatePem(leaf.der) }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = (status: number, body = ""): void => {
      response.writeHead(status, { "content-type": "application/pkcs7-mime", connection: "close" }).end(body);
    };
    const encoded = (...certificates: Uint8Array[]): string => Buffer.from(certsOnly(certificates)).toString("base64");
    if (instead !== undefined) return answer(instead.status, instead.body);
    if (request.url === "/.well-known/est/plants/cacerts") return answer(200, encoded(root));
    const [, basic = ""] = /^Basic (.+)$/.exec(request.headers.authorization ?? "") ?? [];
    if (Buffer.from(basic, "base64").toString() !== "plant7:a b:c") return answer(401);
    const right = request.method === "POST" && request.headers["content-type"] === "application/pkcs10";
    if (!right || request.url !== "/.well-known/est/plants/simpleenroll") return answer(400);
    const asked = contentOfRequest(Buffer.from(Buffer.concat(chunks).toString("latin1"), "base64"));
    const wanted = authorityExtensions(0).map((one) => Buffer.from(one).toString("hex"));
    if (asked.extensions.map((one) => Buffer.from(one).toString("hex")).join() !== wanted.join()) return answer(400);
    const content = { ...asked, ...span };
    answer(200, encoded((await writeCertificate(content, issuer, random)).der));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `https://127.0.0.1:${port}/plants`;
  authority = { url, anchors: certificatePem(root), user: "plant7", password: "a b:c", timeoutMs: 5000 };
});
afterAll(() => server.close());

describe("an EST server above the site", () => {
  it("signs the issuing certificate, which is taken with its chain", async () => {
    await using site = await openSite();
    const chain = await certifyByEst(authority, await site.service.authority.request("Plant 7 issuing"));
    expect(splitPem(chain).map((pem) => new X509Certificate(pem).subject)).toEqual([
      ...["CN=Plant 7 issuing", "CN=Company root"],
    ]);
    await site.service.authority.import(chain);
    await site.restart();
    expect(site.service.root).toBe(certificatePem(root));
  });

  it("is believed under its anchors alone, and in nothing that it should not say", async () => {
    await using site = await openSite();
    const csr = await site.service.authority.request("Plant 7 issuing");
    const refused = async (how: Partial<EstAuthority>): Promise<unknown> =>
      await certifyByEst({ ...authority, ...how }, csr).catch((error: { code: string }) => error.code);
    expect(await refused({ anchors: site.service.root })).toBe("ERR_ENROLMENT_SERVER");
    expect(await refused({ url: "https://127.0.0.1:1" })).toBe("ERR_ENROLMENT_UNREACHABLE");
    expect(await refused({ url: "http://127.0.0.1" })).toBe("ERR_ENROLMENT_REQUEST");
    expect(await refused({ password: "wrong" })).toBe("ERR_AUTHORITY_IMPORT");
    for (const [status, body] of [
      ...([
        [202, ""],
        [500, ""],
        [200, ""],
        [200, "no base64 of anything"],
      ] as const),
      ...([[200, "A".repeat(100_000)]] as const),
    ]) {
      instead = { status, body };
      expect(await refused({}), `${status}`).toBe("ERR_AUTHORITY_IMPORT");
    }
    instead = { status: 200, body: "A".repeat(400_000) };
    expect(await refused({})).toBe("ERR_ENROLMENT_UNREACHABLE");
    instead = undefined;
  });
});
