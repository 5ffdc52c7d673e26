import type { RingReader } from "@modwarden/audit";
import type { DeviceStatus, ValueAnswer } from "@modwarden/gateway";
import type { DeviceView, IdentityStatus, LiveEvent, LiveTransaction, SiteStatus, SiteView } from "../http/index.ts";
import type { SitePolicies } from "../policy/site-policies.ts";
import type {
  LineMessage,
  LineRequest,
  LineStart,
  LineStatus,
  RecorderMessage,
  RecorderRequest,
  RecorderStart,
  RecorderStatus,
} from "../threads/messages.ts";
import type { ThreadHandle } from "../threads/thread-handle.ts";
import type { AuditHealth } from "./audit-health.ts";
import { deviceView, valueQuery } from "./device-views.ts";
import { LiveFeed } from "./live-feed.ts";
import type { Site } from "./load.ts";

const DRAIN_MS = 100;
const REFRESH_MS = 500;

export interface LiveParts {
  readonly line: ThreadHandle<LineStart, LineRequest, LineMessage>;
  readonly recorder: ThreadHandle<RecorderStart, RecorderRequest, RecorderMessage>;
  readonly urls: readonly string[];
  readonly identity: () => IdentityStatus;
  /** How many approvals were asked for and found no room since the start. */
  readonly refusedApprovals: () => number;
}

const nobody: IdentityStatus = {
  registered: 0,
  active: 0,
  unconfirmed: 0,
  pending: 0,
  refused: 0,
  undelivered: 0,
};

/** What the console sees of a running site, kept up to date in memory by asking the threads. */
export class LiveSite implements SiteView {
  readonly #site: Site;
  readonly #policies: Pick<SitePolicies, "inForce" | "version">;
  readonly #version: string;
  readonly #startedAt = new Date().toISOString();
  readonly #feed: LiveFeed;
  readonly #health: AuditHealth;
  #parts: LiveParts | undefined;
  #line: LineStatus | undefined;
  #recorder: RecorderStatus | undefined;
  #devices: readonly DeviceView[];
  #shown = new Map<string, string>();
  #dropped = 0;
  #timers: NodeJS.Timeout[] = [];
  #refreshing = false;

  constructor(
    site: Site,
    policies: Pick<SitePolicies, "inForce" | "version">,
    version: string,
    ring: RingReader,
    health: AuditHealth,
  ) {
    this.#site = site;
    this.#health = health;
    this.#policies = policies;
    this.#version = version;
    this.#feed = new LiveFeed(ring);
    this.#devices = this.#views([], []);
  }

  start(parts: LiveParts): void {
    this.#parts = parts;
    this.#timers = [
      setInterval(() => this.#feed.drain(), DRAIN_MS),
      setInterval(() => {
        void this.#refresh();
      }, REFRESH_MS),
    ];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    this.#parts = undefined;
  }

  status(): SiteStatus {
    const { compiled } = this.#policies.inForce;
    return {
      site: this.#site.value.site,
      gateway: this.#site.value.gateway.id,
      version: this.#version,
      startedAt: this.#startedAt,
      policy: {
        version: this.#policies.version?.version ?? 0,
        hash: compiled.hash,
        mode: compiled.mode,
        roles: compiled.roles,
      },
      listeners: (this.#parts?.urls ?? []).map((url, index) => ({
        name: "gateway",
        url,
        transport: this.#site.listeners[index]?.transport ?? "tcp",
        connections: this.#line?.connections[index] ?? 0,
      })),
      counters: { ...this.#line?.counters, refusedApprovals: this.#parts?.refusedApprovals() ?? 0 },
      audit: this.#health.status(this.#recorder),
      identity: this.#parts?.identity() ?? nobody,
    };
  }

  devices(): readonly DeviceView[] {
    return this.#devices;
  }

  transactions(limit: number): readonly LiveTransaction[] {
    return this.#feed.transactions(limit);
  }

  subscribe(listener: (event: LiveEvent) => void): () => void {
    return this.#feed.subscribe(listener);
  }

  /** Asks the threads and passes on what has changed. One round at a time: a slow thread is not asked twice. */
  async #refresh(): Promise<void> {
    const parts = this.#parts;
    if (parts === undefined || this.#refreshing) return;
    this.#refreshing = true;
    try {
      await this.#health.look(performance.now());
      const [status, values, recorder] = await Promise.all([
        parts.line.ask({ kind: "status" }),
        parts.line.ask({
          kind: "values",
          queries: [...this.#site.profiles].map(([id, profile]) => valueQuery(id, profile)),
        }),
        parts.recorder.ask({ kind: "status" }),
      ]);
      if (status.kind === "status") this.#line = status.status;
      if (recorder.kind === "status") this.#recorder = recorder.status;
      if (values.kind === "values") this.#devices = this.#views(this.#line?.devices ?? [], values.answers);
      this.#emitChanges();
    } catch {
      // The thread has ended: the site stops and says why; there is nothing newer to show.
    } finally {
      this.#refreshing = false;
    }
  }

  #emitChanges(): void {
    if (!this.#feed.watched) return;
    const changed = this.#devices.filter((device) => {
      const text = JSON.stringify(device);
      const same = this.#shown.get(device.id) === text;
      this.#shown.set(device.id, text);
      return !same;
    });
    if (changed.length > 0) this.#feed.emit({ kind: "devices", devices: changed });
    const dropped = this.#line?.counters.feedDropped ?? 0;
    if (dropped > this.#dropped) this.#feed.emit({ kind: "dropped", count: dropped - this.#dropped });
    this.#dropped = dropped;
    this.#feed.emit({ kind: "status", status: this.status() });
  }

  #views(statuses: readonly DeviceStatus[], answers: readonly ValueAnswer[]): readonly DeviceView[] {
    return this.#site.devices.map((device) =>
      deviceView(
        device,
        this.#site.profiles.get(device.id),
        statuses.find(({ id }) => id === device.id),
        answers.find((answer) => answer.device === device.id),
      ),
    );
  }
}
