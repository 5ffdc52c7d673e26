import { type BadFrameError, ServerSide, type UserFunction } from "@modwarden/protocol";
import type { LineTiming } from "../link/line-timing.ts";
import type { LineObserver } from "../server/line-observer.ts";
import { realTimers, type Timers } from "../timers.ts";
import type { Framing } from "./framing.ts";
import { type LineCodec, lineCodec } from "./line-codec.ts";
import { LineReader } from "./line-reader.ts";
import type { FramingListener, ServerFraming } from "./server-framing.ts";

/** A line as a server uses it. */
export interface ServerLine {
  readonly framing: Exclude<Framing, "mbap">;
  readonly timing: LineTiming;
  /** Whether this server answers for the unit. Nobody answers for the others here: they may stand on the same line. */
  readonly serves: (unit: number) => boolean;
  /**
   * Others share the line: an answer that is not ready before the next frame comes must not be sent any more, because
   * the client has given it up and somebody else may be speaking.
   */
  readonly shared: boolean;
  /** Vendors' functions that tell their length. */
  readonly functions: readonly UserFunction<unknown, unknown>[];
  readonly observer: LineObserver | undefined;
}

const broadcast = 0;

/** RTU or ASCII: requests to units of this server and to all are handed on, everything else on the line is heard only. */
export class LineServerFraming implements ServerFraming {
  readonly maxAdu: number;
  /** Silence ends a frame, in its own time. */
  readonly pending = 0;
  readonly #line: ServerLine;
  readonly #listener: FramingListener;
  readonly #timers: Timers;
  readonly #codec: LineCodec;
  readonly #reader: LineReader;
  #delimiter: number | undefined;
  /** Frames heard, which also tells requests from each other. */
  #heard = 0;
  #errors = 0;
  #overruns = 0;
  #wait: (() => void) | undefined;
  #closed = false;

  constructor(line: ServerLine, listener: FramingListener, timers: Timers = realTimers) {
    this.#line = line;
    this.#listener = listener;
    this.#timers = timers;
    this.#codec = lineCodec(line.framing, new ServerSide(line.serves), line.functions);
    this.maxAdu = this.#codec.maxAdu;
    this.#reader = new LineReader(this.#codec.splitter, line.timing, () => timers.now(), this.#frame);
  }

  push(chunk: Uint8Array): BadFrameError | undefined {
    this.#applyDelimiter();
    this.#reader.push(chunk);
    this.#count();
    this.#watch();
    return undefined;
  }

  answers(unit: number, transaction: number = this.#heard): boolean {
    return unit !== broadcast && (!this.#line.shared || transaction === this.#heard);
  }

  begin(start: number): number {
    return this.#codec.begin(start);
  }

  finish(out: Uint8Array, start: number, end: number, unit: number): number {
    const stop = this.#codec.finish(out, start, end, unit);
    this.#applyDelimiter();
    return stop;
  }

  /** The answer to the request that asks for it still ends as before. */
  setDelimiter(character: number): void {
    this.#delimiter = character;
  }

  close(): void {
    this.#closed = true;
    this.#wait?.();
    this.#wait = undefined;
  }

  readonly #frame = (bytes: Uint8Array, at: number, end: number, unit: number, direction: string): boolean => {
    // What was damaged in front of it comes first.
    this.#count();
    this.#heard += 1;
    this.#line.observer?.heard(unit);
    if (direction === "response" || (unit !== broadcast && !this.#line.serves(unit))) return true;
    return this.#listener.request(bytes, at, end, unit, this.#heard);
  };

  #applyDelimiter(): void {
    if (this.#delimiter === undefined) return;
    this.#codec.setDelimiter(this.#delimiter);
    this.#delimiter = undefined;
  }

  #count(): void {
    const { errors, overruns } = this.#codec.splitter.counters;
    for (; this.#errors < errors; this.#errors += 1) this.#line.observer?.damaged();
    for (; this.#overruns < overruns; this.#overruns += 1) this.#line.observer?.overrun();
  }

  /** One timer at most: it looks again when it finds that more has come. */
  #watch(): void {
    const { due } = this.#reader;
    if (this.#wait !== undefined || this.#closed || due === Number.POSITIVE_INFINITY) return;
    this.#wait = this.#timers.after(due - this.#timers.now(), this.#onSilence);
  }

  readonly #onSilence = (): void => {
    this.#wait = undefined;
    const before = this.#heard;
    this.#reader.expire();
    this.#count();
    this.#watch();
    if (this.#heard !== before) this.#listener.settled();
  };
}
