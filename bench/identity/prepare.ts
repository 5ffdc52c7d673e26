/** What has to be there before anything is measured: a site, registration keys, and what enrols with them. */
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequest, type IdentityService, openIdentity } from "@modwarden/identity";

const root = fileURLToPath(new URL("../../.modwarden/bench/", import.meta.url));
const ROLE = "Operator";

/** Key, certificate chain and trust of a TLS server, as files. */
export interface Material {
  readonly key: string;
  readonly chain: string;
  readonly root: string;
}

export interface Prepared {
  readonly folder: string;
  readonly siteFile: string;
  readonly pin: string;
  /** For the client of the handshakes. */
  readonly clientKey: string;
  readonly material: Material;
  /** One file for each measurement of enrolments, in their order. */
  readonly items: readonly string[];
  remove(): void;
}

/**
 * A folder on the disk of the checkout, because a record is durable there and not in memory. `sizes` says how many
 * enrolments each measurement takes.
 */
export async function prepare(devicePort: number, sizes: readonly number[]): Promise<Prepared> {
  mkdirSync(root, { recursive: true });
  const folder = mkdtempSync(join(root, "identity-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const data = join(folder, "data");
    const siteFile = join(folder, "site.yaml");
    writeFileSync(siteFile, siteText(devicePort));
    writeFileSync(join(folder, "policy.yaml"), POLICY);
    const identity = await openIdentity({ dir: data, now: () => new Date() });
    try {
      const { key: clientKey, pin } = await identity.keys.create({ kind: "client", roles: [ROLE] });
      const material = await serverMaterial(identity, folder);
      const items: string[] = [];
      for (const [index, size] of sizes.entries()) {
        const file = join(folder, `enrolments-${index}`);
        writeFileSync(file, await enrolments(identity, `${index}`, size), { mode: 0o600 });
        items.push(file);
      }
      return { folder, siteFile, pin, clientKey, material, items, remove };
    } finally {
      await identity.close();
    }
  } catch (error) {
    remove();
    throw error;
  }
}

/** The servers beside ours get their certificate from the same authority: the chains are equally long. */
async function serverMaterial(identity: IdentityService, folder: string): Promise<Material> {
  const { key, chain } = await identity.issueServerCertificate({
    id: "peer",
    kind: "gateway",
    names: ["localhost", "127.0.0.1"],
  });
  const files = { key: join(folder, "peer.key"), chain: join(folder, "peer.pem"), root: join(folder, "root.pem") };
  writeFileSync(files.key, key, { mode: 0o600 });
  writeFileSync(files.chain, chain);
  writeFileSync(files.root, identity.root);
  return files;
}

/** One line each: the body of the request, a tab, the private key (DER, hex). */
async function enrolments(identity: IdentityService, measurement: string, count: number): Promise<string> {
  let text = "";
  for (let index = 0; index < count; index += 1) {
    const name = `bench-${measurement}-${index}`;
    const { key } = await identity.keys.create({ kind: "client", roles: [ROLE] });
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const csr = await createRequest(privateKey, name);
    const der = privateKey.export({ type: "sec1", format: "der" }).toString("hex");
    text += `${JSON.stringify({ key, csr, name })}\t${der}\n`;
  }
  return text;
}

function siteText(devicePort: number): string {
  return `modwarden: 1
site: bench
data: ./data
gateway:
  id: gw1
  names: [localhost, 127.0.0.1]
  listen: [{ url: "modbus+tls://127.0.0.1:0" }]
  devices: [{ id: device, unit: 1, at: "modbus+tcp://127.0.0.1:${devicePort}?unit=1" }]
policy: policy.yaml
enrolment: { listen: "https://127.0.0.1:0" }
`;
}

const POLICY: string = `policy: 1
mode: enforce
roles: [${ROLE}]
rules:
  - id: everyone-reads
    permit: { roles: [${ROLE}] }
    units: [1]
    allow: [{ functions: [3] }]
`;
