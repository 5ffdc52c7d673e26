import { X509Certificate } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { keyPem, newKey } from "../authority/key-file.ts";
import { createRequest } from "../client/csr.ts";
import { saveIdentity } from "../client/folder.ts";
import type { RenewalExchange } from "../client/renew.ts";
import { handleEnrolment } from "../endpoint/handle.ts";
import { operator, SOURCE } from "./enrol.ts";
import type { TestSite } from "./site.ts";

/** The endpoint itself, without the network between. */
export function exchangeWith(site: TestSite, source: string = SOURCE): RenewalExchange {
  return async (path, body, { cert }) => {
    const clientCertificate = new X509Certificate(cert).raw;
    const { status, body: text } = await handleEnrolment(site.service, {
      ...{ method: "POST", path, body: String(body), source, clientCertificate },
    });
    return { status, text };
  };
}

/** Enrolled and confirmed, in a folder of the site's. */
export async function enrolledFolder(site: TestSite, name: string): Promise<string> {
  const dir = join(site.dir, "clients", name);
  mkdirSync(join(site.dir, "clients"), { recursive: true });
  const { key, pin } = await site.service.keys.create(operator);
  const privateKey = newKey();
  const csr = await createRequest(privateKey, name);
  const enrolment = await site.service.enrol({ key, csr, name, source: SOURCE });
  if (enrolment.state !== "claimed") throw new Error(`expected a certificate, got ${enrolment.state}`);
  await site.service.confirm(enrolment.fingerprint, SOURCE);
  const { chain, fingerprint, expires, role } = enrolment;
  const url = "https://127.0.0.1:1";
  saveIdentity(dir, {
    ...{ id: name, role, state: "active", key: keyPem(privateKey), chain, fingerprint, expires },
    ...{ root: site.service.root, pin, url },
  });
  return dir;
}
