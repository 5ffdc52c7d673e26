import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { lockData } from "@modwarden/server";
import { CliError } from "../frame/error.ts";
import type { DemoPorts } from "./ports.ts";

export interface DemoFolder {
  readonly dir: string;
  readonly siteFile: string;
  readonly policyFile: string;
}

const MARK = "# The demo site of modwarden";

/**
 * Writes site.yaml and policy.yaml into `dir` (default: a new temporary folder). A folder that an earlier demo made is
 * used again, its data and its policy kept, which a person may have changed; one in which a demo runs, or that holds
 * another site.yaml, is left alone. Throws ERR_SITE_LOCKED, ERR_DEMO_FOLDER.
 */
export function prepareFolder(dir: string | undefined, ports: DemoPorts, reads: "each" | "rollup"): DemoFolder {
  const folder = dir === undefined ? mkdtempSync(join(tmpdir(), "modwarden-demo-")) : resolve(dir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const siteFile = join(folder, "site.yaml");
  const policyFile = join(folder, "policy.yaml");
  if (existsSync(siteFile) && !readFileSync(siteFile, "utf8").startsWith(MARK)) {
    throw new CliError("ERR_DEMO_FOLDER", `${siteFile} is not the demo's: choose another folder with --data`, 2);
  }
  lockData(join(folder, "data")).release();
  writeFileSync(siteFile, siteYaml(ports, reads));
  if (!existsSync(policyFile)) writeFileSync(policyFile, policyYaml);
  return { dir: folder, siteFile, policyFile };
}

function siteYaml(ports: DemoPorts, reads: "each" | "rollup"): string {
  return `${MARK}: a simulated energy hall behind the gateway.
# Every start writes this file anew, with the ports that are free; policy.yaml is kept.
modwarden: 1
site: demo
data: ./data
gateway:
  id: gw1
  names: [localhost, 127.0.0.1]
  zone: energy-hall
  listen:
    # Modbus/TCP Security: who asks, and in which role, is in the client's certificate.
    - url: "modbus+tls://127.0.0.1:${ports.secure}"
    # Plain Modbus: who asks is the registered source address. 127.0.0.2 and all others are closed.
    - url: "modbus+tcp://127.0.0.1:${ports.plain}"
      sources: { 127.0.0.1/32: legacy-hmi }
  devices:
    - { id: meter, unit: 1, profile: eastron-sdm630, at: "modbus+tcp://127.0.0.1:${ports.plant}?unit=1" }
    - { id: inverter, unit: 2, profile: sunspec-three-phase-inverter, at: "modbus+tcp://127.0.0.1:${ports.plant}?unit=2" }
    - { id: drive, unit: 3, profile: danfoss-fc51, at: "modbus+tcp://127.0.0.1:${ports.plant}?unit=3" }
    - { id: battery, unit: 4, profile: sungrow-shx-hybrid-inverter, at: "modbus+tcp://127.0.0.1:${ports.plant}?unit=4" }
policy: policy.yaml
enrolment: { listen: "https://127.0.0.1:${ports.enrolment}" }
console: { listen: "http://127.0.0.1:${ports.console}" }
audit: { reads: ${reads} }
`;
}

const policyYaml = `${MARK}: who may do what in the energy hall.
policy: 1
mode: enforce
roles: [Viewer, Operator, Engineer]
rules:
  - id: everyone-reads
    permit: { roles: [Viewer, Operator, Engineer] }
    units: [1-4]
    allow: [{ functions: [1, 2, 3, 4] }, { functions: [43/14] }]
  - id: setpoint
    permit: { roles: [Operator] }
    devices: [drive]
    allow: [{ write: setpoint, min: 0, max: 80 }]
  - id: start-and-stop
    permit: { roles: [Engineer] }
    devices: [drive]
    allow: [{ write: control_word }]
  - id: never
    forbid: { roles: "*" }
    deny: [{ functions: [8/1, 8/4, 90] }]
tests:
  - { as: Operator, unit: 3, write: setpoint, value: 40, expect: permit }
  - { as: Operator, unit: 3, write: setpoint, value: 90, expect: deny, because: max }
  - { as: Viewer, unit: 3, write: setpoint, value: 40, expect: deny, because: no-permit }
  - { as: Operator, unit: 3, write: setpoint, value: 40, transport: tcp, expect: deny, because: transport }
  - { as: null, unit: 1, function: 4, address: 0, quantity: 2, expect: deny }
`;
