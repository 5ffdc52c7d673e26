import { ClientSide, MAX_PDU, ModbusError, type UserFunction } from "@modwarden/protocol";
import { ClosedError, QueueFullError } from "../errors.ts";
import type { Framing } from "../framing/framing.ts";
import { type LineCodec, lineCodec } from "../framing/line-codec.ts";
import { LineReader } from "../framing/line-reader.ts";
import type { LineTiming } from "../link/line-timing.ts";
import { type AnswerForm, answerForm, hasForm } from "./answer-form.ts";
import type { ClientEngine, TransactionListener } from "./client-engine.ts";
import { checkPduLength, checkTimeout, checkUnit } from "./engine.ts";
import { LateAnswers } from "./late-answers.ts";

export interface LineEngineOptions {
  readonly framing: Exclude<Framing, "mbap">;
  readonly line: LineTiming;
  /** Vendors' functions that tell their length; the answers of others end with silence. */
  readonly functions: readonly UserFunction<unknown, unknown>[];
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly listener: TransactionListener;
  /** Takes ownership of one whole ADU. */
  readonly write: (bytes: Uint8Array) => void;
}

/**
 * - `held`: not sent yet, because an answer that is late could be taken for its own
 * - `open`: sent, its answer is waited for
 * - `given-up`: the caller wants it no more, the line is still the device's
 * - `broadcast`: sent to all, who have the turnaround delay for themselves
 */
type State = "idle" | "held" | "open" | "given-up" | "broadcast";

/** Requests that ask something, so that a broadcast of them makes no sense. Serial Line V1.02 § 2.1 */
const asking: ReadonlySet<number> = new Set([1, 2, 3, 4, 7, 11, 12, 17, 20, 23, 24, 43]);
const nothing = new Uint8Array(0);
const diagnostics = 8;
const changeDelimiter = 3;

/**
 * One request at a time on a line without transaction ids, where only unit and function code tell whom an answer is
 * from. A request that timed out leaves an answer owed: until it has come, or its time is over too, nothing is sent
 * that it could be taken for. MODBUS over Serial Line V1.02 § 2.4.1
 */
export class LineEngine implements ClientEngine {
  readonly #options: LineEngineOptions;
  readonly #side: ClientSide = new ClientSide();
  readonly #codec: LineCodec;
  readonly #reader: LineReader;
  readonly #late: LateAnswers = new LateAnswers();
  /** The request, for comparing what its answer repeats. */
  readonly #pdu: Uint8Array = new Uint8Array(MAX_PDU);
  #length = 0;
  #form: AnswerForm | undefined;
  #state: State = "idle";
  #unit = 0;
  #token = 0;
  #timeoutMs = 0;
  /** When the state ends by itself. */
  #until = 0;
  /** Somebody waits for the outcome. */
  #wanted = false;
  #id = -1;
  #ended = false;

  constructor(options: LineEngineOptions) {
    checkTimeout(options.timeoutMs);
    this.#options = options;
    this.#codec = lineCodec(options.framing, this.#side, options.functions);
    this.#reader = new LineReader(this.#codec.splitter, options.line, options.now, this.#frame);
  }

  get hasRoom(): boolean {
    return !this.#ended && this.#state === "idle";
  }

  get inFlight(): number {
    return this.#wanted ? 1 : 0;
  }

