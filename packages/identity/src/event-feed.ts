import { durable, reusable } from "@modwarden/store";
import type { Kysely } from "kysely";
import { coalesced } from "./coalesced.ts";
import { eventOf, rowOf } from "./event-row.ts";
import type { EventDraft, IdentityEvent } from "./events.ts";
import { pruneRefusals } from "./refusals/retention.ts";
import type { Registry } from "./registry/schema.ts";

export interface EventFeedOptions {
  readonly database: Kysely<Registry>;
  readonly now: () => Date;
  /** The identities that the events tell of have changed: resolves when everybody judges by it. One call at a time. */
  readonly refresh: (ids: readonly string[]) => Promise<void>;
  /**
   * Resolves when the audit log has them. One call at a time, in the order of the edges. What an earlier process left
   * has edges up to `left`: the log may have them already.
   */
  readonly deliver: (events: readonly IdentityEvent[], left: number) => Promise<void>;
  /** The audit log did not take them; they are kept and tried again with the next event. */
  readonly onError: (error: unknown) => void;
}

/** Refusals that may wait for one write; one more waits for the write itself. */
const AT_ONCE = 256;
/** Events in one delivery, and in memory on their way to it; what is more waits in the registry. */
const MANY = 1_000;
/** After as many new refusals old ones are removed. */
const PRUNE_AFTER = 500;
/** Many deliveries are marked by one write. */
const MARK_MS = 250;

const insertEvent = reusable(
  (
    database: Kysely<Registry>,
    at: number,
    kind: string,
    event: string,
    identity_id: string | null,
    key_id: string | null,
    correlation: string | null,
    fields: string,
  ) => database.insertInto("event").values({ at, kind, event, identity_id, key_id, correlation, fields }),
);

const eventsAfter = reusable((database: Kysely<Registry>, edge: number, most: number) =>
  database.selectFrom("event").selectAll().where("edge", ">", edge).orderBy("edge").limit(most),
);

/**
 * What happened, from the registry to those who judge by it and to the audit log: written with the change, in effect
 * and delivered after the commit, and delivered at the next start where a process died in between. Many changes at
 * once share one delivery, and none waits with its effect for a log that takes its time.
 */
