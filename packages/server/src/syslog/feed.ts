import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import { type AuditRecord, countRecords, logIdOf, tailLog } from "@modwarden/audit";
import { messageOf } from "../threads/thread-error.ts";
import { SyslogConnection, type SyslogTarget } from "./connection.ts";
import { Delivered } from "./delivered.ts";
import { framed, syslogBytes } from "./message.ts";
import { readPosition, writePosition } from "./position.ts";
import { recordMessage, type SyslogFormat } from "./record-message.ts";

export interface FeedSettings {
  /** Folder of the log. */
  readonly dir: string;
  /** Where the position is kept. */
  readonly positionFile: string;
  readonly target: SyslogTarget;
  readonly format: SyslogFormat;
  /** Kinds of records that are sent; empty: all of them. */
  readonly kinds: readonly string[];
  /** Where to begin a log that the receiver has nothing of. */
  readonly from: "now" | "start";
  /** What the gateway is called. */
  readonly host: string;
  readonly version: string;
  /** How long a connection has to stand after a record for it to count as delivered. Default 10,000. */
  readonly settleMs?: number | undefined;
  /** The first wait before another attempt; it doubles up to a minute. Default 1,000. */
  readonly retryMs?: number | undefined;
  /** Between times that the position is kept, when it has changed. Default 1,000. */
  readonly saveMs?: number | undefined;
}

/** What the site is told, and records. */
export type FeedEvent =
  /** The receiver is away; it is tried again. */
  | { readonly event: "feed-lost"; readonly reason: string; readonly next: number }
  | { readonly event: "feed-resumed"; readonly awayMs: number; readonly next: number }
  /** Records that are not in the log any more and were never sent. */
  | { readonly event: "feed-gap"; readonly from: number; readonly to: number }
  /** Sent records are so old: more is written than the receiver takes. */
  | { readonly event: "feed-behind"; readonly behindMs: number; readonly next: number }
  /** The position cannot be kept: after a start, records since the last one that was are sent again. */
  | { readonly event: "feed-unsaved"; readonly reason: string; readonly next: number };

export interface FeedStatus {
  readonly state: "connecting" | "working" | "lost";
  /** The first record that the receiver may not have. */
  readonly next: number;
}

const LONGEST_RETRY_MS = 60_000;
/** A connection that stood so long was a good one: the next attempt after it comes soon. */
const GOOD_MS = 60_000;
const SETTLE_MS = 10_000;
const SAVE_MS = 1_000;
const STOP_MS = 2_000;
const BEHIND_MS = 300_000;
/** A receiver that takes nothing for so long is away, whatever the connection says. */
const STALL_MS = 60_000;
/** What comes from the network is looked at at least this often. */
const TURN_EVERY = 200;

/**
 * Sends the records of a log to a receiver, from the log itself: what it does not take waits on disk and not in memory,
 * and is sent when it is back. At least once: the position that is kept is behind what may have been lost on the way.
 */
export class SyslogFeed {
  readonly #settings: FeedSettings;
  readonly #onEvent: (event: FeedEvent) => void;
  readonly #log: string;
  readonly #delivered: Delivered;
  readonly #stopping = new AbortController();
  #state: FeedStatus["state"] = "connecting";
  #lostAtMs: number | undefined;
  #foundAtMs = 0;
  #tookAtMs = 0;
  #saved = -1;
  #isUnsaved = false;
  #isBehind = false;

  /** Throws what reading the log's folder throws. */
  constructor(settings: FeedSettings, onEvent: (event: FeedEvent) => void) {
    this.#settings = settings;
    this.#onEvent = onEvent;
    this.#log = logIdOf(settings.dir);
    const kept = readPosition(settings.positionFile);
    const begin = settings.from === "start" ? 0 : countRecords(settings.dir);
    // A log that was begun anew has been seen by nobody.
    const next = kept === undefined ? begin : kept.log === this.#log ? kept.next : 0;
    this.#delivered = new Delivered(next, settings.settleMs ?? SETTLE_MS);
    this.#save(next);
  }

