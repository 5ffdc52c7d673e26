import type { Table } from "@modwarden/access";
import { compilePolicy, type Policy, readPolicy } from "@modwarden/policy";
import { type Profile, readProfile } from "@modwarden/profile";
import { Bus, type BusState } from "./bus.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { LineConfiguration, LineLimits, LineSnapshot, ListenerConfiguration } from "./configuration.ts";
import { type Counters, createCounters } from "./counters.ts";
import { sha256 } from "./hash.ts";
import { Journal } from "./journal.ts";
import type { LineContext } from "./line-context.ts";
import { Listener } from "./listener.ts";
import type { Session } from "./session.ts";
import { SlotTable } from "./slot.ts";
import { createSubjects, type Subjects } from "./subjects.ts";

const SLOTS = 16_384;
const TICK_MS = 20;
const FLUSH_MS = 1_000;

/** What a device looks like from the line: for status and the console. */
export interface DeviceStatus {
  readonly id: string;
  readonly state: BusState;
  readonly silent: number;
  readonly lastAnswerAgeMs: number | null;
  readonly queued: number;
  readonly inFlight: number;
}

/** Registers asked for, and what the line last saw of them: `ages` in milliseconds, -1 for never. */
export interface ValueQuery {
  readonly device: string;
  readonly ranges: readonly { readonly table: Table; readonly address: number; readonly quantity: number }[];
}
export interface ValueAnswer {
  readonly device: string;
  readonly values: readonly {
    readonly table: Table;
    readonly address: number;
    readonly value: number;
    readonly ageMs: number;
  }[];
}

/**
 * The line: listeners, sessions, judges and buses of one thread. It holds an immutable snapshot that control replaces;
 * there is no moment at which no policy is in force.
 */
export class Line implements LineContext {
  readonly configuration: LineConfiguration;
  readonly limits: LineLimits;
  readonly clock: Clock;
  readonly counters: Counters = createCounters();
  readonly slots: SlotTable = new SlotTable(SLOTS);
  readonly journal: Journal;
  readonly #profiles = new Map<string, Profile>();
  readonly #buses = new Map<string, Bus>();
  readonly #listeners: Listener[] = [];
  readonly #sessions = new Set<Session>();
  readonly #touched = new Set<Session>();
  #policy: Policy;
  #subjects: Subjects;
  #epoch: number;
  #tick: NodeJS.Timeout | undefined;
  #flushedMs = 0;

  constructor(
    configuration: LineConfiguration,
    snapshot: LineSnapshot,
    rings: { readonly audit: SharedArrayBuffer; readonly feed: SharedArrayBuffer },
    clock: Clock = systemClock(),
  ) {
    this.configuration = configuration;
    this.limits = configuration.limits;
    this.clock = clock;
    for (const { id, profile } of configuration.devices) {
      if (profile !== undefined) this.#profiles.set(id, readProfile(profile.text, profile.file));
    }
    this.#policy = this.#compile(snapshot);
    this.#subjects = createSubjects(snapshot.subjects);
    this.#epoch = snapshot.epoch;
    this.journal = new Journal({
      configuration,
      clock,
      counters: this.counters,
      rings,
      resume: (slot) => {
        if (slot.state === "waiting-to-reply") slot.session?.ready(slot);
      },
      resumed: () => this.flushTouched(),
    });
    for (const device of configuration.devices) {
      this.#buses.set(device.id, new Bus(device, this.#profiles.get(device.id), this));
    }
  }

  get policy(): Policy {
    return this.#policy;
  }

