/** A line, a recorder over a faulty disk and a device, each in its place, and a client in front of them. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { createRing, readRecords, verifyLog } from "@modwarden/audit";
import { type AuditConfiguration, defaultLimits } from "@modwarden/gateway";
import { type Client, connect, createMemoryHandler, createServer, type ModbusServer } from "@modwarden/modbus";
import { type Fault, faults, type RecorderJob } from "./fault.ts";
import type { LineJob } from "./line.ts";

export interface FaultyRig {
  readonly client: Client;
  /** A connection beside it: what one waits for does not keep the other. */
  readonly other: Client;
  /** Values that reached the device, in the order in which they did. */
  readonly written: readonly number[];
  fail(fault: Fault): void;
  /** Stops everything; the records of the log then, taken up once more by a recorder whose disk works. */
  stop(): Promise<{ readonly records: readonly Record<string, unknown>[]; readonly verified: boolean }>;
}

const policy = `
policy: 1
mode: enforce
roles: [Operator]
rules:
  - { id: reads, permit: { roles: [Operator] }, units: [1], allow: [{ functions: [3] }] }
  - id: writes
    permit: { roles: [Operator] }
    units: [1]
    allow: [{ functions: [6], addresses: [0-9] }]
    when: { transports: [tcp] }
`;

export async function startFaultyRig(audit: Partial<AuditConfiguration> = {}): Promise<FaultyRig> {
  const folder = mkdtempSync(join(tmpdir(), "modwarden-faults-"));
  const dir = join(folder, "audit");
  const written: number[] = [];
  const memory = createMemoryHandler();
  const device: ModbusServer = createServer((request, context) => {
    if (request.kind === "write-single-register") written.push(request.value);
    const answer = memory[request.kind as "read-holding-registers"];
    if (answer === undefined) throw new Error(`the device was asked for ${request.kind}`);
    return answer(request as never, context);
  });
  const { port } = await device.listen("modbus+tcp://127.0.0.1:0");
  const ring = createRing(1 << 20);
  const fault = new SharedArrayBuffer(4);
  const recorder = await thread("recorder.ts", { dir, ring, fault } satisfies RecorderJob);
  const line = await thread("line.ts", jobOf(port, ring, audit));
  const client = await connect(line.said, { unit: 1, timeoutMs: 10_000 });
  const other = await connect(line.said, { unit: 1, timeoutMs: 10_000 });
  return {
    client,
    other,
    written,
    fail: (name) => {
      Atomics.store(new Int32Array(fault), 0, faults.indexOf(name));
    },
    async stop() {
      await client.close();
      await other.close();
      await line.end();
      await recorder.end();
      await device.close();
      const again = await thread("recorder.ts", {
        dir,
        ring: createRing(4096),
        fault: new SharedArrayBuffer(4),
      } satisfies RecorderJob);
      await again.end();
      const records = [...readRecords(dir)] as unknown as Record<string, unknown>[];
      const verified = verifyLog({ dir }).ok;
      rmSync(folder, { recursive: true });
      return { records, verified };
    },
  };
}

async function thread(file: string, workerData: RecorderJob | LineJob) {
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData,
    execArgv: ["--conditions=@modwarden/source"],
  });
  const [said] = (await once(worker, "message")) as [string];
  const end = async (): Promise<void> => {
    const exited = once(worker, "exit");
    worker.postMessage("stop");
    await exited;
  };
  return { said, end };
}

function jobOf(port: number, audit: SharedArrayBuffer, more: Partial<AuditConfiguration>): LineJob {
  const url = "modbus+tcp://127.0.0.1:0";
  const at = { unit: 1, host: "127.0.0.1", port, deviceUnit: 1, outstanding: 1, timeoutMs: 5_000 };
  return {
    configuration: {
      ...{ site: "faulty", gateway: "gw1" },
      listeners: [
        {
          ...{ url, transport: "tcp", host: "127.0.0.1", port: 0, devices: ["device"] },
          sources: [{ network: "127.0.0.1/32", subject: "hmi" }],
        },
      ],
      devices: [{ id: "device", ...at }],
      audit: { reads: "rollup", writeAhead: false, onFailure: { write: "refuse", read: "forward" }, ...more },
      limits: defaultLimits,
    },
    snapshot: {
      epoch: 1,
      subjects: [
        { id: "hmi", kind: "client", role: "Operator", state: "active" },
        { id: "device", kind: "device", role: null, state: "active" },
      ],
      policy: { text: policy, file: "policy.yaml" },
    },
    rings: { audit, feed: createRing(1 << 16) },
  };
}
