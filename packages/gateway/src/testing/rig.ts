import type { Socket } from "node:net";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { createRing, RingReader, type RingState } from "@modwarden/audit";
import type { SubjectChange } from "@modwarden/identity";
import {
  createMemoryHandler,
  createServer,
  type HandlerFunction,
  type HandlerMethods,
  parseModbusUrl,
  ServerException,
} from "@modwarden/modbus";
import type { Request } from "@modwarden/protocol";
import { type Clock, systemClock } from "../clock.ts";
import {
  type AuditConfiguration,
  type DeviceConfiguration,
  defaultLimits,
  type LineConfiguration,
  type LineLimits,
  type LineSnapshot,
  type ListenerConfiguration,
  type TlsConfiguration,
} from "../configuration.ts";
import { Line } from "../line.ts";
import { TestClient } from "./client.ts";

export { adu, TestClient } from "./client.ts";

export interface RigRecord {
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** A line in front of a device that remembers everything it was asked, with its records at hand. */
export interface Rig {
  readonly line: Line;
  /** Of the plain listener. */
  readonly port: number;
  /** Of the TLS listener, or of the other one where there is none. */
  readonly tlsPort: number;
  /** Every request that reached the device, in order. */
  readonly reached: readonly Request[];
  readonly records: readonly RigRecord[];
  /** While false, records stay not durable: who waits for them waits. */
  durable: boolean;
  /** While false, nobody takes records out of the ring. */
  draining: boolean;
  /** What the recorder says about itself. */
  recorder(state: RingState): void;
  /** Lets so much time pass on the line's clock. */
  pass(ms: number): void;
  open(localAddress?: string): Promise<TestClient>;
  openTls(options: ConnectionOptions): Promise<TestClient<TLSSocket>>;
  /** Puts other subjects or another policy in force; returns how many sessions that closed. */
  apply(change: Partial<Omit<LineSnapshot, "epoch">>): number;
  /** What has changed in the registry; returns how many sessions that closed. */
  change(change: SubjectChange): number;
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly policy?: string;
  readonly role?: string;
  readonly limits?: Partial<LineLimits>;
  readonly device?: Partial<DeviceConfiguration>;
  readonly moreDevices?: readonly DeviceConfiguration[];
  readonly handler?: HandlerFunction | HandlerMethods;
  readonly audit?: Partial<AuditConfiguration>;
  readonly subjects?: LineSnapshot["subjects"];
  /** Devices that `subjects` says everything of. */
  readonly skipRegistering?: readonly string[];
  readonly tls?: TlsConfiguration;
  /** Another plain listener. */
  readonly moreListeners?: readonly Partial<ListenerConfiguration>[];
  readonly ringBytes?: number;
}

const readOnly = `
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
    when: { transports: [tcp, tls] }
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
  const rings = { audit: createRing(options.ringBytes ?? 1 << 20), feed: createRing(1 << 16) };
  const devices: DeviceConfiguration[] = [
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
    ...(options.moreDevices ?? []),
  ];
  const listener = (transport: "tcp" | "tls"): ListenerConfiguration => ({
    url: `modbus+${transport}://127.0.0.1:0`,
    transport,
    host: "127.0.0.1",
    port: 0,
    sources: transport === "tcp" ? [{ network: "127.0.0.1/32", subject: "hmi" }] : [],
    devices: devices.map(({ id }) => id),
  });
  const configuration: LineConfiguration = {
    site: "test",
    gateway: "gw1",
    listeners: [
      listener("tcp"),
      ...(options.tls === undefined ? [] : [listener("tls")]),
      ...(options.moreListeners ?? []).map((more) => ({ ...listener("tcp"), ...more })),
    ],
    devices,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    audit: {
      reads: "each",
      writeAhead: false,
      onFailure: { write: "refuse", read: "forward" },
      ...options.audit,
    },
    limits: { ...defaultLimits, ...options.limits },
  };
  const registered: LineSnapshot["subjects"] = devices
    .filter(({ id }) => options.skipRegistering?.includes(id) !== true)
    .map(({ id }) => ({ id, kind: "device", role: null, state: "active" }));
  let snapshot: LineSnapshot = {
    epoch: 1,
    subjects: [
      ...registered,
      ...(options.subjects ?? [
        { id: "hmi", kind: "client" as const, role: options.role ?? "Viewer", state: "active" as const },
      ]),
    ],
    policy: { text: options.policy ?? readOnly, file: "policy.yaml" },
  };
  const system = systemClock();
  let passedMs = 0;
  const clock: Clock = {
    wallUs: () => system.wallUs() + passedMs * 1_000,
    monotonicMs: () => system.monotonicMs() + passedMs,
  };
  const line = new Line(configuration, snapshot, rings, clock);
  const [port = 0, tlsPort = 0] = await line.open().then(
    (urls) => urls.map((url) => parseModbusUrl(url).port),
    async (error: unknown) => {
      await device.close();
      throw error;
    },
  );
  const records: RigRecord[] = [];
  const reader = new RingReader(rings.audit);
  const clients: Socket[] = [];
  const rig = { durable: true, draining: true };
  const drain = (): void => {
    if (!rig.draining) return;
    reader.drain((bytes) => records.push(JSON.parse(`{${Buffer.from(bytes).toString("utf8")}`) as RigRecord), 10_000);
    if (rig.durable) reader.publishDurable(reader.drained);
  };
  const pump = setInterval(drain, 1);
  return {
    line,
    port,
    tlsPort,
    reached,
    records,
    get durable() {
      return rig.durable;
    },
    set durable(value) {
      rig.durable = value;
    },
    get draining() {
      return rig.draining;
    },
    set draining(value) {
      rig.draining = value;
    },
    recorder: (state) => reader.publishState(state),
    pass(ms) {
      passedMs += ms;
    },
    async open(localAddress) {
      const client = await TestClient.open(port, localAddress);
      clients.push(client.socket);
      return client;
    },
    async openTls(tlsOptions) {
      const client = await TestClient.openTls(tlsPort, tlsOptions);
      clients.push(client.socket);
      return client;
    },
    apply({ subjects, policy }) {
      snapshot = {
        epoch: snapshot.epoch + 1,
        subjects: subjects === undefined ? snapshot.subjects : [...registered, ...subjects],
        policy: policy ?? snapshot.policy,
      };
      return line.apply(snapshot);
    },
    change(change) {
      snapshot = { ...snapshot, epoch: snapshot.epoch + 1 };
      return line.change(change, snapshot.epoch);
    },
    async stop() {
      for (const socket of clients) socket.destroy();
      await line.close(0);
      clearInterval(pump);
      rig.draining = true;
      drain();
      await device.close();
    },
  };
}
