import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AuditLog, serialiseRecord } from "@modwarden/audit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type FeedEvent, type FeedSettings, SyslogFeed } from "./feed.ts";
import { readPosition } from "./position.ts";
import { type Receiver, startReceiver } from "./testing/receiver.ts";

let receiver: Receiver;
let dir: string;
let positionFile: string;
let log: AuditLog;
let events: FeedEvent[];
const running: { readonly feed: SyslogFeed; readonly over: Promise<void> }[] = [];

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());
beforeEach(() => {
  const folder = mkdtempSync(join(receiver.dir, "site-"));
  dir = join(folder, "audit");
  positionFile = join(folder, "audit-feed.json");
  events = [];
  receiver.received.length = 0;
  log = AuditLog.open({ dir, site: "demo", gateway: "gw1", now: () => new Date(), segmentBytes: 2_000 });
});
afterEach(async () => {
  await stop();
  log.close();
});

function write(...numbers: readonly number[]): void {
  for (const number of numbers) {
    log.append(serialiseRecord("2026-11-21T12:00:00.000000Z", number % 2 === 0 ? "finding" : "policy", { number }));
  }
  log.commit();
}

function start(change: Partial<FeedSettings> = {}): SyslogFeed {
  const settings: FeedSettings = {
    dir,
    positionFile,
    target: { host: "localhost", port: receiver.port, authority: receiver.authority },
    format: "json",
    kinds: ["finding", "policy"],
    from: "start",
    host: "gw1",
    version: "0.1.0",
    settleMs: 60_000,
    retryMs: 10,
    saveMs: 10,
    ...change,
  };
  const feed = new SyslogFeed(settings, (event) => events.push(event));
  running.push({ feed, over: feed.run() });
  return feed;
}

async function stop(): Promise<void> {
  for (const { feed, over } of running.splice(0)) {
    feed.stop();
    await over;
  }
}

const numbers = (): unknown[] =>
  receiver.received.map(({ text }) => (JSON.parse(text) as { readonly number: unknown }).number);
const kept = (): number | undefined => readPosition(positionFile)?.next;

describe("the feed of the log to a receiver of syslog", () => {
  it("sends what is there and what comes, once, and goes on there after a stop in order", async () => {
    write(0, 1, 2);
    start();
    await vi.waitFor(() => expect(numbers()).toEqual([0, 1, 2]));
    write(3);
    await vi.waitFor(() => expect(numbers()).toEqual([0, 1, 2, 3]));
    expect(receiver.received[0]).toMatchObject({ host: "gw1", type: "finding", data: { log: log.id, seq: "2" } });
    await stop();
    expect(kept()).toBe(log.size);
    expect(statSync(positionFile).mode & 0o777).toBe(0o600);
    write(4, 5);
    start({ kinds: ["policy"] });
    await vi.waitFor(() => expect(numbers()).toEqual([0, 1, 2, 3, 5]));
    expect(events).toEqual([]);
  });

  it("sends to the end before it stops", async () => {
    start();
    await vi.waitFor(() => expect(receiver.sockets.size).toBe(1));
    write(...Array.from({ length: 500 }, (_, index) => index));
    await stop();
    expect(numbers()).toHaveLength(500);
    expect(kept()).toBe(log.size);
  });

  it("says that the receiver is away and when it is back, and loses nothing", async () => {
    start();
    write(0, 1);
    await vi.waitFor(() => expect(numbers()).toEqual([0, 1]));
    await receiver.down();
    await vi.waitFor(() => expect(events).toMatchObject([{ event: "feed-lost", next: 0 }]));
    write(2, 3);
    await receiver.up();
    // What had not settled when the connection ended may not have arrived: it is sent again.
    await vi.waitFor(() => expect(numbers()).toEqual([0, 1, 0, 1, 2, 3]));
    expect(events).toMatchObject([{ event: "feed-lost" }, { event: "feed-resumed", next: 0 }]);
  });

  it("keeps how far the receiver is while it runs: a crash would send again only what had not settled", async () => {
    write(0, 1, 2);
    start({ settleMs: 0 });
    await vi.waitFor(() => expect(kept()).toBe(log.size));
    expect(numbers()).toEqual([0, 1, 2]);
  });

  it("begins with what comes, where nothing was sent before and it is told so", async () => {
    write(0);
    start({ from: "now" });
    await vi.waitFor(() => expect(receiver.sockets.size).toBe(1));
    write(1);
    await vi.waitFor(() => expect(numbers()).toEqual([1]));
    await stop();
    // Another log than the one the position is of has been seen by nobody.
    writeFileSync(positionFile, '{"version":1,"log":"other","next":99}');
    start({ from: "now" });
    await vi.waitFor(() => expect(numbers()).toEqual([1, 0, 1]));
    await stop();
    writeFileSync(positionFile, "no position");
    start({ from: "start" });
    await vi.waitFor(() => expect(numbers()).toEqual([1, 0, 1, 0, 1]));
  });

  it("tells of records that are gone before they were sent, and passes over them", async () => {
    for (let number = 0; number < 60; number += 1) write(number);
    rmSync(`${dir}/000000000000.jsonl`);
    start();
    await vi.waitFor(() => expect(numbers().at(-1)).toBe(59));
    const [gap] = events;
    expect(gap).toMatchObject({ event: "feed-gap", from: 0, to: expect.any(Number) });
    expect(numbers()[0]).toBe((gap as { readonly to: number }).to - 1);
  });

  it("sends nothing to whom it does not trust, or calls by another name", async () => {
    write(0);
    const target = { host: "localhost", port: receiver.port, authority: join(receiver.dir, "other.pem") };
    writeFileSync(target.authority, "no certificate");
    start({ target });
    await vi.waitFor(() => expect(events).toMatchObject([{ event: "feed-lost", next: 0 }]));
    await stop();
    events = [];
    start({ target: { ...target, authority: receiver.authority, host: "127.0.0.1" } });
    await vi.waitFor(() => expect(events).toMatchObject([{ event: "feed-lost", next: 0 }]));
    expect(receiver.received).toEqual([]);
  });

  it("is told where its position cannot be kept, and goes on", async () => {
    write(0);
    start({ positionFile: join(dir, "nowhere", "audit-feed.json") });
    await vi.waitFor(() => expect(numbers()).toEqual([0]));
    expect(events).toMatchObject([{ event: "feed-unsaved" }]);
  });
});
