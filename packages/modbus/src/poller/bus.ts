import { ModbusError } from "@modwarden/protocol";
import { ask, meaningOf, type PollClient, type Words } from "./ask.ts";
import { type BackOff, UnitState } from "./back-off.ts";
import type { PollClock } from "./clock.ts";
import { Group, type GroupKey, type ReadBlock } from "./group.ts";
import type { Item } from "./item.ts";
import { nextTurn } from "./turn.ts";

/** The longest time that a timer of Node.js takes. */
const maxTimerMs = 2 ** 31 - 1;

/** What has happened since the poller was made. */
export interface PollCounters {
  /** Reads sent. */
  requests: number;
  /** Reads that failed, for whatever reason. */
  failures: number;
  /** Turns that were left out because the bus had not come round in time. */
  skipped: number;
  /** Readings that a listener had not taken when a newer one of the same point came. */
  superseded: number;
}

/** What all buses of a poller share. */
export interface BusOwner {
  readonly clock: PollClock;
  readonly backOff: BackOff;
  readonly outstanding: number;
  readonly counters: PollCounters;
  /** Something is known of the item that was not before. */
  updated(item: Item): void;
}

/** One client: its reads one after the other, the one that has been due for longest first. */
export class Bus {
  readonly #client: PollClient;
  readonly #owner: BusOwner;
  readonly #groups = new Map<string, Group>();
  readonly #units = new Map<number | undefined, UnitState>();
  #inFlight = 0;
  #probes = 0;
  #probedAt = Number.NEGATIVE_INFINITY;
  #resumeAt = Number.NEGATIVE_INFINITY;
  #running: AbortController | undefined;
  #cancelWake: (() => void) | undefined;
  #unlisten: (() => void) | undefined;
  #idle: (() => void)[] = [];

  constructor(client: PollClient, owner: BusOwner) {
    this.#client = client;
    this.#owner = owner;
  }

  get blocks(): readonly ReadBlock[] {
    return [...this.#groups.values()].flatMap((group) => group.blocks);
  }

  /** Throws ERR_MODBUS_BAD_VALUE for what cannot be planned, and then nothing is added. */
  add(key: GroupKey, items: readonly Item[]): void {
    const name = `${key.unit} ${key.table} ${key.everyMs}`;
    const state = this.#units.get(key.unit) ?? new UnitState();
    const group = this.#groups.get(name) ?? new Group(key, state, this.#owner.backOff);
    group.add(items, this.#owner.clock.now());
    this.#units.set(key.unit, state);
    this.#groups.set(name, group);
    this.#pump();
  }

  remove(item: Item): void {
    for (const [name, group] of this.#groups) {
      if (!group.remove(item, this.#owner.clock.now())) continue;
      if (group.empty) this.#groups.delete(name);
      return;
    }
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#running = new AbortController();
    this.#restart();
    this.#unlisten = this.#client.onState?.(({ state }) => {
      if (state === "connected" && this.#resumeAt > this.#owner.clock.now()) this.#restart();
    });
  }

  #restart(): void {
    this.#resumeAt = Number.NEGATIVE_INFINITY;
    for (const group of this.#groups.values()) group.restart(this.#owner.clock.now());
    this.#pump();
  }

  /** Gives up what is in flight; resolves when nothing is. */
  async stop(): Promise<void> {
    this.#cancelWake?.();
    this.#unlisten?.();
    this.#running?.abort();
    this.#running = undefined;
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    const running = this.#running;
    if (running === undefined) return;
    const { clock, outstanding } = this.#owner;
    while (this.#inFlight < outstanding) {
      const now = clock.now();
      const next = this.#turn(now);
      if (typeof next === "number") {
        if (next !== Number.POSITIVE_INFINITY) {
          this.#cancelWake = clock.after(Math.min(maxTimerMs, Math.max(1, Math.ceil(next - now))), () => this.#pump());
        }
        return;
      }
      this.#send(next, running.signal);
    }
  }

  #turn(now: number): ReadBlock | number {
    if (now < this.#resumeAt) return this.#resumeAt;
    const { backOff, outstanding } = this.#owner;
    const turns = { backOff, outstanding, inFlight: this.#inFlight, probes: this.#probes, probedAt: this.#probedAt };
    return nextTurn(this.#groups.values(), turns, now);
  }

  #send(block: ReadBlock, signal: AbortSignal): void {
    const { state } = block.group;
    const probing = state.silent;
    block.group.setInFlight(block, true);
    this.#inFlight += 1;
    this.#owner.counters.requests += 1;
    if (probing) {
      state.probing = true;
      this.#probes += 1;
    }
    const settle = (outcome: Words | ModbusError): void => {
      block.group.setInFlight(block, false);
      this.#inFlight -= 1;
      if (probing) {
        state.probing = false;
        this.#probes -= 1;
        this.#probedAt = this.#owner.clock.now();
      }
      if (!signal.aborted) this.#settle(block, outcome, probing);
      if (this.#inFlight === 0) for (const idle of this.#idle.splice(0)) idle();
      this.#pump();
    };
    ask(this.#client, block, signal).then(settle, settle);
  }

  #settle(block: ReadBlock, outcome: Words | ModbusError, probing: boolean): void {
    const { clock, counters, backOff } = this.#owner;
    const { group } = block;
    const { state } = group;
    const now = clock.now();
    const missed = group.next(block, now);
    if (!(outcome instanceof ModbusError)) {
      for (const span of block.spans) span.item.store(span, outcome, span.address - block.address, now);
      this.#tell(block);
      counters.skipped += state.silent ? 0 : missed;
      group.read(block, now);
      this.#answered(state, now);
      return;
    }
    counters.failures += 1;
    switch (meaningOf(outcome)) {
      case "silent":
        // Reads that were open together when the unit fell silent are one sign of it.
        if (probing || !state.silent) state.failed(backOff, now);
        for (const other of this.#groupsOf(state)) for (const each of other.blocks) this.#fail(each, outcome);
        group.giveUp(block, now);
        return;
      case "down":
        this.#resumeAt = now + backOff.minMs;
        for (const other of this.#groups.values()) for (const each of other.blocks) this.#fail(each, outcome);
        group.giveUp(block, now);
        return;
      case "refused":
        counters.skipped += state.silent ? 0 : missed;
        if (group.refused(block, now)) this.#fail(block, outcome);
        this.#answered(state, now);
        return;
      case "failed":
        counters.skipped += state.silent ? 0 : missed;
        this.#fail(block, outcome);
        group.giveUp(block, now);
        this.#answered(state, now);
    }
  }

  /** A unit that was silent has everything read anew. */
  #answered(state: UnitState, now: number): void {
    if (!state.silent) return;
    state.answered();
    for (const group of this.#groupsOf(state)) group.forget(now);
  }

  #fail(block: ReadBlock, error: ModbusError): void {
    for (const span of block.spans) span.item.fail(span, error);
    this.#tell(block);
  }

  #tell(block: ReadBlock): void {
    for (const { item } of block.spans) this.#owner.updated(item);
  }

  #groupsOf(state: UnitState): Group[] {
    return [...this.#groups.values()].filter((group) => group.state === state);
  }
}