  get nextDeadline(): number {
    if (this.#state === "idle" || this.#ended) return Number.POSITIVE_INFINITY;
    return Math.min(this.#until, this.#reader.due);
  }

  check(unit: number, timeoutMs: number, functionCode: number = 0): void {
    checkUnit(unit);
    checkTimeout(timeoutMs);
    if (unit === 0 && asking.has(functionCode)) {
      throw new ModbusError(
        "ERR_MODBUS_BAD_VALUE",
        `function ${functionCode} asks something, and unit 0 is every device of the line, of which none answers`,
      );
    }
  }

  send(
    bytes: Uint8Array,
    at: number,
    end: number,
    unit: number,
    token: number,
    timeoutMs: number = this.#options.timeoutMs,
  ): number {
    if (this.#ended) throw new ClosedError("the connection has ended");
    if (this.#state !== "idle") throw new QueueFullError("a line has one request open at a time");
    const length = end - at;
    checkPduLength(length);
    const functionCode = bytes[at]!;
    this.check(unit, timeoutMs, functionCode);
    this.#pdu.set(bytes.subarray(at, end));
    this.#length = length;
    this.#form = answerForm(this.#pdu, 0, length);
    this.#unit = unit;
    this.#token = token;
    this.#wanted = true;
    this.#timeoutMs = timeoutMs;
    this.#id = (this.#id + 1) & 0xffff;
    const now = this.#options.now();
    const owedUntil = unit === 0 ? 0 : this.#late.until(unit, functionCode);
    if (owedUntil > now) {
      this.#state = "held";
      this.#until = owedUntil;
      // When the answer that is owed comes after all, its time is over.
      this.#side.expect(unit, functionCode);
    } else {
      this.#transmit(now);
    }
    return this.#id;
  }

  cancel(transaction: number): boolean {
    if (transaction !== this.#id || !this.#wanted) return false;
    this.#wanted = false;
    if (this.#state === "held") this.#state = "idle";
    else if (this.#state === "open") this.#state = "given-up";
    return true;
  }

  receive(chunk: Uint8Array): void {
    if (!this.#ended) this.#reader.push(chunk);
  }

  expire(): void {
    if (this.#ended || this.#state === "idle") return;
    this.#reader.expire();
    this.#elapse(this.#options.now());
  }

  #elapse(now: number): void {
    if (now < this.#until) return;
    switch (this.#state) {
      case "held":
        this.#transmit(now);
        return;
      case "broadcast":
        this.#broadcastOver();
        return;
      case "open":
        this.#owe(now);
        this.#wanted = false;
        this.#options.listener.timedOut(this.#token);
        return;
      case "given-up":
        this.#owe(now);
    }
  }

  drop(): void {
    if (this.#ended) return;
    const lost = this.#wanted;
    this.#ended = true;
    this.#wanted = false;
    this.#state = "idle";
    if (lost) this.#options.listener.lost(this.#token);
  }

  #transmit(now: number): void {
    const { line, write } = this.#options;
    const unit = this.#unit;
    const functionCode = this.#pdu[0]!;
    // What came before the request does not answer it.
    this.#codec.splitter.reset();
    if (unit !== 0) this.#side.expect(unit, functionCode, this.#form!.length);
    const out = new Uint8Array(this.#codec.maxAdu);
    const begin = this.#codec.begin(0);
    out.set(this.#pdu.subarray(0, this.#length), begin);
    const adu = out.subarray(0, this.#codec.finish(out, 0, begin + this.#length, unit));
    this.#state = unit === 0 ? "broadcast" : "open";
    // A time-out is for the device; what the bytes themselves take at the speed of the line comes on top.
    this.#until = now + line.silenceMs + line.wireMs(adu.length);
    this.#until += unit === 0 ? line.turnaroundMs : line.wireMs(this.#answerBytes()) + this.#timeoutMs;
    write(adu);
  }

  #answerBytes(): number {
    const { length } = this.#form!;
    return length === 0 ? this.#codec.maxAdu : this.#codec.size(length);
  }

  #broadcastOver(): void {
    this.#state = "idle";
    this.#followDelimiter();
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#options.listener.answered(this.#token, nothing, 0, 0, 0);
  }

  /** Nothing came in time. The splitter keeps looking for the answer, so that its debt ends when it comes. */
  #owe(now: number): void {
    this.#state = "idle";
    this.#late.owe(this.#unit, this.#pdu[0]!, now + (this.#options.line.lateMs ?? this.#timeoutMs));
  }

  readonly #frame = (bytes: Uint8Array, at: number, end: number, unit: number): boolean => {
    const functionCode = bytes[at]! & 0x7f;
    const isLate = this.#late.until(unit, functionCode) > 0;
    if (this.#state !== "open" || unit !== this.#unit) {
      // The answer of a request that timed out, or was given up.
      this.#late.paid(unit, functionCode);
      if (this.#state === "given-up") this.#state = "idle";
      this.#options.listener.unsolicited(this.#id, true);
      if (this.#state === "held") this.#transmit(this.#options.now());
      return !this.#ended;
    }
    if (isLate && !hasForm(this.#form!, this.#pdu, 0, bytes, at, end)) {
      this.#late.paid(unit, functionCode);
      this.#side.expect(unit, functionCode, this.#form!.length);
      this.#options.listener.unsolicited(this.#id, true);
      return !this.#ended;
    }
    this.#late.paid(unit, functionCode);
    this.#state = "idle";
    this.#wanted = false;
    this.#followDelimiter();
    this.#options.listener.answered(this.#token, bytes, at, end, unit);
    return !this.#ended;
  };

  /** The devices end their frames with another character from now on. MODBUS Application Protocol V1.1b3 § 6.8.1 */
  #followDelimiter(): void {
    const pdu = this.#pdu;
    const isChange = pdu[0] === diagnostics && pdu[1] === 0 && pdu[2] === changeDelimiter && this.#length === 5;
    if (isChange) this.#codec.setDelimiter(pdu[3]!);
  }
}
