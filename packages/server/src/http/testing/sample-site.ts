/** A site small enough for a test: it keeps the ring and tells its subscribers, as a running site does. */
import type { Transaction } from "@modwarden/access";
import type { DeviceView, LiveEvent, LiveTransaction, PointView, SiteStatus, SiteView } from "../site-view.ts";
import { sampleDevices } from "./sample-devices.ts";
import { sampleTransaction } from "./sample-transactions.ts";

const RING = 1000;

const auditHealth = {
  state: "working",
  checkpoint: { size: 0, t: "2026-11-21T09:14:03.120771Z" },
  segments: 1,
  bytes: 2_048,
  oldest: { seq: 0, t: "2026-11-21T09:14:03.120771Z" },
  freeBytes: 16e9,
  witnesses: [],
} as const;

export class SampleSite implements SiteView {
  readonly #now: () => number;
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  #ring: LiveTransaction[] = [];
  #devices: readonly DeviceView[] = sampleDevices();
  #counters = { permitted: 0, refused: 0 };
  #recorded = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Open subscriptions. */
  get subscribers(): number {
    return this.#listeners.size;
  }

  status(): SiteStatus {
    return {
      site: "demo",
      gateway: "gw1",
      version: "0.1.0",
      startedAt: "2026-11-21T09:14:03.120Z",
      policy: { version: 7, hash: "3f9a61c07be24d18", mode: "enforce", roles: ["Viewer", "Operator", "Engineer"] },
      listeners: [
        { name: "tls", url: "modbus+tls://127.0.0.1:1802", transport: "tls", connections: 3 },
        { name: "plain", url: "modbus+tcp://127.0.0.1:1502", transport: "tcp", connections: 1 },
      ],
      counters: { ...this.#counters },
      audit: { records: this.#recorded, checkpointed: Math.max(0, this.#recorded - 3), failed: false, ...auditHealth },
      identity: { registered: 3, active: 2, unconfirmed: 1, pending: 0, refused: 0, undelivered: 0 },
    };
  }

  devices(): readonly DeviceView[] {
    return this.#devices;
  }

  transactions(limit: number): readonly LiveTransaction[] {
    return this.#ring.slice(-limit);
  }

  subscribe(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Records the next `count` generated transactions as one batch. */
  run(count: number): void {
    this.record(...Array.from({ length: count }, (_, index) => sampleTransaction(this.#recorded + index)));
  }

  record(...transactions: readonly Transaction[]): void {
    const t = new Date(this.#now()).toISOString();
    const live = transactions.map((transaction) => ({ number: this.#recorded++, t, ...transaction }));
    for (const { decision } of live) this.#counters[decision.permit ? "permitted" : "refused"] += 1;
    this.#ring = [...this.#ring, ...live].slice(-RING);
    this.#tell({ kind: "transactions", transactions: live });
  }

  changePoint(device: string, id: string, change: Partial<PointView>): void {
    this.#devices = this.#devices.map((view) =>
      view.id === device
        ? { ...view, points: view.points.map((point) => (point.id === id ? { ...point, ...change } : point)) }
        : view,
    );
    this.#tell({ kind: "devices", devices: this.#devices.filter((view) => view.id === device) });
  }

  /** Says that so many transactions were not passed on. */
  drop(count: number): void {
    this.#tell({ kind: "dropped", count });
  }

  tellStatus(): void {
    this.#tell({ kind: "status", status: this.status() });
  }

  #tell(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
