import type { DeviceFingerprint, SubjectChange } from "@modwarden/identity";
import type { Policy } from "@modwarden/policy";
import { type Profile, readProfile } from "@modwarden/profile";
import { Bus } from "./bus.ts";
import { type Clock, systemClock } from "./clock.ts";
import type {
  LineConfiguration,
  LineLimits,
  LineSnapshot,
  ListenerConfiguration,
  TlsConfiguration,
} from "./configuration.ts";
import { ConnectionLimits } from "./connection-limits.ts";
import { type Counters, createCounters } from "./counters.ts";
import { type Grant, Grants } from "./dispatch/grants.ts";
import { LineMoment } from "./dispatch/line-moment.ts";
import { Movement } from "./dispatch/movement.ts";
import { areNeighbours } from "./dispatch/neighbours.ts";
import { Tokens } from "./dispatch/tokens.ts";
import { Endings } from "./endings.ts";
import { Journal } from "./journal.ts";
import type { LineContext, Presented } from "./line-context.ts";
import { answerValues, type DeviceStatus, deviceStatus, type ValueAnswer, type ValueQuery } from "./line-status.ts";
import { Listener } from "./listener.ts";
import { policyOf } from "./policy-of.ts";
import type { Session } from "./session.ts";
import { SlotTable } from "./slot.ts";
import { createSubjects, type Subjects } from "./subjects.ts";
import { Turns } from "./turns.ts";

/** Beside the transactions of the connections that stand there are those of connections that have gone. */
const MORE_SLOTS = 4_096;
const TICK_MS = 20;
const FLUSH_MS = 1_000;

/**
 * The line: listeners, sessions, judges and buses of one thread. It holds an immutable snapshot that control replaces;
 * there is no moment at which no policy is in force.
 */
export class Line implements LineContext {
  readonly configuration: LineConfiguration;
  readonly limits: LineLimits;
  readonly clock: Clock;
  readonly counters: Counters = createCounters();
  readonly slots: SlotTable;
  readonly journal: Journal;
  readonly endings: Endings;
  readonly grants: Grants;
  readonly tokens: Tokens;
  readonly movement: Movement = new Movement();
  readonly moment: LineMoment;
  readonly #profiles = new Map<string, Profile>();
  readonly #buses = new Map<string, Bus>();
  readonly #listeners: Listener[] = [];
  readonly #sessions = new Set<Session>();
  readonly #turns: Turns;
  #policyText: string;
  #policy: Policy;
  #subjects: Subjects;
  #epoch: number;
  #tls: TlsConfiguration | undefined;
  #tick: NodeJS.Timeout | undefined;
  #flushedMs = 0;
  /** Told when a certificate that awaits its confirmation is shown. */
  onPresented: (presented: Presented) => void = () => undefined;
  /** Told what a device is known by, each time that it was read. */
  onFingerprint: (device: string, seen: DeviceFingerprint) => void = () => undefined;

  /** Told when an approval was used up. */
  onGrantUsed: (id: string) => void = () => undefined;

