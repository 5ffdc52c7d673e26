import type { Access, Explanation, Finding, Operation, Subject } from "@modwarden/access";
import { MBAP_HEADER, mbapTransaction, mbapUnit, type Request } from "@modwarden/protocol";
import type { Asker } from "./asker.ts";
import type { Bus } from "./bus.ts";

/** Where a transaction stands (architecture: arrived, judged, queued, sent, answered, replied, and a wait). */
export type SlotState = "free" | "arrived" | "queued" | "sent" | "waiting-to-reply" | "ready";

const nobody: Subject = { id: null, role: null };

/** The largest ADU of Modbus/TCP: 7 bytes of MBAP header and 253 of PDU. Messaging on TCP/IP V1.0b § 3.1.3 */
const ADU_BYTES = 260;

/**
 * One transaction on its way through the gateway. Slots are made once and used again, so that a request in flight
 * costs no new memory; each step moves the slot on or ends it with a reason.
 */
export class Slot {
  /** The engine's token and the place in the table. */
  readonly index: number;
  state: SlotState = "free";
  session: Asker | undefined;
  bus: Bus | undefined;
  /** MBAP transaction id and unit as the client sent them. */
  transaction = 0;
  unit = 0;
  functionCode = 0;
  /** Request PDU: the first `requestBytes` bytes. */
  readonly requestPdu: Uint8Array = new Uint8Array(ADU_BYTES);
  requestBytes = 0;
  request: Request | undefined;
  operation: Operation | undefined;
  accesses: readonly Access[] = [];
  decision: Explanation | undefined;
  readonly findings: Finding[] = [];
  isWrite = false;
  /** Reply ADU, ready to be sent when `replyBytes` > 0. */
  readonly reply: Uint8Array = new Uint8Array(ADU_BYTES);
  replyBytes = 0;
  arrivedMs = 0;
  /** Who asked, as of the judgement; what becomes of the connection later does not change that. */
  subject: Subject = nobody;
  /** Of the snapshot that it was judged by. */
  epoch = 0;
  /** A write that touches the same has ended while it was on its way: which of them came first is not known. */
  crossed = false;
  /** Of a write that is on record before it leaves: its number there, or 0, and the ring's count with that record. */
  intent = 0;
  intentCount = 0;
  /** What the registers of a write held when it left, as far as that was known. */
  before: readonly (number | null)[] | undefined;
  /** Counts uses of the slot, so that a late step of an earlier use is recognised. */
  use = 0;

  constructor(index: number) {
    this.index = index;
  }

  /** Copies one ADU: `bytes` are the socket's and end with the call. */
  takeRequest(bytes: Uint8Array, start: number, end: number): void {
    const body = start + MBAP_HEADER;
    this.transaction = mbapTransaction(bytes, start);
    this.unit = mbapUnit(bytes, start);
    this.functionCode = bytes[body] ?? 0;
    this.requestBytes = end - body;
    this.requestPdu.set(bytes.subarray(body, end));
  }

  reset(): void {
    this.state = "free";
    this.session = undefined;
    this.bus = undefined;
    this.request = undefined;
    this.operation = undefined;
    this.accesses = [];
    this.decision = undefined;
    this.subject = nobody;
    this.findings.length = 0;
    this.isWrite = false;
    this.crossed = false;
    this.intent = 0;
    this.intentCount = 0;
    this.before = undefined;
    this.requestBytes = 0;
    this.replyBytes = 0;
    this.use += 1;
  }
}

/** The bounded table of transactions in flight. */
export class SlotTable {
  readonly #slots: Slot[] = [];
  readonly #free: Slot[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** A free slot, or undefined when the table is full. */
  take(): Slot | undefined {
    const slot = this.#free.pop() ?? this.#add();
    if (slot !== undefined) slot.state = "arrived";
    return slot;
  }

  /** Ends the transaction. A slot given back twice would put two clients on one: that must never go on. */
  give(slot: Slot): void {
    if (slot.state === "free") throw new Error(`slot ${slot.index} was given back twice`);
    slot.reset();
    this.#free.push(slot);
  }

  at(index: number): Slot | undefined {
    return this.#slots[index];
  }

  get inUse(): number {
    return this.#slots.length - this.#free.length;
  }

  #add(): Slot | undefined {
    if (this.#slots.length >= this.#capacity) return undefined;
    const slot = new Slot(this.#slots.length);
    this.#slots.push(slot);
    return slot;
  }
}
