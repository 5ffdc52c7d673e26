import {
  MAX_PDU,
  MBAP_HEADER,
  MbapSplitter,
  ModbusError,
  mbapTransaction,
  mbapUnit,
  writeMbap,
} from "@modwarden/protocol";
import { ClosedError, QueueFullError } from "../errors.ts";
import { Slab } from "../link/slab.ts";
import type { ClientEngine, TransactionListener } from "./client-engine.ts";
import { LateIds } from "./late-ids.ts";

export interface TransactionEngineOptions {
  /** Requests open at one time, 1 to 1024. */
  readonly outstanding: number;
  /** Milliseconds until an open request times out, unless `send` says otherwise. */
  readonly timeoutMs: number;
  /**
   * Takes an answer with another transaction id for that of the open request, of which there is one only. After a
   * time-out the owner has to end the connection, because a late answer cannot be told apart any more. Default false.
   */
  readonly anyTransaction?: boolean;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly listener: TransactionListener;
  /** Takes ownership of one whole ADU. */
  readonly write: (bytes: Uint8Array) => void;
}

const free = 0;
const open = 1;

const maxOutstanding = 1024;

/**
 * Matches responses to requests on one Modbus/TCP connection: transaction ids, deadlines, late answers.
 * Typed arrays only: no promise, closure or timer per request. A transaction's place in the tables is its id modulo
 * their size, and an id is handed out only when its place is not taken, so an open id is never used twice; ids run
 * through all 65,536 values before one returns, and one whose answer is late does not return before that has come.
 * One engine serves one connection.
 * MODBUS Messaging on TCP/IP V1.0b § 4.4.2.3 (an answer with an unknown transaction id is discarded)
 */
export class TransactionEngine implements ClientEngine {
  readonly #outstanding: number;
  readonly #timeoutMs: number;
  readonly #now: () => number;
  readonly #listener: TransactionListener;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #splitter: MbapSplitter = new MbapSplitter();
  readonly #slab: Slab = new Slab();
  readonly #mask: number;
  readonly #state: Uint8Array;
  readonly #id: Uint16Array;
  readonly #token: Float64Array;
  readonly #deadline: Float64Array;
  readonly #late: LateIds = new LateIds();
  readonly #anyTransaction: boolean;
  #nextId = 0;
  #lastId = 0;
  #inFlight = 0;
  #earliest = Number.POSITIVE_INFINITY;
  #ended = false;