  constructor(
    configuration: LineConfiguration,
    snapshot: LineSnapshot,
    rings: { readonly audit: SharedArrayBuffer; readonly feed: SharedArrayBuffer },
    clock: Clock = systemClock(),
  ) {
    this.configuration = configuration;
    this.limits = configuration.limits;
    this.#tls = configuration.tls;
    this.clock = clock;
    this.#turns = new Turns(clock, () => this.journal.wake());
    for (const { id, profile } of configuration.devices) {
      if (profile !== undefined) this.#profiles.set(id, readProfile(profile.text, profile.file));
    }
    const { connections, repliesPerConnection } = configuration.limits;
    this.slots = new SlotTable(connections * repliesPerConnection + MORE_SLOTS);
    this.#policyText = snapshot.policy.text;
    this.#policy = policyOf(snapshot.policy, this.configuration, this.#profiles);
    this.#subjects = createSubjects(snapshot.subjects);
    this.#epoch = snapshot.epoch;
    this.journal = new Journal({
      configuration,
      clock,
      counters: this.counters,
      rings,
      resume: (slot) => {
        if (slot.state === "queued") slot.bus?.recorded(slot);
        else slot.session?.ready(slot);
      },
      resumed: () => this.flushTouched(),
    });
    this.endings = new Endings(this);
    this.grants = new Grants(configuration.limits.grants);
    this.tokens = new Tokens(configuration.limits.buckets, this.counters);
    this.moment = new LineMoment(this);
    for (const device of configuration.devices) {
      this.#buses.set(device.id, new Bus(device, this.#profiles.get(device.id), this));
    }
    const buses = [...this.#buses.values()];
    for (const bus of buses) {
      bus.neighbours = buses.filter((other) => areNeighbours(bus.device, other.device));
      this.#bar(bus);
    }
    this.#follow();
  }

  get policy(): Policy {
    return this.#policy;
  }

  get subjects(): Subjects {
    return this.#subjects;
  }

  get tls(): TlsConfiguration | undefined {
    return this.#tls;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Sessions that stand. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /**
   * Opens every listener, or none; resolves with their URLs in the order of the configuration. Error: ERR_LINE_LISTEN
   */
  async open(): Promise<string[]> {
    const urls: string[] = [];
    const limits = new ConnectionLimits(this.limits);
    try {
      for (const configuration of this.configuration.listeners) {
        const listener = new Listener({
          configuration,
          tls: this.configuration.tls,
          context: this,
          limits,
          routes: this.#routes(configuration),
          admit: (session) => this.#sessions.add(session),
          presented: (presented) => this.onPresented(presented),
        });
        urls.push(await listener.open());
        this.#listeners.push(listener);
      }
    } catch (error) {
      await this.close(0);
      throw error;
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
    this.#replacePolicy(snapshot.policy);
    this.#subjects = createSubjects(snapshot.subjects);
    this.#epoch = snapshot.epoch;
    for (const bus of this.#buses.values()) {
      this.#bar(bus);
      bus.reconsider();
    }
    return this.#reconsider(() => true);
  }

  /**
   * Replaces what they may do, all of it at once: what was judged by the policy before and has not left yet is judged
   * again. Throws DocumentError, and everything is as it was.
   */
  enforce(policy: LineSnapshot["policy"], epoch: number): void {
    this.#replacePolicy(policy);
    this.#epoch = epoch;
    for (const bus of this.#buses.values()) bus.reconsider();
  }

  /** Takes a change of the registry: only whom it is about is judged again. Returns how many sessions that closed. */
  change(change: SubjectChange, epoch: number): number {
    const about = this.#subjects.change(change);
    this.#epoch = epoch;
    for (const id of about) {
      const bus = this.#buses.get(id);
      if (bus !== undefined) this.#bar(bus);
    }
    return this.#reconsider((session) => session.concerned(about));
  }

  /** Takes an approval, to be used once. False when there is no room for it. */
  grant(grant: Grant): boolean {
    if (this.grants.add(grant, Math.floor(this.clock.wallUs() / 1000))) return true;
    this.counters.refusedGrants += 1;
    return false;
  }

  /** False when there is no such approval: it was used, has expired, or never was. */
  withdraw(id: string): boolean {
    return this.grants.withdraw(id);
  }

  /** The gateway has another certificate. */
  renew(tls: TlsConfiguration): void {
    this.#tls = tls;
    for (const listener of this.#listeners) listener.renew(tls);
  }

  /** Stops accepting, gives requests under way `drainMs` to be answered, then closes everything. */
  async close(drainMs: number): Promise<void> {
    const stopped = this.#listeners.map((listener) => listener.close());
    for (const session of this.#sessions) session.drain();
    const deadline = this.clock.monotonicMs() + drainMs;
    while (this.slots.inUse > 0 && this.clock.monotonicMs() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    for (const session of [...this.#sessions]) session.close();
    for (const bus of this.#buses.values()) bus.close();
    clearInterval(this.#tick);
    this.#turns.close();
    this.journal.flush(true);
    this.journal.wake();
    await Promise.all(stopped);
  }

  devices(): DeviceStatus[] {
    const nowMs = this.clock.monotonicMs();
    return [...this.#buses.values()].map((bus) => deviceStatus(bus, nowMs));
  }

  values(query: ValueQuery): ValueAnswer {
    return answerValues(query, this.#buses.get(query.device), this.clock.monotonicMs());
  }

  connections(): number[] {
    return this.#listeners.map((listener) => listener.connections);
  }

  touch(session: Session): void {
    this.#turns.touch(session);
  }

  flushTouched(): void {
    this.#turns.flush();
  }

  defer(session: Session): void {
    this.#turns.defer(session);
  }

  crowd(session: Session): void {
    this.#turns.crowd(session);
  }

  bus(device: string): Bus | undefined {
    return this.#buses.get(device);
  }

  pumpSoon(bus: Bus): void {
    this.#turns.pump(bus);
  }

  read(device: string, seen: DeviceFingerprint): void {
    this.onFingerprint(device, seen);
  }

  grantUsed(id: string): void {
    this.grants.withdraw(id);
    this.onGrantUsed(id);
  }

  forget(session: Session): void {
    this.#sessions.delete(session);
    this.#turns.forget(session);
  }

  #bar(bus: Bus): void {
    bus.bar(this.#subjects.barOf(bus.device.id, bus.device.unit));
  }

  #replacePolicy(policy: LineSnapshot["policy"]): void {
    if (policy.text === this.#policyText) return;
    this.#policy = policyOf(policy, this.configuration, this.#profiles);
    this.#policyText = policy.text;
    this.#follow();
  }

  #follow(): void {
    this.movement.follow(this.#policy.watches, (device) => this.#buses.get(device)?.values, this.clock.monotonicMs());
  }

  #reconsider(concerned: (session: Session) => boolean): number {
    let closed = 0;
    for (const session of [...this.#sessions]) if (concerned(session) && !session.reconsider()) closed += 1;
    return closed;
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
    const wallMs = Math.floor(this.clock.wallUs() / 1000);
    for (const session of this.#sessions) session.checkTime(nowMs, wallMs);
    this.journal.tick();
    if (nowMs - this.#flushedMs > FLUSH_MS) {
      this.#flushedMs = nowMs;
      this.journal.flush(false);
    }
    this.flushTouched();
  }
}
