import type { Socket } from "node:net";
import type { Location } from "@modwarden/access";
import { type ConformanceRule, conformanceFinding } from "@modwarden/detect";
import type { Moment, Question } from "@modwarden/policy";
import { AskedQuestion } from "./asked-question.ts";
import type { Asker } from "./asker.ts";
import type { Bus } from "./bus.ts";
import { ClientSocket } from "./client-socket.ts";
import { Inbound } from "./inbound.ts";
import { type JudgeView, judge, type Verdict } from "./judge.ts";
import type { LineContext } from "./line-context.ts";
import { RefusalDebt } from "./refusal-debt.ts";
import type { Slot } from "./slot.ts";
import type { Speaker, Standing } from "./subjects.ts";

export interface SessionParts {
  readonly context: LineContext;
  readonly socket: Socket;
  readonly transport: "tcp" | "tls";
  readonly location: Location;
  /** URL of the listener, as the site file has it. */
  readonly listener: string;
  readonly sourceHost: string;
  /** Asked again when the registry has changed and when a certificate ends; `standing` came first. */
  readonly speaker: Speaker;
  readonly standing: Standing;
  readonly routes: ReadonlyMap<number, Bus>;
}

/** One client's connection: bytes to transactions, and their replies back in the order of the requests. */
export class Session implements JudgeView, Asker {
  readonly transport: "tcp" | "tls";
  readonly location: Location;
  standing: Standing;
  /** No transaction begins here any more. */
  closed = false;
  readonly #context: LineContext;
  readonly #socket: ClientSocket;
  readonly #speaker: Speaker;
  readonly #routes: ReadonlyMap<number, Bus>;
  readonly #question: AskedQuestion;
  readonly #busy: string;
  readonly #inbound: Inbound = new Inbound((bytes, start, end) => this.#arrive(bytes, start, end));
  /** Every request that is not answered yet, in the order in which they came. */
  readonly #queue: Slot[] = [];
  readonly #refusals = new RefusalDebt();
  #lastByteMs: number;
  #unanswered = 0;
  #receiving = false;
  #draining = false;
  /** The client has ended its side. */
  #finished = false;

  constructor(parts: SessionParts) {
    const { limits, clock } = parts.context;
    this.#context = parts.context;
    this.#socket = new ClientSocket(parts.socket, limits);
    this.transport = parts.transport;
    this.location = parts.location;
    this.#question = new AskedQuestion(parts.transport, parts.listener, parts.sourceHost);
    this.#speaker = parts.speaker;
    this.standing = parts.standing;
    this.#routes = parts.routes;
    this.#busy = `more than ${limits.outstandingPerConnection} requests outstanding`;
    this.#lastByteMs = clock.monotonicMs();
  }

  get policy(): LineContext["policy"] {
    return this.#context.policy;
  }

  get busy(): string | undefined {
    return this.#unanswered > this.#context.limits.outstandingPerConnection ? this.#busy : undefined;
  }

  route(unit: number): Bus | undefined {
    return this.#routes.get(unit);
  }

