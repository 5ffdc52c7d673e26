import { createConnection, type Socket } from "node:net";
import type { Location } from "@modwarden/access";
import { conformanceFinding } from "@modwarden/detect";
import { TransactionEngine, type TransactionListener } from "@modwarden/modbus";
import type { Profile } from "@modwarden/profile";
import { type BadFrameError, type Response, unpackBits } from "@modwarden/protocol";
import type { DeviceConfiguration } from "./configuration.ts";
import { FairQueue } from "./fair-queue.ts";
import { exceptions, refusal } from "./judge.ts";
import type { LineContext } from "./line-context.ts";
import { judgeReply, replyWithException, replyWithPdu } from "./reply.ts";
import type { Slot } from "./slot.ts";
import { createLastValues, type LastValues } from "./values.ts";

export type BusState = "idle" | "connecting" | "up" | "back-off";

const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 10_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** A request that has waited this many device time-outs is not sent any more: its client has given up. */
const QUEUE_PATIENCE = 4;

/**
 * One owner, one fair queue and one connection for one device. Requests leave in turn of the clients that wait; a
 * write is never sent twice; a device that cannot be reached costs its clients one quick 0B each, not a time-out each.
 */
export class Bus implements TransactionListener {
  readonly device: DeviceConfiguration;
  readonly profile: Profile | undefined;
  readonly values: LastValues = createLastValues();
  state: BusState = "idle";
  lastAnswerMs = 0;
  /** Time-outs in a row: the device is connected but does not answer. */
  silent = 0;
  readonly #context: LineContext;
  readonly #queue: FairQueue;
  /** One engine per connection: what it remembers of answers to come ends with it. */
  #engine: TransactionEngine;
  #socket: Socket | undefined;
  #backOffMs = FIRST_BACK_OFF_MS;
  #retryAtMs = 0;
  #connectDeadlineMs = 0;
  #closed = false;

  constructor(device: DeviceConfiguration, profile: Profile | undefined, context: LineContext) {
    this.device = device;
    this.profile = profile;
    this.#context = context;
    this.#queue = new FairQueue(context.limits.queuePerDevice);
    this.#engine = this.#newEngine();
  }

  enqueue(slot: Slot): void {
    slot.state = "queued";
    if (this.state === "back-off" && this.#context.clock.monotonicMs() < this.#retryAtMs) {
      this.#noAnswer(slot, "the device cannot be reached");
      return;
    }
    if (!this.#queue.add(slot)) {
      this.#context.counters.refusedQueue += 1;
      slot.decision = refusal(this.#context.policy.hash, "outstanding", "the device's queue is full");
      slot.session?.refuse(slot, exceptions.busy);
      return;
    }
    if (this.state === "up") this.#pump();
    else if (this.state !== "connecting") this.#connect();
  }

  /** The client has gone before its request was sent: it is not sent. */
  cancel(slot: Slot): void {
    if (!this.#queue.remove(slot)) return;
    const { session } = slot;
    if (session === undefined) return;
    this.#context.journal.record(slot, session.transaction(slot, { result: "closed", latencyUs: 0 }));
    this.#context.slots.give(slot);
  }

  /** Called on the line's tick. */
  checkTime(nowMs: number): void {
    this.#engine.expire();
    if (this.state === "connecting" && nowMs > this.#connectDeadlineMs) {
      this.#disconnected(`no connection within ${CONNECT_TIMEOUT_MS} ms`);
    }
    if (this.state === "up") this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
    this.#engine.drop();
    for (let slot = this.#queue.next(); slot !== undefined; slot = this.#queue.next()) {
      this.#noAnswer(slot, "the gateway is stopping");
    }
  }

  get queued(): number {
    return this.#queue.size;
  }

  get inFlight(): number {
    return this.#engine.inFlight;
  }

  // TransactionListener

  answered(token: number, bytes: Uint8Array, start: number, end: number, unit: number): void {
    const slot = this.#context.slots.at(token);
    const { request, session } = slot ?? {};
    if (slot === undefined || request === undefined || session === undefined) return;
    const nowMs = this.#context.clock.monotonicMs();
    this.lastAnswerMs = nowMs;
    this.silent = 0;
    if (unit !== this.device.deviceUnit) {
      slot.findings.push(conformanceFinding("reply-unit", `asked unit ${this.device.deviceUnit}, answered ${unit}`));
    }
    const verdict = judgeReply(request, slot.functionCode, bytes, start, end);
    if (verdict.kind === "answer") {
      const values = this.#remember(slot, verdict.response, nowMs);
      replyWithPdu(slot, bytes, start, end);
      session.settle(slot, values === undefined ? {} : { values });
    } else if (verdict.kind === "exception") {
      replyWithPdu(slot, bytes, start, end);
      session.settle(slot, { exception: verdict.exception, from: "device" });
    } else {
      this.#context.counters.deviceLies += 1;
      slot.findings.push(verdict.finding);
      this.#forgetWritten(slot);
      replyWithException(slot, exceptions.deviceFailure);
      session.settle(slot, {
        ...(slot.isWrite ? { result: "unknown" as const } : {}),
        exception: exceptions.deviceFailure,
      });
    }
  }

  timedOut(token: number): void {
    this.#context.counters.deviceTimeouts += 1;
    this.silent += 1;
    const slot = this.#context.slots.at(token);
    if (slot !== undefined) this.#unknown(slot, `no answer within ${this.device.timeoutMs} ms`);
    this.#context.flushTouched();
  }

  lost(token: number): void {
    this.#context.counters.deviceLost += 1;
    const slot = this.#context.slots.at(token);
    if (slot !== undefined) this.#unknown(slot, "the connection to the device ended");
  }

  unsolicited(transaction: number, late: boolean): void {
    this.#context.counters.lateAnswers += 1;
    if (late) return;
    this.#context.journal.finding(conformanceFinding("reply-unsolicited", `transaction ${transaction}`), {
      location: this.#location(),
      device: this.device.id,
    });
  }

