import { createConnection, type Socket } from "node:net";
import { createRing, RingReader } from "@modwarden/audit";
import {
  createMemoryHandler,
  createServer,
  type Handler,
  type HandlerFunction,
  parseModbusUrl,
  ServerException,
} from "@modwarden/modbus";
import { type Request, toHex } from "@modwarden/protocol";
import { type DeviceConfiguration, defaultLimits, type LineConfiguration, type LineLimits } from "../configuration.ts";
import { Line } from "../line.ts";

export interface RigRecord {
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** A line in front of a device that remembers everything it was asked, with its records at hand. */
export interface Rig {
  readonly line: Line;
  readonly port: number;
  /** Every request that reached the device, in order. */
  readonly reached: readonly Request[];
  readonly records: readonly RigRecord[];
  /** While false, records stay not durable: who waits for them waits. */
  durable: boolean;
  open(localAddress?: string): Promise<TestClient>;
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly policy?: string;
  readonly role?: string;
  readonly limits?: Partial<LineLimits>;
  readonly device?: Partial<DeviceConfiguration>;
  readonly handler?: Handler;
  readonly reads?: "rollup" | "each";
  readonly subjects?: ConstructorParameters<typeof Line>[1]["subjects"];
}

export const readOnly = `
policy: 1
mode: enforce
roles: [Viewer, Operator]
rules:
  - id: reads
    permit: { roles: [Viewer, Operator] }
    units: [1-247]
    allow: [ { functions: [1, 2, 3, 4, 43/14] } ]
  - id: writes
    permit: { roles: [Operator] }
    units: [1-247]
    allow: [ { functions: [5, 6, 15, 16, 22, 23] } ]
    when: { transports: [tcp] }
`;

export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const reached: Request[] = [];
  const handler = options.handler ?? createMemoryHandler();
  const device = createServer((request, context) => {
    reached.push(request);
    if (typeof handler === "function") return handler(request, context);
    const method = handler[request.kind] as HandlerFunction | undefined;
    if (method === undefined) throw new ServerException(1);
    return method(request, context);
  });
  const at = await device.listen("modbus+tcp://127.0.0.1:0");
  const rings = { audit: createRing(1 << 20), feed: createRing(1 << 16) };
  const configuration: LineConfiguration = {
    site: "test",
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
      {
        id: "device",
        unit: 1,
        host: "127.0.0.1",
        port: at.port,
        deviceUnit: 9,
        outstanding: 1,
        timeoutMs: 500,
        ...options.device,
      },
    ],
    audit: { reads: options.reads ?? "each", writeAhead: false, onFailure: { write: "refuse", read: "forward" } },
    limits: { ...defaultLimits, ...options.limits },
  };
  const subjects = options.subjects ?? [{ id: "hmi", kind: "client", role: options.role ?? "Viewer", state: "active" }];
  const snapshot = { epoch: 1, subjects, policy: { text: options.policy ?? readOnly, file: "policy.yaml" } };
  const line = new Line(configuration, snapshot, rings);
  const [url = ""] = await line.open();
  const port = parseModbusUrl(url).port;
  const records: RigRecord[] = [];
  const reader = new RingReader(rings.audit);
  const clients: Socket[] = [];
  const rig = { durable: true };
  const drain = (): void => {
    reader.drain((bytes) => records.push(JSON.parse(`{${Buffer.from(bytes).toString("utf8")}`) as RigRecord), 10_000);
    if (rig.durable) reader.publishDurable(reader.drained);
  };
  const pump = setInterval(drain, 1);
  return {
    line,
    port,
    reached,
    records,
    get durable() {
      return rig.durable;
    },
    set durable(value) {
      rig.durable = value;
    },
    async open(localAddress = "127.0.0.1") {
      const client = await TestClient.open(port, localAddress);
      clients.push(client.socket);
      return client;
    },
    async stop() {
      for (const socket of clients) socket.destroy();
      await line.close(0);
      clearInterval(pump);
      drain();
      await device.close();
    },
  };
}

/** A raw socket: what goes in and comes out is bytes, so that it can do what no library would. */
export class TestClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.closed = true;
      this.#wake();
    });
  }

  static async open(port: number, localAddress: string): Promise<TestClient> {
    const socket = createConnection({ host: "127.0.0.1", port, localAddress, noDelay: true });
    const client = new TestClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** The next reply as hex of its whole ADU; rejects when the connection ends first or nothing comes. */
  async reply(withinMs = 4_000): Promise<string> {
    const complete = (): boolean =>
      this.#received.length >= 6 && this.#received.length >= 6 + this.#received.readUInt16BE(4);
    await this.#until(() => complete() || this.closed, withinMs);
    if (!complete()) throw new Error(`the connection ended with ${this.#received.length} bytes of a reply`);
    const end = 6 + this.#received.readUInt16BE(4);
    const adu = this.#received.subarray(0, end);
    this.#received = this.#received.subarray(end);
    return toHex(adu);
  }

  async end(withinMs = 4_000): Promise<void> {
    await this.#until(() => this.closed, withinMs);
  }

  get unread(): number {
    return this.#received.length;
  }

  async #until(done: () => boolean, withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!done()) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Error(`nothing came within ${withinMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** MBAP header and PDU from hex: `adu(1, 1, "03 0000 0002")`. */
export function adu(transaction: number, unit: number, pdu: string): Buffer {
  const bytes = Buffer.from(pdu.replaceAll(" ", ""), "hex");
  const header = Buffer.alloc(7);
  header.writeUInt16BE(transaction, 0);
  header.writeUInt16BE(bytes.length + 1, 4);
  header.writeUInt8(unit, 6);
  return Buffer.concat([header, bytes]);
}
