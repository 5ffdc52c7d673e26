/**
 * What the gateway costs: the same reads straight from a device and through the line, by raw clients, in one run.
 * Run: node --conditions=@modwarden/source bench/gateway.ts
 * Device and line are threads of their own, the clients are the main thread; all of them share this machine's cores.
 */
import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { createRing, RingReader } from "@modwarden/audit";
import { defaultLimits, Line, type LineConfiguration, type LineSnapshot } from "@modwarden/gateway";
import { parseModbusUrl } from "@modwarden/modbus";

const SECONDS = 3;
const WARM_UP_MS = 700;
/** Ten holding registers of unit 1 at address 0. */
const REQUEST: Buffer = Buffer.from("000000000006" + "01" + "03" + "0000" + "000a", "hex");
const REPLY_BYTES = 9 + 20;

interface LineStart {
  readonly role: "line";
  readonly configuration: LineConfiguration;
  readonly snapshot: LineSnapshot;
  readonly rings: { readonly audit: SharedArrayBuffer; readonly feed: SharedArrayBuffer };
}

type Start = { readonly role: "device" } | LineStart;

/** A device that does nothing but answer: every request of 12 bytes with ten registers. */
async function runDevice(): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    let carry: Buffer = Buffer.alloc(0);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      const count = Math.floor(bytes.length / REQUEST.length);
      carry = Buffer.from(bytes.subarray(count * REQUEST.length));
      const out = Buffer.alloc(count * REPLY_BYTES);
      for (let index = 0; index < count; index += 1) {
        const at = index * REPLY_BYTES;
        bytes.copy(out, at, index * REQUEST.length, index * REQUEST.length + 8);
        out.writeUInt16BE(REPLY_BYTES - 6, at + 4);
        out[at + 8] = 20;
      }
      socket.write(out);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

async function runThread(start: Start): Promise<void> {
  const port = parentPort;
  if (port === null) return;
  if (start.role === "device") {
    port.postMessage(await runDevice());
    return;
  }
  const line = new Line(start.configuration, start.snapshot, start.rings);
  const [url = ""] = await line.open();
  port.on("message", () => {
    const { user, system } = process.threadCpuUsage();
    port.postMessage(user + system);
  });
  port.postMessage(parseModbusUrl(url).port);
}

async function startThread(start: Start): Promise<{ readonly worker: Worker; readonly port: number }> {
  const worker = new Worker(new URL(import.meta.url), { workerData: start, execArgv: process.execArgv });
  const [port] = (await once(worker, "message")) as [number];
  return { worker, port };
}

/** Microseconds of processor time that the thread has used so far. */
async function cpuOf(worker: Worker): Promise<number> {
  worker.postMessage("cpu");
  const [used] = (await once(worker, "message")) as [number];
  return used;
}

class Client {
  readonly #socket: Socket;
  readonly #sentMs: number[] = [];
  readonly #latenciesMs: number[];
  #received = 0;
  answered = 0;

