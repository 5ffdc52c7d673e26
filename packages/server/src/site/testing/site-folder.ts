import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryHandler, createServer, formatModbusUrl } from "@modwarden/modbus";
import { readSite, type Site } from "../load.ts";
import { type ReadyLine, type RunningSite, startSite } from "../running-site.ts";

/** A small site in a folder of its own with one simulated device: TLS and plain listener, enrolment, console. */
export interface SiteFolder {
  readonly dir: string;
  readonly data: string;
  /** What the site told its operator. */
  readonly notices: string[];
  readonly ready: ReadyLine[];
  load(change?: (text: string) => string): Site;
  start(change?: (text: string) => string): Promise<RunningSite>;
  remove(): Promise<void>;
}

export async function createSiteFolder(): Promise<SiteFolder> {
  const dir = mkdtempSync(join(tmpdir(), "modwarden-running-"));
  const device = createServer(createMemoryHandler());
  const at = await device.listen("modbus+tcp://127.0.0.1:0");
  const text = `modwarden: 1
site: test
data: ./data
gateway:
  id: gw1
  names: [localhost, 127.0.0.1]
  listen:
    - { url: "modbus+tls://127.0.0.1:0" }
    - { url: "modbus+tcp://127.0.0.1:0", sources: { 127.0.0.1/32: hmi } }
  devices:
    - { id: device, unit: 1, at: "${formatModbusUrl(at)}?unit=1" }
policy: policy.yaml
enrolment: { listen: "https://127.0.0.1:0" }
console: { listen: "http://127.0.0.1:0" }
`;
  writeFileSync(
    join(dir, "policy.yaml"),
    `policy: 1
mode: enforce
roles: [Viewer, Operator]
rules:
  - { id: reads, permit: { roles: [Viewer, Operator] }, units: [1], allow: [{ functions: [3] }] }
`,
  );
  const notices: string[] = [];
  const ready: ReadyLine[] = [];
  const load: SiteFolder["load"] = (change = (same) => same) => {
    writeFileSync(join(dir, "site.yaml"), change(text));
    return readSite(join(dir, "site.yaml"));
  };
  return {
    dir,
    data: join(dir, "data"),
    notices,
    ready,
    load,
    start: async (change) =>
      await startSite(load(change), {
        version: "0.0.0",
        consoleDir: dir,
        onReady: (line) => ready.push(line),
        onNotice: (notice) => notices.push(notice),
      }),
    async remove() {
      await device.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
