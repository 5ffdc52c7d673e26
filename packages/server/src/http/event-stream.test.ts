import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EVENT_TRANSACTIONS } from "./event-queue.ts";
import type { LiveEvent } from "./site-view.ts";
import { type HttpOptions, type RunningHttp, startHttp } from "./start-http.ts";
import { readEvents, type SentEvent } from "./testing/events.ts";
import { sampleAudit } from "./testing/sample-audit.ts";
import { samplePolicy } from "./testing/sample-policy.ts";
import { sampleRegistry } from "./testing/sample-registry.ts";
import { SampleSite } from "./testing/sample-site.ts";

const token = "t".repeat(43);
let site: SampleSite;
let running: RunningHttp;
let ends: AbortController;

async function start(limits: HttpOptions["limits"] = {}): Promise<void> {
  running = await startHttp({
    view: site,
    registry: sampleRegistry,
    policy: samplePolicy,
    approvals: () => [],
    audit: sampleAudit,
    listen: "http://127.0.0.1:0",
    consoleDir: "/nonexistent",
    random: randomBytes,
    token,
    limits: { flushMs: 1, ...limits },
  });
}

async function open(query = "", headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${running.url}api/v1/events${query}`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: ends.signal,
  });
}

async function listen(query = "", headers: Record<string, string> = {}): Promise<AsyncGenerator<SentEvent>> {
  const response = await open(query, headers);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(response.headers.get("cache-control")).toBe("no-store");
  if (response.body === null) throw new Error("a stream has a body");
  return readEvents(response.body);
}

async function next(events: AsyncGenerator<SentEvent>): Promise<SentEvent> {
  const { value, done } = await events.next();
  if (done === true) throw new Error("the stream ended");
  return value;
}

const numbersOf = (event: LiveEvent): readonly number[] =>
  event.kind === "transactions" ? event.transactions.map(({ number }) => number) : [];

beforeEach(() => {
  site = new SampleSite();
  ends = new AbortController();
});
afterEach(async () => {
  ends.abort();
  await running.close();
  await vi.waitFor(() => expect(site.subscribers).toBe(0));
});

test("starts with the state of things and the newest 200, then tells what happens", async () => {
  site.run(450);
  await start();
  const events = await listen();
  expect(await next(events)).toMatchObject({ name: "status", data: { kind: "status", status: { site: "demo" } } });
  expect(await next(events)).toMatchObject({ name: "devices" });
  const first = await next(events);
  expect(numbersOf(first.data as LiveEvent)).toEqual(Array.from({ length: EVENT_TRANSACTIONS }, (_, n) => 250 + n));
  const second = await next(events);
  expect(second.id).toBe("449");
  site.run(1);
  const third = await next(events);
  expect(third).toMatchObject({ name: "transactions", id: "450" });
  expect((third.data as LiveEvent & { kind: "transactions" }).transactions).toEqual(site.transactions(1));
  site.changePoint("drive", "setpoint", { value: 41, text: "41.0" });
  expect(await next(events)).toMatchObject({ name: "devices", data: { devices: [{ id: "drive" }] } });
  site.tellStatus();
  expect(await next(events)).toMatchObject({ name: "status" });
});

test.each([
  ["?since=447", {}],
  ["", { "last-event-id": "447" }],
])("after a broken connection nothing is told twice (%s %o)", async (query, headers) => {
  site.run(450);
  await start();
  const events = await listen(query, headers);
  await next(events);
  await next(events);
  expect(numbersOf((await next(events)).data as LiveEvent)).toEqual([448, 449]);
});

test("a gap that the site no longer remembers is counted", async () => {
  site.run(1500);
  await start();
  const events = await listen("?since=9");
  expect(await next(events)).toMatchObject({ name: "dropped", data: { kind: "dropped", count: 490 } });
});

test("a console that does not read loses transactions, and is told how many", async () => {
  await start();
  const socket = await stalledReader();
  const total = 60_000;
  for (let sent = 0; sent < total; sent += 100) {
    site.run(100);
    if (sent % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const body = ReadableStream.from(chunks(socket)) as ReadableStream<Uint8Array>;
  let told = 0;
  let lost = 0;
  let newest = -1;
  for await (const { data } of readEvents(body)) {
    const event = data as LiveEvent;
    if (event?.kind === "dropped") lost += event.count;
    for (const number of event === null ? [] : numbersOf(event)) {
      expect(number).toBeGreaterThan(newest);
      newest = number;
      told += 1;
    }
    if (newest === total - 1) break;
  }
  expect(lost).toBeGreaterThan(0);
  expect(told + lost).toBe(total);
  socket.destroy();
});

/** Asks for events and reads the head of the answer only. */
async function stalledReader(): Promise<Socket> {
  const socket = connect(Number(new URL(running.url).port), "127.0.0.1");
  socket.write(
    `GET /api/v1/events HTTP/1.1\r\nHost: ${new URL(running.url).host}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once("readable", resolve));
  return socket;
}

/** The body of a chunked answer (RFC 9112 § 7.1) without its head and its chunk sizes. */
async function* chunks(socket: Socket): AsyncGenerator<Uint8Array> {
  let bytes = Buffer.alloc(0);
  let inBody = false;
  for await (const part of socket) {
    bytes = Buffer.concat([bytes, part as Buffer]);
    if (!inBody) {
      const end = bytes.indexOf("\r\n\r\n");
      if (end === -1) continue;
      bytes = bytes.subarray(end + 4);
      inBody = true;
    }
    for (let line = bytes.indexOf("\r\n"); line !== -1; line = bytes.indexOf("\r\n")) {
      const size = Number.parseInt(bytes.toString("latin1", 0, line), 16);
      if (bytes.length < line + 2 + size + 2) break;
      yield bytes.subarray(line + 2, line + 2 + size);
      bytes = bytes.subarray(line + 2 + size + 2);
    }
  }
}

test("a quiet stream says that it is alive", async () => {
  await start({ pingMs: 5 });
  const events = await listen();
  await next(events);
  await next(events);
  expect(await next(events)).toMatchObject({ name: "ping", data: { t: expect.any(String) } });
});

test("only so many consoles may be open, and one that goes makes room", async () => {
  await start({ streams: 1 });
  const gone = new AbortController();
  const first = await fetch(`${running.url}api/v1/events`, {
    headers: { authorization: `Bearer ${token}` },
    signal: gone.signal,
  });
  expect(first.status).toBe(200);
  const second = await open();
  expect(second.status).toBe(503);
  expect(second.headers.get("retry-after")).toBe("5");
  gone.abort();
  await vi.waitFor(async () => expect((await open()).status).toBe(200));
});

test("a console that goes leaves nothing behind, and no word on the standard output", async () => {
  const said = vi.spyOn(console, "info");
  await start();
  const events = await listen();
  await next(events);
  expect(site.subscribers).toBe(1);
  ends.abort();
  await expect(events.next().then(() => events.next())).rejects.toThrow();
  await vi.waitFor(() => expect(site.subscribers).toBe(0));
  expect(said).not.toHaveBeenCalled();
  said.mockRestore();
});

test("HEAD opens no stream", async () => {
  await start();
  const response = await fetch(`${running.url}api/v1/events`, {
    method: "HEAD",
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  expect(site.subscribers).toBe(0);
});

test("a site that stops ends its streams", async () => {
  await start();
  const events = await listen();
  await next(events);
  await next(events);
  await running.close();
  expect((await events.next()).done).toBe(true);
});