  get subjects(): Subjects {
    return this.#subjects;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Opens every listener; resolves with their URLs in the order of the configuration. */
  async open(): Promise<string[]> {
    const urls: string[] = [];
    for (const configuration of this.configuration.listeners) {
      const listener = new Listener({
        configuration,
        tls: this.configuration.tls,
        context: this,
        routes: this.#routes(configuration),
        admit: (session) => this.#sessions.add(session),
      });
      urls.push(await listener.open());
      this.#listeners.push(listener);
    }
    this.#flushedMs = this.clock.monotonicMs();
    this.#tick = setInterval(() => this.#onTick(), TICK_MS);
    return urls;
  }

  /**
   * Replaces who is registered and what they may do, and judges every open session by it at once.
   * Returns how many sessions that closed.
   */
  apply(snapshot: LineSnapshot): number {
    const policy = this.#compile(snapshot);
    this.#policy = policy;
    this.#subjects = createSubjects(snapshot.subjects);
    this.#epoch = snapshot.epoch;
    let closed = 0;
    for (const session of [...this.#sessions]) if (!session.reconsider()) closed += 1;
    return closed;
  }

  /** Stops accepting, gives requests under way `drainMs` to be answered, then closes everything. */
  async close(drainMs: number): Promise<void> {
    const stopped = this.#listeners.map((listener) => listener.close());
    const deadline = this.clock.monotonicMs() + drainMs;
    while (this.slots.inUse > 0 && this.clock.monotonicMs() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    for (const session of [...this.#sessions]) session.close();
    for (const bus of this.#buses.values()) bus.close();
    clearInterval(this.#tick);
    this.journal.flush(true);
    await Promise.all(stopped);
  }

  devices(): DeviceStatus[] {
    const nowMs = this.clock.monotonicMs();
    return [...this.#buses.values()].map((bus) => ({
      id: bus.device.id,
      state: bus.state,
      silent: bus.silent,
      lastAnswerAgeMs: bus.lastAnswerMs === 0 ? null : Math.round(nowMs - bus.lastAnswerMs),
      queued: bus.queued,
      inFlight: bus.inFlight,
    }));
  }

  values(query: ValueQuery): ValueAnswer {
    const bus = this.#buses.get(query.device);
    const nowMs = this.clock.monotonicMs();
    const values: ValueAnswer["values"][number][] = [];
    if (bus !== undefined) {
      for (const { table, address, quantity } of query.ranges) {
        for (let at = address; at < address + quantity; at += 1) {
          const value = bus.values.get(table, at);
          const seenMs = bus.values.seenMs(table, at);
          if (value === undefined || seenMs === undefined) continue;
          values.push({ table, address: at, value, ageMs: Math.round(nowMs - seenMs) });
        }
      }
    }
    return { device: query.device, values };
  }

  connections(): number[] {
    return this.#listeners.map((listener) => listener.connections);
  }

  touch(session: Session): void {
    this.#touched.add(session);
  }

  flushTouched(): void {
    for (const session of this.#touched) session.flush();
    this.#touched.clear();
  }

  forget(session: Session): void {
    this.#sessions.delete(session);
    this.#touched.delete(session);
  }

  #compile(snapshot: LineSnapshot): Policy {
    const document = readPolicy(snapshot.policy.text, snapshot.policy.file);
    const devices = this.configuration.devices.map(({ id, unit }) => {
      const profile = this.#profiles.get(id);
      return { id, unit, ...(profile === undefined ? {} : { profile }) };
    });
    return compilePolicy(document, devices, { sha256 });
  }

  #routes(configuration: ListenerConfiguration): ReadonlyMap<number, Bus> {
    const routes = new Map<number, Bus>();
    for (const id of configuration.devices) {
      const bus = this.#buses.get(id);
      if (bus !== undefined) routes.set(bus.device.unit, bus);
    }
    return routes;
  }

  #onTick(): void {
    const nowMs = this.clock.monotonicMs();
    for (const bus of this.#buses.values()) bus.checkTime(nowMs);
    for (const session of this.#sessions) session.checkTime(nowMs);
    this.journal.tick();
    if (nowMs - this.#flushedMs > FLUSH_MS) {
      this.#flushedMs = nowMs;
      this.journal.flush(false);
    }
    this.flushTouched();
  }
}