  /** One chunk from the client. The replies that are ready go out in one write, however many ADUs it held. */
  receive(chunk: Uint8Array): void {
    if (this.closed) return;
    const nowMs = this.#context.clock.monotonicMs();
    this.#lastByteMs = nowMs;
    this.#inbound.add(chunk);
    if (this.#refusals.isDeep(nowMs)) this.balance();
    else this.advance();
  }

  /**
   * Takes as many requests as there is room for, at most so many. What is left has its turn later, so that others have
   * theirs.
   */
  advance(most: number = Number.POSITIVE_INFINITY): void {
    if (this.closed) return;
    const { clock, counters, limits } = this.#context;
    this.#receiving = true;
    try {
      const room = Math.min(limits.repliesPerConnection - this.#queue.length, most);
      const fault = this.#inbound.advance(room, clock.monotonicMs());
      this.#receiving = false;
      this.flush();
      if (fault === undefined) return;
      counters.closedFrames += 1;
      this.#end("frame-malformed", fault.message);
    } catch (error) {
      this.#receiving = false;
      // What must not happen ends the connection that it happened to, and not the line.
      counters.closedErrors += 1;
      this.#end("internal-error", error instanceof Error ? error.message : String(error));
    }
  }

  /** The client has finished sending; what it asked for is still answered. */
  finish(): void {
    this.#finished = true;
    const { pending, waiting } = this.#inbound;
    if (pending > 0 && !waiting) this.#end("half-frame", `${pending} bytes of an unfinished frame`);
    else this.flush();
  }

  /** The socket has ended with an error; what is said of TLS is on record, the rest is everyday. */
  fail(error: Error & { readonly code?: string }): void {
    const { code = "" } = error;
    const violates = code === "ERR_TLS_RENEGOTIATION_DISABLED" || code.startsWith("ERR_SSL_");
    if (violates) this.#end("tls-violation", error.message);
    this.close();
  }

  /** Whether a change of the registry that is `about` these ids and fingerprints is about this session. */
  concerned(about: ReadonlySet<string>): boolean {
    return about.has(this.#speaker.key);
  }

  /** The same connection, judged by what is registered now. Returns false when that closed it. */
  reconsider(): boolean {
    if (this.closed) return true;
    this.standing = this.#speaker.standing();
    if (this.standing.kind !== "refuse") return true;
    this.#context.counters.closedRevoked += 1;
    this.#end("identity-revoked", this.standing.reason);
    this.close();
    return false;
  }

  /** Called on the line's tick; `wallMs` since 1970. */
  checkTime(nowMs: number, wallMs: number): void {
    const { counters, limits } = this.#context;
    const { standing } = this;
    if (this.closed) {
      if (this.#socket.lingers(nowMs)) this.close();
    } else if (standing.kind !== "refuse" && standing.expiresMs !== undefined && wallMs >= standing.expiresMs) {
      this.reconsider();
    } else if (!this.#socket.paused && this.#inbound.partialMs(nowMs) > limits.frameTimeoutMs) {
      counters.closedSlow += 1;
      this.#end("frame-timeout", `${this.#inbound.pending} bytes of a frame in ${limits.frameTimeoutMs} ms`);
    } else if (this.#socket.neglects(nowMs)) {
      counters.closedSlow += 1;
      this.#end("client-unread", `replies left unread for ${limits.unreadTimeoutMs} ms`);
      this.close();
    } else if (limits.idleTimeoutMs > 0 && nowMs - this.#lastByteMs > limits.idleTimeoutMs) {
      if (this.#queue.length === 0) this.close();
    }
  }

  /** Replies that are ready, in the order of their requests, in one write. */
  flush(): void {
    if (this.#receiving || this.closed) return;
    const queue = this.#queue;
    let count = 0;
    while (queue[count]?.state === "ready") count += 1;
    if (count > 0) {
      const ready = queue.splice(0, count);
      this.#socket.write(ready);
      for (const slot of ready) this.#context.slots.give(slot);
    }
    this.balance();
    if (this.#finished && queue.length === 0 && !this.#inbound.waiting) this.#leave();
  }

  /** Back-pressure: a client that does not read, or that is far ahead of its replies, is not read from. */
  balance(): void {
    if (this.closed) return;
    const { limits, clock } = this.#context;
    const nowMs = clock.monotonicMs();
    const full = this.#socket.unread(nowMs) || this.#queue.length > limits.repliesPerConnection / 2;
    if (!full && this.#inbound.waiting) {
      if (this.#refusals.isDeep(nowMs)) this.#context.crowd(this);
      else this.#context.defer(this);
    }
    const pause = full || this.#draining || this.#inbound.waiting;
    if (pause === this.#socket.paused) return;
    if (pause) this.#socket.pause();
    else {
      this.#inbound.excuse(nowMs);
      this.#socket.resume();
    }
  }

  /** Nothing more is read; what is under way is still answered. */
  drain(): void {
    this.#draining = true;
    this.balance();
  }

  questionOf(slot: Slot, device: string, moment: Moment | undefined): Question {
    const wallMs = Math.floor(this.#context.clock.wallUs() / 1000);
    return this.#question.of(slot, this.standing, device, wallMs, moment);
  }

  judge(slot: Slot): Verdict {
    return judge(slot, this);
  }

  /** One of its transactions has ended; it is answered when it is ready. */
  concluded(): void {
    this.#unanswered -= 1;
  }

  ready(slot: Slot): void {
    slot.state = "ready";
    if (this.closed) this.#context.slots.give(slot);
    else this.#context.touch(this);
  }

  close(): void {
    this.#drop();
    this.#socket.destroy();
    this.#context.forget(this);
  }

  #arrive(bytes: Uint8Array, start: number, end: number): boolean {
    const { clock, counters, endings, epoch, slots } = this.#context;
    counters.requests += 1;
    const slot = slots.take();
    if (slot === undefined) {
      counters.refusedOutstanding += 1;
      this.#end("connection-limit", "no more transactions at a time");
      return false;
    }
    slot.session = this;
    slot.epoch = epoch;
    slot.arrivedMs = clock.monotonicMs();
    slot.takeRequest(bytes, start, end);
    this.#queue.push(slot);
    this.#unanswered += 1;
    const verdict = judge(slot, this);
    if (typeof verdict === "number") {
      this.#refusals.add(slot.arrivedMs);
      endings.refuse(slot, verdict);
    } else {
      counters.permitted += 1;
      slot.bus = verdict;
      verdict.enqueue(slot);
    }
    return !this.closed;
  }

  #end(rule: ConformanceRule, evidence: string): void {
    if (this.closed) return;
    const { subject } = this.standing;
    this.#context.journal.finding(conformanceFinding(rule, evidence), { subject, location: this.location });
    this.#leave();
  }

  /** Nothing more from this client; what is written already still goes out. */
  #leave(): void {
    this.#drop();
    this.#socket.leave(this.#context.clock.monotonicMs());
  }

  /** Every transaction ends here; one that a device has been sent ends when the device has answered. */
  #drop(): void {
    if (this.closed) return;
    this.closed = true;
    for (const slot of this.#queue.splice(0)) {
      if (slot.state === "queued") slot.bus?.cancel(slot);
      else if (slot.state !== "sent") this.#context.slots.give(slot);
    }
  }
}