  broken(error: BadFrameError): void {
    this.#context.journal.finding(conformanceFinding("device-frame", error.message), {
      location: this.#location(),
      device: this.device.id,
    });
    this.#disconnected(error.message);
  }

  // connection

  #newEngine(): TransactionEngine {
    return new TransactionEngine({
      outstanding: this.device.outstanding,
      timeoutMs: this.device.timeoutMs,
      now: () => this.#context.clock.monotonicMs(),
      listener: this,
      write: (bytes) => {
        this.#socket?.write(bytes);
      },
    });
  }

  #connect(): void {
    if (this.#closed) return;
    this.state = "connecting";
    this.#connectDeadlineMs = this.#context.clock.monotonicMs() + CONNECT_TIMEOUT_MS;
    const socket = createConnection({ host: this.device.host, port: this.device.port, noDelay: true, keepAlive: true });
    this.#socket = socket;
    this.#engine = this.#newEngine();
    socket.on("connect", () => {
      if (this.#socket !== socket) return;
      this.state = "up";
      this.#backOffMs = FIRST_BACK_OFF_MS;
      this.#pump();
    });
    socket.on("data", (chunk) => {
      if (this.#socket !== socket) return;
      this.#engine.receive(chunk);
      this.#pump();
      this.#context.flushTouched();
    });
    socket.on("error", (error) => {
      if (this.#socket === socket) this.#disconnected(error.message);
    });
    socket.on("close", () => {
      if (this.#socket === socket) this.#disconnected("the device closed the connection");
    });
  }

  #disconnected(reason: string): void {
    const wasUp = this.state === "up";
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#engine.drop();
    // A device that closes an idle connection is not in trouble; one that refuses or dies at work is.
    const nowMs = this.#context.clock.monotonicMs();
    if (wasUp && this.#queue.size === 0) {
      this.state = "idle";
    } else {
      this.state = "back-off";
      this.#retryAtMs = nowMs + this.#backOffMs;
      this.#backOffMs = Math.min(this.#backOffMs * 2, LONGEST_BACK_OFF_MS);
      for (let slot = this.#queue.next(); slot !== undefined; slot = this.#queue.next()) this.#noAnswer(slot, reason);
    }
    this.#context.flushTouched();
  }

  // dispatch

  #pump(): void {
    while (this.state === "up" && this.#engine.hasRoom) {
      const slot = this.#queue.next();
      if (slot === undefined) break;
      this.#dispatch(slot);
    }
  }

  #dispatch(slot: Slot): void {
    const { audit } = this.#context.configuration;
    if (this.#context.journal.failed && audit.onFailure[slot.isWrite ? "write" : "read"] === "refuse") {
      this.#context.counters.refusedAudit += 1;
      slot.decision = refusal(this.#context.policy.hash, "audit", "the audit log cannot record");
      slot.session?.refuse(slot, exceptions.deviceFailure);
      return;
    }
    const waitedMs = this.#context.clock.monotonicMs() - slot.arrivedMs;
    if (waitedMs > QUEUE_PATIENCE * this.device.timeoutMs) {
      this.#noAnswer(slot, `waited ${Math.round(waitedMs)} ms for the device`);
      return;
    }
    slot.state = "sent";
    this.#engine.send(slot.requestPdu, 0, slot.requestBytes, this.device.deviceUnit, slot.index);
  }

  // outcomes

  /** It was never sent: 0B, and nothing is unknown. */
  #noAnswer(slot: Slot, reason: string): void {
    replyWithException(slot, exceptions.noAnswer);
    slot.session?.settle(slot, { exception: exceptions.noAnswer, reason });
  }

  /** It was sent and nothing came back: a write's outcome is not known, and it is not sent again. */
  #unknown(slot: Slot, reason: string): void {
    this.#forgetWritten(slot);
    replyWithException(slot, exceptions.noAnswer);
    slot.session?.settle(slot, {
      ...(slot.isWrite ? { result: "unknown" as const } : {}),
      exception: exceptions.noAnswer,
      reason,
    });
  }

  #forgetWritten(slot: Slot): void {
    for (const access of slot.accesses) {
      if (access.write && access.table !== null) this.values.forget(access.table, access.address, access.quantity);
    }
  }

  /** Keeps what was read and written, and returns what was read. */
  #remember(slot: Slot, response: Response, nowMs: number): readonly number[] | undefined {
    let read: readonly number[] | undefined;
    for (const access of slot.accesses) {
      const { table, address, quantity } = access;
      if (table === null) continue;
      if (access.write) {
        if (access.values === undefined) this.values.forget(table, address, quantity);
        else
          for (const [index, value] of access.values.entries()) this.values.set(table, address + index, value, nowMs);
        continue;
      }
      const values = valuesOf(response, quantity);
      if (values === undefined) continue;
      for (const [index, value] of values.entries()) this.values.set(table, address + index, value, nowMs);
      read = values;
    }
    return read;
  }

  #location(): Location {
    const { site, gateway, zone } = this.#context.configuration;
    const source = `${this.device.host}:${this.device.port}`;
    return { site, gateway, ...(zone === undefined ? {} : { zone }), source };
  }
}

function valuesOf(response: Response, quantity: number): readonly number[] | undefined {
  if ("registers" in response) return Array.from(response.registers);
  if ("bytes" in response) return unpackBits(response.bytes, quantity).map(Number);
  return undefined;
}
