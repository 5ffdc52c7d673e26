import { ModbusError } from "@modwarden/protocol";
import { checkListener, checkSignal } from "../callbacks.ts";
import { ClosedError } from "../errors.ts";
import type { PollClient } from "./ask.ts";
import { Bus, type BusOwner, type PollCounters } from "./bus.ts";
import { systemClock } from "./clock.ts";
import type { GroupKey } from "./group.ts";
import { Item, type Reading } from "./item.ts";
import { backOffOf, checkDevices, groupKeyOf, type PollerOptions } from "./options.ts";
import { badPoint, type PollPoint, type PollRange, type PollTable, within } from "./point.ts";
import { Updates } from "./updates.ts";

/** One read that a poller repeats. */
export interface PollBlock {
  readonly client: string | undefined;
  readonly unit: number | undefined;
  readonly table: PollTable;
  readonly address: number;
  readonly quantity: number;
  readonly everyMs: number;
  /** The points and ranges that it brings. */
  readonly ids: readonly string[];
}

/** Reads points again and again, in as few reads as the rules allow, and keeps what is known of each. */
export interface Poller extends AsyncDisposable {
  /** Reads everything now and then at its rate. Nothing happens when it runs already. */
  start(): void;
  /** Gives up what is in flight. Resolves when nothing is; `start` goes on from there. */
  stop(): Promise<void>;
  /** Adds a point or range, also while it runs. Throws ERR_MODBUS_BAD_VALUE. */
  add(point: PollPoint | PollRange): void;
  /** False when there is no such point. */
  remove(id: string): boolean;
  /** What is known of a point at this moment; undefined when there is no such point. */
  reading(id: string): Reading | undefined;
  /** What is known of every point at this moment, in the order in which they were added. */
  readings(): Reading[];
  /**
   * Every reading as it comes, until the poller is disposed. A consumer that is slow gets the latest reading of each
   * point, and what it missed is counted.
   */
  updates(): AsyncIterableIterator<Reading>;
  /** The reads as they are planned now. */
  readonly blocks: readonly PollBlock[];
  readonly counters: Readonly<PollCounters>;
}

const maxPoints = 100_000;
/** The name of the only client. */
const onlyClient = "";

/**
 * Makes a poller for one client, or for several that points refer to by name; each client has a queue of its own.
 * It uses the clients and does not close them. Call `start`.
 * Throws ERR_MODBUS_BAD_VALUE for points and limits that cannot be kept.
 */
export function createPoller(
  clients: PollClient | Readonly<Record<string, PollClient>>,
  options: PollerOptions = {},
): Poller {
  return new BusPoller(clients, options);
}

class BusPoller implements Poller {
  readonly #options: PollerOptions;
  readonly #owner: BusOwner;
  readonly #buses = new Map<string, Bus>();
  readonly #items = new Map<string, Item>();
  readonly #updates = new Set<Updates>();
  readonly #onAbort = (): void => void this[Symbol.asyncDispose]();
  #ended = false;

  constructor(clients: PollClient | Readonly<Record<string, PollClient>>, options: PollerOptions) {
    this.#options = options;
    this.#owner = {
      clock: options.clock ?? systemClock,
      backOff: backOffOf(options),
      outstanding: within("outstanding", options.outstanding ?? 1, 1, 1024),
      counters: { requests: 0, failures: 0, skipped: 0, superseded: 0 },
      updated: (item) => this.#updated(item),
    };
    const named = isClient(clients) ? { [onlyClient]: clients } : clients;
    for (const [name, client] of Object.entries(named)) this.#buses.set(name, new Bus(client, this.#owner));
    checkSignal(options.signal);
    if (options.onReading !== undefined) checkListener(options.onReading);
    checkDevices(options, new Set(isClient(clients) ? [undefined] : this.#buses.keys()));
    this.#addAll(options.points ?? []);
    if (options.signal?.aborted) this.#onAbort();
    else options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get counters(): Readonly<PollCounters> {
    return { ...this.#owner.counters };
  }

  get blocks(): readonly PollBlock[] {
    return [...this.#buses].flatMap(([name, bus]) =>
      bus.blocks.map(({ address, count, spans, group }) => ({
        client: name === onlyClient ? undefined : name,
        unit: group.key.unit,
        table: group.key.table,
        address,
        quantity: count,
        everyMs: group.key.everyMs,
        ids: spans.map((span) => span.item.place.id),
      })),
    );
  }

  start(): void {
    if (this.#ended) throw new ClosedError("the poller has been disposed: make a new one");
    for (const bus of this.#buses.values()) bus.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#buses.values()].map((bus) => bus.stop()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    for (const updates of this.#updates) updates.end();
    this.#updates.clear();
    await this.stop();
  }

  add(point: PollPoint | PollRange): void {
    this.#addAll([point]);
  }

  remove(id: string): boolean {
    const item = this.#items.get(id);
    if (item === undefined) return false;
    this.#items.delete(id);
    this.#buses.get(item.place.client ?? onlyClient)?.remove(item);
    for (const updates of this.#updates) updates.withdraw(item);
    return true;
  }

  reading(id: string): Reading | undefined {
    return this.#items.get(id)?.reading(this.#owner.clock.now());
  }

  readings(): Reading[] {
    const now = this.#owner.clock.now();
    return Array.from(this.#items.values(), (item) => item.reading(now));
  }

  updates(): AsyncIterableIterator<Reading> {
    const updates = new Updates(
      (item) => item.reading(this.#owner.clock.now()),
      (left) => this.#updates.delete(left),
    );
    if (this.#ended) updates.end();
    else this.#updates.add(updates);
    return updates;
  }

  /** Points of one group are planned together, which matters when there are thousands. */
  #addAll(points: readonly (PollPoint | PollRange)[]): void {
    const groups = new Map<string, { readonly bus: Bus; readonly key: GroupKey; readonly items: Item[] }>();
    const added = new Map<string, Item>();
    if (this.#items.size + points.length > maxPoints) {
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `a poller takes ${maxPoints} points at most`);
    }
    for (const point of points) {
      const { id } = point;
      if (this.#items.has(id) || added.has(id)) throw badPoint(id, "there is one of that name already");
      const bus = this.#busOf(point);
      const key = groupKeyOf(point, this.#options);
      const item = new Item(point, key.everyMs, key.maxLength);
      added.set(id, item);
      const name = JSON.stringify([point.client, key.unit, key.table, key.everyMs]);
      const group = groups.get(name);
      if (group === undefined) groups.set(name, { bus, key, items: [item] });
      else group.items.push(item);
    }
    for (const { bus, key, items } of groups.values()) bus.add(key, items);
    for (const [id, item] of added) this.#items.set(id, item);
  }

  #busOf(point: PollPoint | PollRange): Bus {
    const bus = this.#buses.get(point.client ?? onlyClient);
    if (bus !== undefined) return bus;
    const names = [...this.#buses.keys()].filter((name) => name !== onlyClient).join(", ");
    throw badPoint(
      point.id,
      names === "" ? "the poller has one client, which has no name" : `\`client\` has to be one of ${names}`,
    );
  }

  #updated(item: Item): void {
    if (this.#items.get(item.place.id) !== item) return;
    for (const updates of this.#updates) if (!updates.offer(item)) this.#owner.counters.superseded += 1;
    const { onReading } = this.#options;
    if (onReading === undefined) return;
    try {
      onReading(item.reading(this.#owner.clock.now()));
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

function isClient(clients: PollClient | Readonly<Record<string, PollClient>>): clients is PollClient {
  return typeof clients["readHoldingRegisters"] === "function";
}
