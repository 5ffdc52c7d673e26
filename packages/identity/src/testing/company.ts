import { type KeyObject, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { keyPem, newKey } from "../authority/key-file.ts";
import { keySigner } from "../authority/signer.ts";
import { issueAuthority, issueLeaf, type LeafContent } from "../certificate/issue.ts";
import { certificatePem } from "../certificate/pem.ts";
import { certsOnly } from "../certificate/pkcs7.ts";
import { contentOfRequest, type RequestContent } from "../certificate/request.ts";
import { type CertificateContent, type Issuer, issuerOf, writeCertificate } from "../certificate/write.ts";

const DAY_MS = 86_400_000;

/** What a company's authority answers to one request. */
export type Fault =
  | { readonly kind: "status"; readonly status: number }
  /** It signs something else than what was asked for. */
  | { readonly kind: "other"; readonly change: (asked: CertificateContent) => CertificateContent }
  /** Another authority of the same name has signed. */
  | { readonly kind: "stranger" }
  /** The answer waits for this. */
  | { readonly kind: "slow"; readonly until: Promise<void> };

/** A company's authority with a root, an issuing one below it, and an EST server that signs what requests say. */
export interface Company extends AsyncDisposable {
  readonly url: string;
  /** PEM. */
  readonly root: string;
  readonly user: string;
  readonly password: string;
  /** How many certificates it has signed. */
  signed: number;
  fault: Fault | undefined;
  /** A chain (PEM) for somebody who never asked here. */
  certify(content: LeafContent, publicKey: KeyObject): Promise<string>;
}

const USER = "plant7";
const PASSWORD = "a b:c";

/** `now`: the clock that its certificates are issued by, milliseconds since 1970. */
export async function openCompany(now: () => number): Promise<Company> {
  const span = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + 1000 * DAY_MS) };
  const above = await authorities(span);
  const strangers = await authorities(span);
  const key = newKey();
  const own = { id: "est", kind: "gateway", role: null, names: ["127.0.0.1"], ...span } as const;
  const leaf = await issueLeaf({ ...own, publicKey: keySigner(key).publicKey }, above.issuer, randomBytes);
  const tls = { key: keyPem(key), cert: certificatePem(leaf.der) + certificatePem(above.issuing) };
  const server: Server = createServer(tls, (request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const say = (status: number, ...certificates: Uint8Array[]): void => {
      const body = certificates.length === 0 ? "" : Buffer.from(certsOnly(certificates)).toString("base64");
      response.writeHead(status, { "content-type": "application/pkcs7-mime", connection: "close" }).end(body);
    };
    const { fault } = company;
    if (request.url === "/.well-known/est/cacerts") return say(200, above.issuing, above.root);
    const [, basic = ""] = /^Basic (.+)$/.exec(request.headers.authorization ?? "") ?? [];
    if (Buffer.from(basic, "base64").toString() !== `${USER}:${PASSWORD}`) return say(401);
    if (fault?.kind === "status") return say(fault.status);
    const csr = contentOfRequest(Buffer.from(Buffer.concat(chunks).toString("latin1"), "base64"));
    const issuer = fault?.kind === "stranger" ? strangers.issuer : above.issuer;
    const content = contentFor(csr, now());
    const { der } = await writeCertificate(
      fault?.kind === "other" ? fault.change(content) : content,
      issuer,
      randomBytes,
    );
    company.signed += 1;
    if (fault?.kind === "slow") await fault.until;
    say(200, der);
  };
  const company: Company = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ root: certificatePem(above.root), user: USER, password: PASSWORD, signed: 0, fault: undefined },
    async certify(content, publicKey) {
      const { der } = await issueLeaf({ ...content, ...span, publicKey }, above.issuer, randomBytes);
      return [der, above.issuing, above.root].map(certificatePem).join("");
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return company;
}

function contentFor({ subject, publicKey, extensions }: RequestContent, nowMs: number): CertificateContent {
  const notBefore = new Date(nowMs - 60_000);
  return { subject, publicKey, extensions, notBefore, notAfter: new Date(nowMs + 90 * DAY_MS) };
}

async function authorities(span: { readonly notBefore: Date; readonly notAfter: Date }): Promise<{
  readonly root: Uint8Array;
  readonly issuing: Uint8Array;
  readonly issuer: Issuer;
}> {
  const top = keySigner(newKey());
  const root = await issueAuthority({ commonName: "Company root", signer: top, ...span, random: randomBytes });
  const below = { commonName: "Company devices", signer: keySigner(newKey()), issuer: issuerOf(root, top) };
  const issuing = await issueAuthority({ ...below, ...span, random: randomBytes });
  return { root, issuing, issuer: issuerOf(issuing, below.signer) };
}
