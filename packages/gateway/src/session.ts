import type { Socket } from "node:net";
import type { Location, Outcome, Subject } from "@modwarden/access";
import { type ConformanceRule, conformanceFinding } from "@modwarden/detect";
import { MBAP_HEADER, MbapSplitter, mbapTransaction, mbapUnit } from "@modwarden/protocol";
import type { Bus } from "./bus.ts";
import { transactionOf } from "./journal.ts";
import { exceptions, judge, refusal } from "./judge.ts";
import type { LineContext } from "./line-context.ts";
import { replyWithException } from "./reply.ts";
import type { Slot } from "./slot.ts";
import type { Standing } from "./subjects.ts";

/** How a session learns who it speaks for: asked once when it opens and again at every new snapshot. */
export type Identify = () => Standing;

/** One client's connection: bytes to transactions, and their replies back in the order of the requests. */
export class Session {
  readonly transport: "tcp" | "tls";
  readonly source: string;
  readonly sourceHost: string;
  readonly #context: LineContext;
  readonly #socket: Socket;
  readonly #identify: Identify;
  readonly #routes: ReadonlyMap<number, Bus>;
  readonly #splitter = new MbapSplitter();
  readonly #queue: Slot[] = [];
  readonly #each: (bytes: Uint8Array, start: number, end: number) => boolean;
  #standing: Standing;
  #partialSinceMs = 0;
  #lastByteMs: number;
  #unanswered = 0;
  #paused = false;
  #receiving = false;
  closed = false;

  constructor(parts: {
    readonly context: LineContext;
    readonly socket: Socket;
    readonly transport: "tcp" | "tls";
    readonly source: string;
    readonly sourceHost: string;
    readonly identify: Identify;
    readonly standing: Standing;
    readonly routes: ReadonlyMap<number, Bus>;
  }) {
    this.#context = parts.context;
    this.#socket = parts.socket;
    this.transport = parts.transport;
    this.source = parts.source;
    this.sourceHost = parts.sourceHost;
    this.#identify = parts.identify;
    this.#standing = parts.standing;
    this.#routes = parts.routes;
    this.#lastByteMs = parts.context.clock.monotonicMs();
    this.#each = (bytes, start, end) => this.#arrive(bytes, start, end);
  }

  get subject(): Subject {
    return this.#standing.subject;
  }

  get location(): Location {
    const { site, gateway, zone } = this.#context.configuration;
    return { site, gateway, ...(zone === undefined ? {} : { zone }), source: this.source };
  }