export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #look: () => Promise<void> = coalesced(() => this.#takeNews());
  readonly #effect: () => Promise<void> = coalesced(() => this.#takeEffect());
  readonly #delivery: () => Promise<void> = coalesced(() => this.#deliver());
  #refusals: EventDraft[] = [];
  /** Whose change is not in effect yet. */
  readonly #stale = new Set<string>();
  /** The last edge that was seen, and the last that the audit log has. */
  #seen = 0;
  #delivered = 0;
  /** The last edge that the registry knows the audit log to have. */
  #marked = 0;
  #marking: NodeJS.Timeout | undefined;
  #left = 0;
  /** The last edge that is on its way to the log. */
  #offered = 0;
  /** Seen and not offered yet, as far as they go without a gap. */
  #kept: IdentityEvent[] = [];
  /** Refusals since the last time that old ones were removed; a start begins with that. */
  #refused = PRUNE_AFTER;

  private constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  /** Delivers what an earlier process left. The snapshot is expected to be fresh. */
  static async open(options: EventFeedOptions): Promise<EventFeed> {
    const feed = new EventFeed(options);
    const { database } = options;
    const { edge } = await database.selectFrom("event_delivery").select("edge").executeTakeFirstOrThrow();
    const last = await database
      .selectFrom("event")
      .select(({ fn }) => fn.max("edge").as("edge"))
      .executeTakeFirstOrThrow();
    feed.#delivered = edge;
    feed.#marked = edge;
    feed.#offered = edge;
    feed.#left = last.edge ?? edge;
    feed.#seen = feed.#left;
    await feed.#delivery();
    return feed;
  }

  /** How many events the audit log does not have yet, as far as is known. */
  get undelivered(): number {
    return this.#seen - this.#delivered;
  }

  async write(transaction: Kysely<Registry>, draft: EventDraft): Promise<void> {
    const { at, kind, event, identity_id, key_id, correlation, fields } = rowOf(draft, this.#options.now().getTime());
    await insertEvent(transaction, at, kind, event, identity_id, key_id, correlation, fields);
  }

  async refusal(draft: EventDraft): Promise<void> {
    while (this.#refusals.length >= AT_ONCE) await this.flush();
    this.#refusals.push(draft);
    await this.flush();
  }

  /** Resolves when everything that was committed before the call is durable, in effect and offered to the audit log. */
  async flush(): Promise<void> {
    // The disk, those who judge by it and the log are busy at the same time; each is waited for, whatever becomes of
    // the others.
    const onDisk = durable(this.#options.database);
    const looked = this.#look();
    await looked.catch(() => undefined);
    const all = await Promise.allSettled([onDisk, looked, this.#effect(), this.#delivery()]);
    for (const one of all) if (one.status === "rejected") throw one.reason;
  }

  /** Ends with the last event marked as delivered, so that the next process need not look for it in the log. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      clearTimeout(this.#marking);
      if (this.#marked < this.#delivered) await this.#mark();
    }
  }

  async #takeNews(): Promise<void> {
    await this.#writeRefusals();
    for (let more = true; more; ) {
      const events = await this.#read(this.#seen);
      more = events.length === MANY;
      const last = events.at(-1);
      if (last === undefined) break;
      for (const { id } of events) if (id !== undefined) this.#stale.add(id);
      // Without a gap: where it is full, what follows is read from the registry when its turn comes.
      const followsOn = (this.#kept.at(-1)?.edge ?? this.#offered) === this.#seen;
      if (followsOn && this.#kept.length + events.length <= MANY) this.#kept.push(...events);
      this.#seen = last.edge;
    }
  }

  async #takeEffect(): Promise<void> {
    if (this.#stale.size === 0) return;
    const ids = [...this.#stale];
    await this.#options.refresh(ids);
    for (const id of ids) this.#stale.delete(id);
  }

  async #deliver(): Promise<void> {
    const { deliver, onError } = this.#options;
    try {
      while (this.#delivered < this.#seen) {
        const events = this.#kept.length > 0 ? this.#kept : await this.#read(this.#delivered);
        const last = events.at(-1);
        if (last === undefined) return;
        this.#kept = [];
        this.#offered = last.edge;
        // The log never tells of what the registry could still lose.
        await durable(this.#options.database);
        await deliver(events, this.#left);
        this.#delivered = last.edge;
        this.#marking ??= setTimeout(() => {
          this.#mark().catch(onError);
        }, MARK_MS).unref();
        await this.#prune(events);
      }
    } catch (error) {
      this.#kept = [];
      this.#offered = this.#delivered;
      onError(error);
    }
  }

  async #read(after: number): Promise<IdentityEvent[]> {
    return (await eventsAfter(this.#options.database, after, MANY)).rows.map(eventOf);
  }

  async #writeRefusals(): Promise<void> {
    const drafts = this.#refusals;
    if (drafts.length === 0) return;
    this.#refusals = [];
    const at = this.#options.now().getTime();
    await this.#options.database
      .insertInto("event")
      .values(drafts.map((draft) => rowOf(draft, at)))
      .execute();
  }

  async #prune(delivered: readonly IdentityEvent[]): Promise<void> {
    this.#refused += delivered.filter(({ event }) => event === "refused").length;
    if (this.#refused < PRUNE_AFTER) return;
    this.#refused = 0;
    await pruneRefusals(this.#options.database, this.#delivered);
  }

  /** Nobody waits for this: whoever is killed before it is offered the same edges again, and none is lost. */
  async #mark(): Promise<void> {
    this.#marking = undefined;
    const edge = this.#delivered;
    await this.#options.database.updateTable("event_delivery").set({ edge }).execute();
    this.#marked = edge;
  }
}