  constructor(socket: Socket, latenciesMs: number[]) {
    this.#socket = socket;
    this.#latenciesMs = latenciesMs;
    socket.on("data", (chunk) => this.#receive(chunk.length));
  }

  send(count: number): void {
    const nowMs = performance.now();
    for (let index = 0; index < count; index += 1) this.#sentMs.push(nowMs);
    this.#socket.write(count === 1 ? REQUEST : Buffer.concat(Array<Buffer>(count).fill(REQUEST)));
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(bytes: number): void {
    this.#received += bytes;
    const count = Math.floor(this.#received / REPLY_BYTES);
    this.#received -= count * REPLY_BYTES;
    const nowMs = performance.now();
    for (const sentMs of this.#sentMs.splice(0, count)) this.#latenciesMs.push(nowMs - sentMs);
    this.answered += count;
    if (count > 0) this.send(count);
  }
}

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuUs: number | undefined;
}

async function measure(port: number, clients: number, depth: number, line?: Worker): Promise<Measured> {
  const latenciesMs: number[] = [];
  const list: Client[] = [];
  for (let index = 0; index < clients; index += 1) {
    const socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
    await once(socket, "connect");
    list.push(new Client(socket, latenciesMs));
  }
  for (const client of list) client.send(depth);
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  const answered = (): number => list.reduce((sum, client) => sum + client.answered, 0);
  const cpuBefore = line === undefined ? 0 : await cpuOf(line);
  latenciesMs.length = 0;
  const before = answered();
  const startMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
  const count = answered() - before;
  const seconds = (performance.now() - startMs) / 1000;
  const cpuUs = line === undefined ? undefined : ((await cpuOf(line)) - cpuBefore) / count;
  for (const client of list) client.close();
  latenciesMs.sort((left, right) => left - right);
  const at = (share: number): number => latenciesMs[Math.floor((latenciesMs.length - 1) * share)] ?? Number.NaN;
  return { perSecond: count / seconds, p50: at(0.5), p99: at(0.99), cpuUs };
}

function configurationFor(devicePort: number): LineConfiguration {
  return {
    site: "bench",
    gateway: "gw1",
    listeners: [
      {
        url: "modbus+tcp://127.0.0.1:0",
        transport: "tcp",
        host: "127.0.0.1",
        port: 0,
        sources: [{ network: "127.0.0.1/32", subject: "hmi" }],
        devices: ["device"],
      },
    ],
    devices: [
      { id: "device", unit: 1, host: "127.0.0.1", port: devicePort, deviceUnit: 1, outstanding: 16, timeoutMs: 1_000 },
    ],
    audit: { reads: "rollup", writeAhead: false, onFailure: { write: "refuse", read: "forward" } },
    limits: { ...defaultLimits, queuePerDevice: 1_024 },
  };
}

const policy = `
policy: 1
mode: enforce
roles: [Viewer]
rules:
  - { id: reads, permit: { roles: [Viewer] }, units: [1], allow: [{ functions: [3], addresses: [0-999] }] }
`;

async function main(): Promise<void> {
  const rings = { audit: createRing(8 << 20), feed: createRing(4 << 20) };
  const device = await startThread({ role: "device" });
  const line = await startThread({
    role: "line",
    configuration: configurationFor(device.port),
    snapshot: {
      epoch: 1,
      subjects: [
        { id: "hmi", kind: "client", role: "Viewer", state: "active" },
        { id: "device", kind: "device", role: null, state: "active" },
      ],
      policy: { text: policy, file: "policy.yaml" },
    },
    rings,
  });
  const readers = [new RingReader(rings.audit), new RingReader(rings.feed)];
  const drain = setInterval(() => {
    for (const reader of readers) {
      reader.drain(() => undefined, 100_000);
      reader.publishDurable(reader.drained);
    }
  }, 20);
  process.stdout.write("clients depth     direct/s   gateway/s   added p50 ms   added p99 ms   line cpu us\n");
  for (const [clients, depth] of [
    [1, 1],
    [1, 16],
    [16, 1],
    [16, 16],
  ] as const) {
    const direct = await measure(device.port, clients, depth);
    const through = await measure(line.port, clients, depth, line.worker);
    const columns: readonly (readonly [number, string])[] = [
      [7, String(clients)],
      [5, String(depth)],
      [12, direct.perSecond.toFixed(0)],
      [11, through.perSecond.toFixed(0)],
      [14, (through.p50 - direct.p50).toFixed(3)],
      [14, (through.p99 - direct.p99).toFixed(3)],
      [13, through.cpuUs?.toFixed(1) ?? "-"],
    ];
    process.stdout.write(`${columns.map(([width, text]) => text.padStart(width)).join(" ")}\n`);
  }
  clearInterval(drain);
  await Promise.all([line.worker.terminate(), device.worker.terminate()]);
}

await (isMainThread ? main() : runThread(workerData as Start));
