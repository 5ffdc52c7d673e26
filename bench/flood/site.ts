/** A site as `modwarden up` runs it: an operator who may write, and a viewer who may not. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Running, start, within } from "../shared/process.ts";

const START_MS = 30_000;
const command = fileURLToPath(new URL("../../apps/cli/dist/main.js", import.meta.url));

/** Who speaks from where; any other address is registered nowhere. */
export const sources = { operator: "127.0.0.1", viewer: "127.0.0.2", stranger: "127.0.0.3" } as const;

export interface FloodedSite extends Running {
  readonly port: number;
  readonly log: string;
  /** Ends it as SIGTERM does, so that everything is on record. */
  end(): Promise<void>;
  remove(): void;
}

export async function startFloodedSite(devicePort: number): Promise<FloodedSite> {
  const folder = mkdtempSync(join(tmpdir(), "modwarden-flood-"));
  const file = join(folder, "site.yaml");
  writeFileSync(file, siteText(devicePort));
  writeFileSync(join(folder, "policy.yaml"), policyText);
  const add = (id: string, role: string): unknown =>
    execFileSync(process.execPath, [
      ...[command, "identity", "add", id, "--kind", "client", "--role", role, "--site", file],
    ]);
  add("operator", "Operator");
  add("viewer", "Viewer");
  const running = start({
    name: "site",
    native: process.execPath,
    arguments: [command, "up", file, "--json"],
    quiet: true,
  });
  const exited = new Promise<void>((resolve) => running.child.once("exit", () => resolve()));
  const port = await within(START_MS, "the site did not start", running, ready(running));
  return {
    ...running,
    port,
    log: join(folder, "data", "audit"),
    async end() {
      running.child.kill("SIGTERM");
      await exited;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

async function ready(running: Running): Promise<number> {
  let port = 0;
  for await (const line of createInterface(running.child.stdout!)) {
    const { ready: name, url } = JSON.parse(line) as { ready?: string; url?: string };
    if (name === "gateway" && url !== undefined) port = Number(new URL(url.replace(/^modbus\+tcp/, "http")).port);
    if (name === "all") return port;
  }
  throw new Error("the site ended");
}

function siteText(devicePort: number): string {
  return `modwarden: 1
site: flooded
data: ./data
gateway:
  id: gw1
  names: [localhost]
  listen:
    - url: "modbus+tcp://127.0.0.1:0"
      sources: { ${sources.operator}/32: operator, ${sources.viewer}/32: viewer }
  devices:
    - { id: device, unit: 1, profile: memory, at: "modbus+tcp://127.0.0.1:${devicePort}?unit=1" }
policy: policy.yaml
`;
}

const policyText = `policy: 1
mode: enforce
roles: [Viewer, Operator]
rules:
  - { id: reads, permit: { roles: [Viewer, Operator] }, units: [1], allow: [{ functions: [1, 2, 3, 4] }] }
  - id: writes
    permit: { roles: [Operator] }
    units: [1]
    allow: [{ functions: [6, 16] }]
    when: { transports: [tcp] }
`;
