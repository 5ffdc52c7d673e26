import { type Kysely, sql } from "kysely";
import { z } from "zod";
import type { EventDraft, IdentityEvent } from "./events.ts";
import type { EventTable, Registry } from "./registry/schema.ts";

export interface EventFeedOptions {
  readonly database: Kysely<Registry>;
  readonly now: () => Date;
  /** The identities that the events tell of have changed. */
  readonly refresh: (ids: readonly string[]) => Promise<void>;
  /** Resolves when the audit log has them. One call at a time, in the order of the edges. */
  readonly deliver: (events: readonly IdentityEvent[]) => Promise<void>;
  /** The audit log did not take them; they are kept and tried again with the next event. */
  readonly onError: (error: unknown) => void;
}

/** Refusals that may wait for one write; one more waits for the write itself. */
const AT_ONCE = 256;

/**
 * What happened, from the registry to the audit log: written with the change, delivered after the commit, and
 * delivered at the next start where a process died in between. Many changes at once share one delivery.
 */
export class EventFeed {
  readonly #options: EventFeedOptions;
  #refusals: EventDraft[] = [];
  /** The last edge that the snapshot knows, and the last that the audit log has. */
  #seen = 0;
  #delivered = 0;
  #underWay: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  /** Delivers what an earlier process left. The snapshot is expected to be fresh. */
  static async open(options: EventFeedOptions): Promise<EventFeed> {
    const feed = new EventFeed(options);
    const { edge } = await options.database.selectFrom("event_delivery").select("edge").executeTakeFirstOrThrow();
    feed.#delivered = edge;
    feed.#seen = edge;
    await feed.flush();
    return feed;
  }

  async write(transaction: Kysely<Registry>, draft: EventDraft): Promise<void> {
    await transaction.insertInto("event").values(rowOf(draft, this.#options.now().getTime())).execute();
  }

  async refusal(draft: EventDraft): Promise<void> {
    while (this.#refusals.length >= AT_ONCE) await this.flush();
    this.#refusals.push(draft);
    await this.flush();
  }

  /** Resolves when everything that was committed before the call is in the snapshot and was offered to the audit log. */
  flush(): Promise<void> {
    this.#next ??= this.#underWay
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        this.#underWay = this.#run();
        return this.#underWay;
      });
    return this.#next;
  }

  async #run(): Promise<void> {
    const { database, refresh } = this.#options;
    await this.#writeRefusals();
    const rows = await database
      .selectFrom("event")
      .selectAll()
      .where("edge", ">", this.#delivered)
      .orderBy("edge")
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return;
    const fresh = rows.filter((row) => row.edge > this.#seen).flatMap((row) => row.identity_id ?? []);
    if (fresh.length > 0) await refresh([...new Set(fresh)]);
    this.#seen = last.edge;
    try {
      await this.#options.deliver(rows.map(eventOf));
    } catch (error) {
      this.#options.onError(error);
      return;
    }
    this.#delivered = last.edge;
    await this.#mark(last.edge);
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

  /** Not synced: who loses power between a delivery and this finds the same edges in the log twice, and never none. */
  async #mark(edge: number): Promise<void> {
    await this.#options.database.connection().execute(async (connection) => {
      await sql`pragma synchronous = normal`.execute(connection);
      try {
        await connection.updateTable("event_delivery").set({ edge }).execute();
      } finally {
        await sql`pragma synchronous = full`.execute(connection);
      }
    });
  }
}

/** An event as the registry keeps it. */
export type EventRow = { readonly [Name in keyof EventTable]: Name extends "edge" ? number : EventTable[Name] };

const fields: z.ZodType<Pick<IdentityEvent, "role" | "fingerprint" | "reason" | "source" | "by" | "detail">> =
  z.strictObject({
    role: z.string().exactOptional(),
    fingerprint: z.string().exactOptional(),
    reason: z.string().exactOptional(),
    source: z.string().exactOptional(),
    by: z.string().exactOptional(),
    detail: z.record(z.string(), z.union([z.string(), z.number()])).exactOptional(),
  });

export function eventOf(row: EventRow): IdentityEvent {
  const { edge, at, identity_id: id, key_id: key, correlation } = row;
  return {
    edge,
    at: new Date(at),
    kind: row.kind as IdentityEvent["kind"],
    event: row.event as IdentityEvent["event"],
    ...(id === null ? {} : { id }),
    ...(key === null ? {} : { key }),
    ...(correlation === null ? {} : { correlation }),
    ...fields.parse(JSON.parse(row.fields)),
  };
}

function rowOf(draft: EventDraft, at: number): Omit<EventRow, "edge"> {
  const { kind, event, id, key, correlation, ...rest } = draft;
  return {
    at,
    kind,
    event,
    identity_id: id ?? null,
    key_id: key ?? null,
    correlation: correlation ?? null,
    fields: JSON.stringify(rest),
  };
}