  /** One chunk from the client. The replies that are ready go out in one write, however many ADUs it held. */
  receive(chunk: Uint8Array): void {
    if (this.closed) return;
    const nowMs = this.#context.clock.monotonicMs();
    this.#lastByteMs = nowMs;
    this.#receiving = true;
    const fault = this.#splitter.push(chunk, this.#each);
    this.#receiving = false;
    if (this.#splitter.pending === 0) this.#partialSinceMs = 0;
    else if (this.#partialSinceMs === 0) this.#partialSinceMs = nowMs;
    this.flush();
    if (fault !== undefined && !this.closed) {
      this.#context.counters.closedFrames += 1;
      this.#end("frame-malformed", fault.message);
    }
    this.#balance();
  }

  /** The client has finished sending; what it asked for is still answered where it waits for it. */
  finish(): void {
    if (this.#splitter.pending > 0) this.#end("half-frame", `${this.#splitter.pending} bytes of an unfinished frame`);
    else if (this.#queue.length === 0) this.close();
  }

  /** A new snapshot: the same connection, judged by what is registered now. Returns false when it was closed. */
  reconsider(): boolean {
    this.#standing = this.#identify();
    if (this.#standing.kind !== "refuse") return true;
    this.#context.counters.closedRevoked += 1;
    this.#end("identity-revoked", this.#standing.reason);
    return false;
  }

  /** Called on the line's tick. */
  checkTime(nowMs: number): void {
    const { frameTimeoutMs, idleTimeoutMs } = this.#context.configuration.limits;
    if (this.#partialSinceMs !== 0 && nowMs - this.#partialSinceMs > frameTimeoutMs) {
      this.#context.counters.closedSlow += 1;
      this.#end("frame-timeout", `${this.#splitter.pending} bytes of a frame in ${frameTimeoutMs} ms`);
    } else if (idleTimeoutMs > 0 && this.#queue.length === 0 && nowMs - this.#lastByteMs > idleTimeoutMs) {
      this.close();
    }
  }

  /** Replies that are ready, in the order of their requests, in one write. */
  flush(): void {
    if (this.#receiving || this.closed) return;
    let bytes = 0;
    let count = 0;
    for (const slot of this.#queue) {
      if (slot.state !== "ready") break;
      bytes += slot.replyBytes;
      count += 1;
    }
    if (count === 0) return;
    const out = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (const slot of this.#queue.splice(0, count)) {
      out.set(slot.reply.subarray(0, slot.replyBytes), at);
      at += slot.replyBytes;
      this.#context.slots.give(slot);
    }
    this.#socket.write(out);
    this.#balance();
    if (this.#queue.length === 0 && this.#socket.readableEnded) this.close();
  }

  /** Ends a transaction with an exception of the gateway's own: recorded first, answered when the record allows it. */
  refuse(slot: Slot, exception: number): void {
    const { counters, journal } = this.#context;
    counters.refused += 1;
    replyWithException(slot, exception);
    const count = journal.record(slot, this.transaction(slot, { exception, latencyUs: this.#latencyUs(slot) }));
    this.#unanswered -= 1;
    if (count > 0 && !journal.failed) {
      slot.state = "waiting-to-reply";
      journal.whenDurable(count, slot);
    } else {
      this.ready(slot);
    }
  }

  /** Ends a transaction with what the device said or did; `slot` holds the reply. */
  settle(slot: Slot, outcome: Omit<Outcome, "latencyUs">): void {
    const { journal } = this.#context;
    const count = journal.record(slot, this.transaction(slot, { ...outcome, latencyUs: this.#latencyUs(slot) }));
    this.#unanswered -= 1;
    if (slot.findings.length > 0 && count > 0 && !journal.failed) {
      slot.state = "waiting-to-reply";
      journal.whenDurable(count, slot);
    } else {
      this.ready(slot);
    }
  }

  ready(slot: Slot): void {
    slot.state = "ready";
    if (this.closed) this.#context.slots.give(slot);
    else this.#context.touch(this);
  }

  transaction(slot: Slot, outcome: Outcome): ReturnType<typeof transactionOf> {
    return transactionOf(slot, this.location, this.#standing.subject, this.transport, outcome);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#socket.destroy();
    this.#context.forget(this);
    for (const slot of this.#queue.splice(0)) {
      if (slot.state === "ready" || slot.state === "waiting-to-reply") this.#context.slots.give(slot);
      else if (slot.state === "queued") slot.bus?.cancel(slot);
    }
  }

  #arrive(bytes: Uint8Array, start: number, end: number): boolean {
    const { counters, limits, slots, clock } = this.#context;
    counters.requests += 1;
    const slot = this.#queue.length >= limits.repliesPerConnection ? undefined : slots.take();
    if (slot === undefined) {
      counters.refusedOutstanding += 1;
      this.#end("connection-limit", `${this.#queue.length} requests are waiting for their replies`);
      return false;
    }
    slot.state = "arrived";
    slot.session = this;
    slot.transaction = mbapTransaction(bytes, start);
    slot.unit = mbapUnit(bytes, start);
    slot.functionCode = bytes[start + MBAP_HEADER] ?? 0;
    slot.requestBytes = end - start - MBAP_HEADER;
    slot.requestPdu.set(bytes.subarray(start + MBAP_HEADER, end));
    slot.arrivedWallUs = clock.wallUs();
    slot.arrivedMs = clock.monotonicMs();
    this.#queue.push(slot);
    this.#judge(slot);
    return !this.closed;
  }

  #judge(slot: Slot): void {
    const { counters, limits, policy } = this.#context;
    this.#unanswered += 1;
    const verdict = judge(slot, {
      policy,
      standing: this.#standing,
      transport: this.transport,
      source: this.sourceHost,
      route: (unit) => this.#routes.get(unit),
    });
    if ("exception" in verdict) {
      if (slot.decision?.because === "malformed") counters.malformed += 1;
      this.refuse(slot, verdict.exception);
      return;
    }
    if (this.#unanswered > limits.outstandingPerConnection) {
      counters.refusedOutstanding += 1;
      slot.decision = refusal(
        policy.hash,
        "outstanding",
        `more than ${limits.outstandingPerConnection} requests outstanding`,
      );
      this.refuse(slot, exceptions.busy);
      return;
    }
    counters.permitted += 1;
    slot.bus = verdict.bus;
    verdict.bus.enqueue(slot);
  }

  #latencyUs(slot: Slot): number {
    return Math.max(0, Math.round((this.#context.clock.monotonicMs() - slot.arrivedMs) * 1000));
  }

  /** Back-pressure: a client that does not read, or that is far ahead of its replies, is not read from. */
  #balance(): void {
    if (this.closed) return;
    const { limits } = this.#context;
    const full =
      this.#socket.writableLength > limits.unreadBytes || this.#queue.length > limits.repliesPerConnection / 2;
    if (full && !this.#paused) {
      this.#paused = true;
      this.#socket.pause();
      this.#socket.once("drain", () => this.#balance());
    } else if (!full && this.#paused) {
      this.#paused = false;
      this.#socket.resume();
    }
  }

  #end(rule: ConformanceRule, evidence: string): void {
    if (this.closed) return;
    this.#context.journal.finding(conformanceFinding(rule, evidence), {
      subject: this.#standing.subject,
      location: this.location,
    });
    this.close();
  }
}
