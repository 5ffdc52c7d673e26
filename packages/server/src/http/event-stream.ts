/**
 * The event stream of one console: server-sent events (HTML Living Standard § 9.2) out of a bounded queue. Nothing is
 * encoded before the connection asks for it, so a console that does not read costs its queue and no more.
 */
import { EventQueue } from "./event-queue.ts";
import type { LiveEvent, SiteView } from "./site-view.ts";

export interface StreamOptions {
  readonly view: SiteView;
  /** Live number of the last transaction the console has; undefined at its first visit. */
  readonly since: number | undefined;
  /** At least this long between two chunks: 100 ms is as fast as a person can follow. */
  readonly flushMs: number;
  /** A silent stream says this often that it is alive. */
  readonly pingMs: number;
  readonly now: () => number;
  /** Called once, when the stream has ended from either side. */
  readonly ended: () => void;
}

export interface EventStream {
  readonly body: ReadableStream<Uint8Array>;
  /** Ends the stream from this side. */
  end(): void;
}

/** How many transactions a console is shown at its first visit. */
const FIRST_HISTORY = 200;
const RING = 1000;

export function openEventStream(options: StreamOptions): EventStream {
  const { view, now } = options;
  const queue = new EventQueue(options.since);
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let wanted = false;
  let lastChunk = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const send = (text: string): void => {
    wanted = false;
    lastChunk = now();
    controller?.enqueue(encoder.encode(text));
  };
  const flush = (): void => {
    if (!wanted || queue.isEmpty || timer !== undefined) return;
    // A clock that was set back must not hold the stream up.
    const wait = Math.min(lastChunk + options.flushMs - now(), options.flushMs);
    if (wait <= 0) {
      send(drain(queue));
      return;
    }
    timer = setTimeout(() => {
      timer = undefined;
      if (wanted && !queue.isEmpty) send(drain(queue));
    }, wait);
  };

  const unsubscribe = view.subscribe((event) => {
    queue.push(event);
    flush();
  });
  for (const event of greeting(view, options.since)) queue.push(event);
  const ping = setInterval(() => {
    if (wanted && queue.isEmpty) send(`event: ping\ndata: ${JSON.stringify({ t: new Date(now()).toISOString() })}\n\n`);
  }, options.pingMs);

  const finish = (): void => {
    if (controller === undefined) return;
    controller = undefined;
    unsubscribe();
    clearTimeout(timer);
    clearInterval(ping);
    options.ended();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(opened) {
        controller = opened;
      },
      pull() {
        wanted = true;
        flush();
      },
      cancel: finish,
    },
    { highWaterMark: 0 },
  );
  return {
    body,
    end() {
      controller?.close();
      finish();
    },
  };
}

/** The state of things, then what the console has missed; a gap that the ring no longer covers is counted. */
function* greeting(view: SiteView, since: number | undefined): Generator<LiveEvent> {
  yield { kind: "status", status: view.status() };
  yield { kind: "devices", devices: view.devices() };
  const transactions = view.transactions(since === undefined ? FIRST_HISTORY : RING);
  const oldest = transactions[0]?.number;
  if (since !== undefined && oldest !== undefined && oldest > since + 1) {
    yield { kind: "dropped", count: oldest - since - 1 };
  }
  yield { kind: "transactions", transactions };
}

function drain(queue: EventQueue): string {
  let text = "";
  for (let event = queue.take(); event !== undefined; event = queue.take()) text += encodeEvent(event);
  return text;
}

/** The id is the number of the last transaction told: a browser that reconnects repeats it as Last-Event-ID. */
function encodeEvent(event: LiveEvent): string {
  const last = event.kind === "transactions" ? event.transactions.at(-1) : undefined;
  const id = last === undefined ? "" : `id: ${last.number}\n`;
  return `event: ${event.kind}\n${id}data: ${JSON.stringify(event)}\n\n`;
}
