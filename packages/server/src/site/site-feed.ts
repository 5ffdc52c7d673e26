import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { formatTime, serialiseRecord } from "@modwarden/audit";
import type { FeedEvent, FeedSettings } from "../syslog/feed.ts";
import type { FeedMessage, FeedRequest, FeedStart } from "../threads/messages.ts";
import { messageOf } from "../threads/thread-error.ts";
import { ThreadHandle } from "../threads/thread-handle.ts";
import type { Site } from "./load.ts";
import { syslogTarget } from "./schema-syslog.ts";

type FeedHandle = ThreadHandle<FeedStart, FeedRequest, FeedMessage>;

/** A thread of the feed that has ended is started again so much later. */
const AGAIN_MS = 30_000;

export interface SiteFeedParts {
  readonly site: Site;
  readonly version: string;
  /** One line for the operator. */
  readonly onNotice: (text: string) => void;
}

/**
 * The feed of the log to the site's receiver of syslog, in a thread of its own: it reads and compresses nothing that the
 * site waits for, and no trouble with it stops the site.
 */
export class SiteFeed {
  readonly #settings: FeedSettings;
  readonly #to: string;
  readonly #onNotice: (text: string) => void;
  #record: ((body: string) => void) | undefined;
  #handle: FeedHandle | undefined;
  #again: NodeJS.Timeout | undefined;
  #isStopping = false;

  private constructor(onNotice: SiteFeedParts["onNotice"], settings: FeedSettings, to: string) {
    this.#settings = settings;
    this.#to = to;
    this.#onNotice = onNotice;
  }

  /** Undefined where the site names no receiver. */
  static of(parts: SiteFeedParts): SiteFeed | undefined {
    const { site, version } = parts;
    const { syslog } = site.value.audit;
    const target = syslog === undefined ? undefined : syslogTarget(syslog.to);
    if (syslog === undefined || target === undefined) return undefined;
    const at = (file: string): string => resolve(dirname(site.file), file);
    const { identity } = syslog;
    const settings: FeedSettings = {
      dir: join(site.data, "audit"),
      positionFile: join(site.data, "audit-feed.json"),
      target: {
        ...target,
        authority: at(syslog.authority),
        ...(identity && { identity: { key: at(identity.key), certificate: at(identity.certificate) } }),
      },
      format: syslog.format,
      kinds: syslog.kinds ?? [],
      from: syslog.from,
      host: site.value.gateway.names[0] ?? hostname(),
      version,
    };
    return new SiteFeed(parts.onNotice, settings, syslog.to);
  }

  /** The log is open: what is in it goes out. `record` gives a record to the log. */
  start(record: (body: string) => void): void {
    this.#record = record;
    this.#run();
  }

  /** Nothing is recorded any more. */
  mute(): void {
    this.#record = undefined;
  }

  /** After the log was closed: its end goes out as well, where that can be done at once. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#again);
    await this.#handle?.close({ kind: "close" });
  }

  #run(): void {
    const handle: FeedHandle = new ThreadHandle("feed", { settings: this.#settings }, (message) => {
      if (message.kind === "event") this.#happened(message.event);
    });
    this.#handle = handle;
    void handle.ended.then((reason) => {
      if (this.#isStopping) return;
      this.#onNotice(`the feed to ${this.#to} has ended, and is started again: ${messageOf(reason)}`);
      this.#again = setTimeout(() => this.#run(), AGAIN_MS);
    });
  }

  #happened(event: FeedEvent): void {
    this.#onNotice(noticeOf(this.#to, event));
    this.#record?.(serialiseRecord(formatTime(Date.now()), "system", { ...event, receiver: this.#to }));
  }
}

function noticeOf(to: string, event: FeedEvent): string {
  switch (event.event) {
    case "feed-lost":
      return `${to} does not get the audit log, which is tried again: ${event.reason}`;
    case "feed-resumed":
      return `${to} gets the audit log again, from record ${event.next} on`;
    case "feed-gap":
      return `ALARM: records ${event.from} to ${event.to} were removed from the audit log before ${to} had them`;
    case "feed-behind":
      return `${to} gets the audit log ${Math.round(event.behindMs / 60_000)} minutes late: it takes less than is written`;
    case "feed-unsaved":
      return `how far ${to} has the audit log cannot be kept: ${event.reason}`;
  }
}
