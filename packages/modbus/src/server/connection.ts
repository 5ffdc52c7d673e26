import type { Request } from "@modwarden/protocol";
import type { ServerLine } from "../framing/line.ts";
import { createServerFraming, type FramingListener, type ServerFraming } from "../framing/server-framing.ts";
import type { Link } from "../link/link.ts";
import { ConnectionContext, type ConnectionFacts, roleFacts } from "./context.ts";
import { Deadlines } from "./deadlines.ts";
import { type HandlerResult, noReply, type RequestContext, ServerException } from "./handler.ts";
import { judge } from "./judge.ts";
import { isLater } from "./later.ts";
import type { DropReason } from "./options.ts";
import type { ConnectionOwner } from "./owner.ts";
import { type Envelope, type Place, ReplyWriter } from "./reply-writer.ts";
import { isSerialPort } from "./served-units.ts";
import { TurnEnd } from "./turn-end.ts";

/** Replies waiting to be written; beyond it they go out in the middle of a chunk. */
const flushAt = 65_536;
const nothing = new Uint8Array(0);

/** One client: its bytes to requests, the handler's results to replies. */
export class ServerConnection implements FramingListener {
  readonly #link: Link;
  readonly #owner: ConnectionOwner;
  readonly #framing: ServerFraming;
  readonly #replies: ReplyWriter;
  readonly #facts: ConnectionFacts;
  readonly #deadlines: Deadlines;
  #context: ConnectionContext;
  #abort: AbortController | undefined;
  #left = false;
  #frames = 0;
  #outstanding = 0;
  #finishing = false;
  #ended = false;
  readonly #turnEnd: TurnEnd = new TurnEnd(() => this.#flush());