  constructor(options: TransactionEngineOptions) {
    const { outstanding, timeoutMs } = options;
    if (!Number.isInteger(outstanding) || outstanding < 1 || outstanding > maxOutstanding) {
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `outstanding has to be 1 to ${maxOutstanding}, not ${outstanding}`);
    }
    checkTimeout(timeoutMs);
    this.#anyTransaction = options.anyTransaction ?? false;
    if (this.#anyTransaction && outstanding !== 1) {
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `anyTransaction goes with one request open, not ${outstanding}`);
    }
    this.#outstanding = outstanding;
    this.#timeoutMs = timeoutMs;
    this.#now = options.now;
    this.#listener = options.listener;
    this.#write = options.write;
    // At least twice as many places as open requests keep the search for a free one short.
    let places = 256;
    while (places < 2 * outstanding) places *= 2;
    this.#mask = places - 1;
    this.#state = new Uint8Array(places);
    this.#id = new Uint16Array(places);
    this.#token = new Float64Array(places);
    this.#deadline = new Float64Array(places);
  }

  get hasRoom(): boolean {
    return !this.#ended && this.#inFlight < this.#outstanding;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** No open request times out before this moment of `now`; infinite when none is open. */
  get nextDeadline(): number {
    return this.#inFlight === 0 ? Number.POSITIVE_INFINITY : this.#earliest;
  }

  /**
   * Sends the PDU at `at` to `end` of `bytes` and returns its transaction id. `token` comes back with its outcome.
   * Throws `ERR_MODBUS_CLOSED` after `drop`, and `ERR_MODBUS_QUEUE_FULL` when there is no room: look at `hasRoom` first.
   */
  send(
    bytes: Uint8Array,
    at: number,
    end: number,
    unit: number,
    token: number,
    timeoutMs: number = this.#timeoutMs,
  ): number {
    if (this.#ended) throw new ClosedError("the connection has ended");
    if (this.#inFlight >= this.#outstanding) {
      throw new QueueFullError(`${this.#outstanding} requests are open already`);
    }
    const length = end - at;
    checkPduLength(length);
    this.check(unit, timeoutMs);

    const id = this.#takeId();
    const place = id & this.#mask;
    const deadline = this.#now() + timeoutMs;
    this.#state[place] = open;
    this.#id[place] = id;
    this.#token[place] = token;
    this.#deadline[place] = deadline;
    if (this.#inFlight === 0 || deadline < this.#earliest) this.#earliest = deadline;
    this.#inFlight += 1;
    this.#lastId = id;

    const slab = this.#slab;
    slab.reserve(MBAP_HEADER + length);
    const body = writeMbap(slab.bytes, slab.at, id, unit, length);
    for (let from = at, to = body; from < end; from += 1, to += 1) slab.bytes[to] = bytes[from]!;
    slab.commit(body + length);
    // One ADU per write: many devices read only the first of a segment. MODBUS Messaging on TCP/IP V1.0b § 4.4.2
    this.#write(slab.take());
    return id;
  }

  /** Throws `ERR_MODBUS_BAD_VALUE` for a unit or time-out that `send` would refuse. */
  check(unit: number, timeoutMs: number): void {
    checkUnit(unit);
    checkTimeout(timeoutMs);
  }

  /** Gives an open transaction up without a word to the listener; its answer will be late. False when it is not open. */
  cancel(transaction: number): boolean {
    const place = transaction & this.#mask;
    if (this.#state[place] !== open || this.#id[place] !== transaction) return false;
    this.#state[place] = free;
    this.#late.add(transaction);
    this.#inFlight -= 1;
    return true;
  }

  /** Bytes from the peer, cut anywhere. */
  receive(chunk: Uint8Array): void {
    if (this.#ended) return;
    const error = this.#splitter.push(chunk, this.#frame);
    if (error !== undefined && !this.#ended) {
      this.#ended = true;
      this.#listener.broken(error);
    }
  }

  /** Times out what is due. Call it from a coarse tick, or at `nextDeadline`. */
  expire(): void {
    if (this.#inFlight === 0) return;
    const now = this.#now();
    if (now < this.#earliest) return;
    this.#earliest = Number.POSITIVE_INFINITY;
    for (let place = 0; place <= this.#mask; place += 1) {
      if (this.#state[place] !== open) continue;
      const deadline = this.#deadline[place]!;
      if (deadline > now) {
        if (deadline < this.#earliest) this.#earliest = deadline;
        continue;
      }
      this.#state[place] = free;
      this.#late.add(this.#id[place]!);
      this.#inFlight -= 1;
      this.#listener.timedOut(this.#token[place]!);
    }
  }

  /** The connection has ended: every open request is lost and nothing can be sent any more. */
  drop(): void {
    this.#ended = true;
    for (let place = 0; this.#inFlight > 0 && place <= this.#mask; place += 1) {
      if (this.#state[place] !== open) continue;
      this.#state[place] = free;
      this.#inFlight -= 1;
      this.#listener.lost(this.#token[place]!);
    }
  }

  readonly #frame = (bytes: Uint8Array, start: number, end: number): boolean => {
    const id = mbapTransaction(bytes, start);
    let place = id & this.#mask;
    if (this.#id[place] !== id || this.#state[place] !== open) {
      const late = this.#late.delete(id);
      if (late || !this.#anyTransaction || this.#inFlight === 0) {
        this.#listener.unsolicited(id, late);
        return !this.#ended;
      }
      place = this.#lastId & this.#mask;
    }
    this.#state[place] = free;
    this.#inFlight -= 1;
    this.#listener.answered(this.#token[place]!, bytes, start + MBAP_HEADER, end, mbapUnit(bytes, start));
    return !this.#ended;
  };

  /** The next id whose place is not taken. At most half of the places and of the ids are, so this ends. */
  #takeId(): number {
    for (;;) {
      const id = this.#nextId;
      this.#nextId = (id + 1) & 0xffff;
      if (this.#state[id & this.#mask] !== open && !this.#late.has(id)) return id;
    }
  }
}

export function checkTimeout(timeoutMs: number): void {
  if (typeof timeoutMs !== "number" || !(timeoutMs > 0 && timeoutMs <= 2_147_483_647)) {
    throw new ModbusError(
      "ERR_MODBUS_BAD_VALUE",
      `timeoutMs has to be a number above 0 and at most 2147483647, not ${timeoutMs}`,
    );
  }
}

export function checkUnit(unit: number): void {
  if (!Number.isInteger(unit) || unit < 0 || unit > 255) {
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `unit has to be a whole number from 0 to 255, not ${unit}`);
  }
}

export function checkPduLength(length: number): void {
  if (length < 1 || length > MAX_PDU) {
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `a PDU has 1 to ${MAX_PDU} bytes, not ${length}`);
  }
}