  status(): FeedStatus {
    return { state: this.#state, next: this.#delivered.next(performance.now()) };
  }

  /** Runs until it is stopped. */
  async run(): Promise<void> {
    const { signal } = this.#stopping;
    const first = this.#settings.retryMs ?? 1_000;
    let wait = first;
    while (!signal.aborted) {
      const began = performance.now();
      const reason = await this.#attempt();
      if (signal.aborted) return;
      this.#lost(reason);
      if (performance.now() - began > GOOD_MS) wait = first;
      await delay(wait, undefined, { signal }).catch(() => undefined);
      wait = Math.min(2 * wait, LONGEST_RETRY_MS);
    }
  }

  /** Sends what is in the log now, as far as that takes no longer than a moment, and ends. */
  stop(): void {
    this.#stopping.abort();
  }

  /** One connection, from beginning to end. Returns why it ended, or why the log could not be read on. */
  async #attempt(): Promise<string> {
    let connection: SyslogConnection;
    try {
      connection = await SyslogConnection.open(this.#settings.target, this.#stopping.signal);
    } catch (error) {
      return messageOf(error);
    }
    let failure: unknown;
    let isOrderly = false;
    try {
      this.#found();
      await this.#send(connection);
      isOrderly = (await connection.end(STOP_MS)) === undefined;
    } catch (error) {
      failure = error;
    }
    connection.destroy();
    const reason = await connection.closed;
    this.#save(this.#delivered.ended(isOrderly, performance.now()));
    return messageOf(failure ?? reason ?? "the connection ended");
  }

  /** Until it is told to stop, and then to the end of what is there; throws when the connection ends before. */
  async #send(connection: SyslogConnection): Promise<void> {
    const over = new AbortController();
    void connection.closed.then(() => over.abort());
    const { signal } = this.#stopping;
    const both = AbortSignal.any([signal, over.signal]);
    let next = await this.#pass(connection, this.#delivered.next(performance.now()), { follow: true, signal: both });
    if (connection.isOpen) {
      const last = AbortSignal.any([over.signal, AbortSignal.timeout(STOP_MS)]);
      next = await this.#pass(connection, next, { follow: false, signal: last });
      await this.#flush(connection, last);
    }
    if (!connection.isOpen) throw (await connection.closed) ?? new Error("the connection ended");
  }

  async #pass(
    connection: SyslogConnection,
    from: number,
    reading: { readonly follow: boolean; readonly signal: AbortSignal },
  ): Promise<number> {
    const { dir, kinds } = this.#settings;
    let next = from;
    const ticking = setInterval(() => this.#tick(connection), this.#settings.saveMs ?? SAVE_MS);
    try {
      for await (const line of tailLog({ dir, fromSeq: next, ...reading })) {
        const record = JSON.parse(line) as AuditRecord;
        // Retention may have taken away what the receiver never had.
        if (record.seq > next) this.#onEvent({ event: "feed-gap", from: next, to: record.seq - 1 });
        next = record.seq + 1;
        const taken = next;
        const took = (): void => this.#took(taken);
        if (kinds.length === 0 || kinds.includes(record.kind)) {
          connection.write(this.#bytes(record), took);
          this.#lookBehind(record);
        } else if (connection.waiting === 0) took();
        await connection.room();
        // The log may be read without a wait for as long as there is more of it.
        if (next % TURN_EVERY === 0) await turn();
        if (reading.signal.aborted) break;
      }
    } finally {
      clearInterval(ticking);
    }
    return next;
  }

  #bytes(record: AuditRecord): Buffer {
    const { format, host, version } = this.#settings;
    return framed(syslogBytes(recordMessage(record, format, { log: this.#log, version }, host)));
  }

  #took(next: number): void {
    this.#tookAtMs = performance.now();
    this.#delivered.took(next, this.#tookAtMs);
  }

  /** Until the network has taken everything. */
  async #flush(connection: SyslogConnection, signal: AbortSignal): Promise<void> {
    while (connection.isOpen && connection.waiting > 0 && !signal.aborted) await delay(10);
    // What was handed over by then has called back by the next turn.
    await turn();
  }

  #tick(connection: SyslogConnection): void {
    const now = performance.now();
    this.#save(this.#delivered.next(now));
    if (connection.waiting === 0) this.#tookAtMs = now;
    else if (now - this.#tookAtMs > STALL_MS) connection.destroy(new Error("the receiver takes nothing"));
  }

  #save(next: number): void {
    if (next === this.#saved) return;
    try {
      writePosition(this.#settings.positionFile, { log: this.#log, next });
      this.#saved = next;
      this.#isUnsaved = false;
    } catch (error) {
      // It is tried again with the next one; told once.
      if (!this.#isUnsaved) this.#onEvent({ event: "feed-unsaved", reason: messageOf(error), next });
      this.#isUnsaved = true;
    }
  }

  #lookBehind({ t, seq }: AuditRecord): void {
    const behindMs = Date.now() - Date.parse(t);
    if (behindMs < BEHIND_MS) this.#isBehind = false;
    // After it was away it is behind, which was told; some time later it should have caught up.
    else if (!this.#isBehind && performance.now() - this.#foundAtMs > GOOD_MS) {
      this.#isBehind = true;
      this.#onEvent({ event: "feed-behind", behindMs, next: seq });
    }
  }

  #lost(reason: string): void {
    this.#state = "lost";
    if (this.#lostAtMs !== undefined) return;
    this.#lostAtMs = performance.now();
    this.#onEvent({ event: "feed-lost", reason, next: this.#delivered.next(performance.now()) });
  }

  #found(): void {
    this.#state = "working";
    this.#foundAtMs = performance.now();
    this.#tookAtMs = this.#foundAtMs;
    if (this.#lostAtMs === undefined) return;
    const awayMs = Math.round(performance.now() - this.#lostAtMs);
    this.#lostAtMs = undefined;
    this.#onEvent({ event: "feed-resumed", awayMs, next: this.#delivered.next(performance.now()) });
  }
}