  constructor(link: Link, line: ServerLine | undefined, owner: ConnectionOwner) {
    this.#link = link;
    this.#owner = owner;
    this.#framing = createServerFraming(line, this);
    // Where others share the line only the last request is still answered, so nothing may wait for those before it.
    this.#replies = new ReplyWriter(this.#framing, owner.limits.ordered && line?.shared !== true);
    this.#deadlines = new Deadlines(owner.now());
    this.#facts = {
      transport: link.transport,
      peer: link.peer,
      certificate: link.certificate,
      ...roleFacts(link.certificate),
      setDelimiter: (character) => this.#framing.setDelimiter(character),
      disconnect: () => this.close(),
      signal: () => this.#signal(),
    };
    this.#context = this.#newContext(0);
  }

  /** The client's certificate (DER), over TLS. */
  get certificate(): Uint8Array | undefined {
    return this.#link.certificate;
  }

  /** When the last byte came, or the connection was opened. */
  get lastActivity(): number {
    return this.#deadlines.lastActivity;
  }

  /** No request of it is open, and its client could come back: a serial port is nobody's connection. */
  get idle(): boolean {
    return this.#outstanding === 0 && !isSerialPort(this.#link.transport);
  }

  open(): void {
    this.#link.open({
      received: (chunk) => this.#received(chunk),
      finished: () => {
        this.#finishing = true;
        this.#flush();
      },
      drained: () => {
        this.#deadlines.drained(this.#owner.now());
        this.#link.resume();
      },
      closed: () => {
        this.#ended = true;
        this.#framing.close();
        this.#left = true;
        this.#abort?.abort();
        this.#owner.left(this);
      },
    });
  }

  close(): void {
    if (this.#ended) return;
    this.#flush();
    this.#ended = true;
    this.#link.end();
  }

  /** Ends the connection for a reason that is reported. */
  drop(reason: DropReason, cause?: Error): void {
    if (this.#ended) return;
    this.#owner.reportDropped(this.#link.peer, reason, cause);
    this.close();
  }

  /** Called from a coarse tick. */
  check(now: number): void {
    const reason = this.#deadlines.passed(now, this.#owner.limits, this.idle);
    if (reason !== undefined) this.drop(reason);
  }

  #received(chunk: Uint8Array): void {
    if (this.#ended) return;
    const now = this.#owner.now();
    this.#deadlines.lastActivity = now;
    this.#frames = 0;
    const fault = this.#framing.push(chunk);
    if (fault !== undefined) {
      this.drop("bad-frame", fault);
      return;
    }
    this.#deadlines.received(now, this.#frames, this.#framing.pending);
    this.settled();
  }

  settled(): void {
    if (this.#outstanding === 0) this.#flush();
    else this.#turnEnd.plan();
  }

  request(bytes: Uint8Array, at: number, end: number, unit: number, transaction: number): boolean {
    // On a line silence may end a frame that the link has handed on before.
    if (this.#ended) return false;
    this.#frames += 1;
    if (!this.#readAtOnce(bytes, at, end, unit, transaction)) this.#request(bytes, at, end, unit, transaction);
    if (this.#replies.ready >= flushAt) this.#flush();
    return !this.#ended;
  }

  /** The short way for what needs no call, is watched by nobody and waits for nothing. */
  #readAtOnce(bytes: Uint8Array, at: number, end: number, unit: number, transaction: number): boolean {
    const { handler, limits, observer, stations } = this.#owner;
    if (observer !== undefined || stations !== undefined || this.#outstanding >= limits.outstanding) return false;
    if (!this.#framing.answers(unit, transaction)) return false;
    return this.#replies.registers(handler.reads[unit]!, bytes, at, end, unit, transaction);
  }

  #request(bytes: Uint8Array, at: number, end: number, unit: number, transaction: number): void {
    const functionCode = bytes[at]!;
    const envelope: Envelope = { transaction, unit, functionCode };
    this.#owner.observer?.request(unit, functionCode);
    const { handler, limits, stations } = this.#owner;
    if (stations?.mutes(unit, !this.#framing.answers(unit), bytes, at, end)) {
      this.#owner.observer?.silent(unit, functionCode);
      return;
    }
    const request = judge(handler.supported[unit]!, bytes, at, end);
    if (typeof request === "number") this.#except(envelope, request, undefined);
    else if (this.#outstanding >= limits.outstanding) this.#except(envelope, 6, undefined);
    else this.#handle(request, envelope);
  }

  #handle(request: Request, envelope: Envelope): void {
    const context = this.#contextOf(envelope.unit);
    let result: HandlerResult | Promise<HandlerResult>;
    try {
      result = this.#owner.handler.handle(request, context);
    } catch (error) {
      this.#failed(error, envelope, context, undefined);
      return;
    }
    if (isLater(result)) this.#later(result, request, envelope, context);
    else this.#reply(result, request, envelope, context, undefined);
  }

  #later(result: PromiseLike<HandlerResult>, request: Request, envelope: Envelope, context: RequestContext): void {
    this.#outstanding += 1;
    const place = this.#replies.hold();
    Promise.resolve(result).then(
      (value) => this.#settled(() => this.#reply(value, request, envelope, context, place)),
      (error: unknown) => this.#settled(() => this.#failed(error, envelope, context, place)),
    );
  }

  #settled(write: () => void): void {
    this.#outstanding -= 1;
    if (this.#ended) return;
    write();
    this.#turnEnd.plan();
  }

  #reply(
    result: HandlerResult,
    request: Request,
    envelope: Envelope,
    context: RequestContext,
    place: Place | undefined,
  ): void {
    if (this.#ended) return;
    const { unit, functionCode, transaction } = envelope;
    if (result === noReply || !this.#framing.answers(unit, transaction)) {
      this.#replies.raw(nothing, place);
      this.#owner.observer?.silent(unit, functionCode);
      return;
    }
    try {
      if (result.kind === "raw") this.#replies.raw(result.bytes, place);
      else this.#replies.response(envelope, request, result, place);
    } catch (error) {
      this.#failed(error, envelope, context, place);
      return;
    }
    this.#owner.observer?.answered(unit, functionCode);
  }

  #failed(error: unknown, envelope: Envelope, context: RequestContext, place: Place | undefined): void {
    if (this.#ended) return;
    if (error instanceof ServerException) {
      this.#except(envelope, error.exception, place);
      return;
    }
    this.#except(envelope, 4, place);
    this.#owner.reportError(error, context);
  }

  #except(envelope: Envelope, exception: number, place: Place | undefined): void {
    const { unit, functionCode, transaction } = envelope;
    const answers = this.#framing.answers(unit, transaction);
    if (answers) this.#replies.exception(envelope, exception, place);
    else this.#replies.raw(nothing, place);
    const observer = this.#owner.observer;
    if (observer === undefined) return;
    observer.exception(unit, functionCode, exception);
    if (!answers) observer.silent(unit, functionCode);
  }

  #contextOf(unit: number): RequestContext {
    if (this.#context.unit !== unit) this.#context = this.#newContext(unit);
    return this.#context;
  }

  #newContext(unit: number): ConnectionContext {
    return new ConnectionContext(this.#facts, unit, !this.#framing.answers(unit));
  }

  #signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#left) this.#abort.abort();
    return this.#abort.signal;
  }

  /** A client that does not read is not read from either, so what it can make this side hold is bounded. */
  #flush(): void {
    if (this.#ended) return;
    if (!this.#replies.flush(this.#link) && this.#deadlines.stalled(this.#owner.now())) this.#link.pause();
    if (this.#finishing && this.#outstanding === 0) {
      this.#ended = true;
      this.#link.end();
    }
  }
}
