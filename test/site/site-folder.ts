import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small site in a folder of its own: a plain listener for 127.0.0.1, one device, reads and some writes permitted. */
export interface SiteFolder {
  readonly dir: string;
  readonly file: string;
  readonly audit: string;
  remove(): void;
}

export function createSiteFolder(deviceUrl: string, gatewayPort = 0): SiteFolder {
  const dir = mkdtempSync(join(tmpdir(), "modwarden-site-"));
  const file = join(dir, "site.yaml");
  writeFileSync(
    file,
    `modwarden: 1
site: test
data: ./data
gateway:
  id: gw1
  names: [localhost, 127.0.0.1]
  listen:
    - { url: "modbus+tls://127.0.0.1:0" }
    - url: "modbus+tcp://127.0.0.1:${gatewayPort}"
      sources: { 127.0.0.1/32: hmi }
  devices:
    - { id: device, unit: 1, profile: memory, at: "${deviceUrl}" }
policy: policy.yaml
enrolment: { listen: "https://127.0.0.1:0" }
console: { listen: "http://127.0.0.1:0" }
audit: { reads: each }
`,
  );
  writeFileSync(
    join(dir, "policy.yaml"),
    `policy: 1
mode: enforce
roles: [Viewer, Operator]
rules:
  - { id: reads, permit: { roles: [Viewer, Operator] }, units: [1], allow: [{ functions: [1, 2, 3, 4, 43/14] }] }
  - id: low-registers
    permit: { roles: [Operator] }
    units: [1]
    allow: [{ functions: [6, 16], table: holding, addresses: [0-99] }]
    when: { transports: [tcp, tls] }
`,
  );
  return {
    dir,
    file,
    audit: join(dir, "data", "audit"),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
