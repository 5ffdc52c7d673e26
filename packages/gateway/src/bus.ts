import type { Location, Where } from "@modwarden/access";
import { conformanceFinding } from "@modwarden/detect";
import type { DeviceFingerprint } from "@modwarden/identity";
import type { Profile } from "@modwarden/profile";
import type { BadFrameError } from "@modwarden/protocol";
import type { DeviceConfiguration, TlsConfiguration } from "./configuration.ts";
import { type ConnectionListener, type ConnectionState, DeviceConnection } from "./device-connection.ts";
import type { DevicePeer } from "./device-socket.ts";
import { FairQueue } from "./fair-queue.ts";
import { Prober } from "./fingerprint/prober.ts";
import { exceptions, refusal } from "./judge.ts";
import type { LineContext } from "./line-context.ts";
import { judgeReply, replyWithException, replyWithPdu } from "./reply.ts";
import type { Slot } from "./slot.ts";
import { createLastValues, forgetWritten, type LastValues, remember } from "./values.ts";

/** A request that has waited this many device time-outs is not sent any more: its client has given up. */
const QUEUE_PATIENCE = 4;

/**
 * One owner, one fair queue and one connection for one device. Requests leave in turn of the clients that wait; a
 * write is never sent twice; a device that cannot be reached costs its clients one quick 0B each, not a time-out each.
 */
export class Bus implements ConnectionListener {
  readonly device: DeviceConfiguration;
  readonly profile: Profile | undefined;
  /** What the objects of a request to this device are called. */
  readonly where: Where;
  readonly values: LastValues = createLastValues();
  readonly #context: LineContext;
  readonly #location: Location;
  readonly #queue: FairQueue;
  readonly #connection: DeviceConnection;
  readonly #prober: Prober | undefined;
  #closed = false;
  #barred: string | undefined;

  constructor(device: DeviceConfiguration, profile: Profile | undefined, context: LineContext) {
    const { site, gateway, zone } = context.configuration;
    this.device = device;
    this.profile = profile;
    this.where = { device: device.id, unit: device.unit, ...(profile === undefined ? {} : { profile }) };
    this.#context = context;
    const source = `${device.host}:${device.port}`;
    this.#location = { site, gateway, ...(zone === undefined ? {} : { zone }), source };
    this.#queue = new FairQueue(context.limits.queuePerDevice);
    this.#connection = new DeviceConnection(device, context.clock, this);
    const { fingerprint: plan } = device;
    if (plan !== undefined) {
      const done = (seen: DeviceFingerprint): void => context.read(device.id, seen);
      this.#prober = new Prober({ bus: this, context, plan, done });
    }
  }

  /** Why the device must not be reached, as of the current snapshot. */
  get barred(): string | undefined {
    return this.#barred;
  }

  /** Says whether the device may be reached: one that may not is let go of at once. */
  bar(reason: string | undefined): void {
    this.#barred = reason;
    if (reason === undefined || this.#connection.state === "idle") return;
    this.#connection.end(reason, false);
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** Time-outs in a row: the device is connected but does not answer. */
  get silent(): number {
    return this.#connection.silent;
  }

  get lastAnswerMs(): number {
    return this.#connection.lastAnswerMs;
  }

  get queued(): number {
    return this.#queue.size;
  }

  get inFlight(): number {
    return this.#connection.inFlight;
  }

  enqueue(slot: Slot): void {
    slot.state = "queued";
    if (this.#closed) this.#noAnswer(slot, "the gateway is stopping");
    else if (this.#connection.resting(this.#context.clock.monotonicMs())) {
      if (this.#connection.stranger === undefined) this.#noAnswer(slot, "the device cannot be reached");
      else this.#refuse(slot, "route", this.#connection.stranger, exceptions.pathUnavailable);
    } else if (!this.#queue.add(slot)) {
      this.#context.counters.refusedQueue += 1;
      this.#refuse(slot, "outstanding", "the device's queue is full", exceptions.busy);
    } else {
      this.#connection.open();
      this.#pump();
    }
  }

  /** The client has gone before its request was sent: it is not sent. */
  cancel(slot: Slot): void {
    if (this.#queue.remove(slot)) this.#context.endings.abandon(slot);
  }

  /** Called on the line's tick. */
  checkTime(nowMs: number): void {
    this.#connection.checkTime(nowMs);
    if (!this.#closed) this.#prober?.checkTime(nowMs);
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#connection.end("the gateway is stopping", false);
    this.#giveUp("the gateway is stopping");
  }

  // ConnectionListener

  tls(): TlsConfiguration | undefined {
    return this.#context.tls;
  }

  strangerAt(peer: DevicePeer): string | undefined {
    const { clock, subjects } = this.#context;
    const reason =
      peer.untrusted === undefined
        ? subjects.strangerAt(this.device.id, peer.fingerprint, Math.floor(clock.wallUs() / 1000))
        : `the certificate of the device "${this.device.id}" is not good: ${peer.untrusted}`;
    if (reason !== undefined) this.#notice("device-identity", reason);
    return reason;
  }

  connected(): void {
    this.#prober?.connected();
    this.#pump();
    this.#context.flushTouched();
  }

  received(): void {
    this.#pump();
    this.#context.flushTouched();
  }

  disconnected(reason: string, trouble: boolean): void {
    const refused = this.#barred ?? this.#connection.stranger;
    if (refused !== undefined) this.#refuseQueued(refused);
    else if (trouble) this.#giveUp(reason);
    else if (this.#queue.size > 0 && !this.#closed) this.#connection.open();
    this.#context.flushTouched();
  }

  answered(token: number, bytes: Uint8Array, start: number, end: number, unit: number): void {
    const slot = this.#sent(token);
    const { endings, clock, counters } = this.#context;
    const nowMs = clock.monotonicMs();
    this.#connection.alive(nowMs);
    if (slot?.request === undefined) return;
    if (unit !== this.device.deviceUnit) {
      slot.findings.push(conformanceFinding("reply-unit", `asked unit ${this.device.deviceUnit}, answered ${unit}`));
    }
    const latencyUs = endings.latencyUs(slot);
    const verdict = judgeReply(slot.request, slot.functionCode, bytes, start, end);
    if (verdict.kind === "lie") {
      counters.deviceLies += 1;
      slot.findings.push(verdict.finding);
      this.#unknown(slot, exceptions.deviceFailure, undefined);
      return;
    }
    replyWithPdu(slot, bytes, start, end);
    if (verdict.kind === "exception") {
      endings.settle(slot, { exception: verdict.exception, from: "device", latencyUs });
      return;
    }
    const values = remember(this.values, slot.accesses, verdict.response, nowMs);
    endings.settle(slot, values === undefined ? { latencyUs } : { values, latencyUs });
  }

  timedOut(token: number): void {
    this.#context.counters.deviceTimeouts += 1;
    this.#connection.missed();
    const slot = this.#sent(token);
    if (slot !== undefined) this.#unknown(slot, exceptions.noAnswer, `no answer within ${this.device.timeoutMs} ms`);
  }

  lost(token: number): void {
    this.#context.counters.deviceLost += 1;
    const slot = this.#sent(token);
    if (slot !== undefined) this.#unknown(slot, exceptions.noAnswer, "the connection to the device ended");
  }

  unsolicited(transaction: number, late: boolean): void {
    const { counters, clock } = this.#context;
    if (late) {
      counters.lateAnswers += 1;
      this.#connection.alive(clock.monotonicMs());
      return;
    }
    counters.unsolicitedAnswers += 1;
    this.#notice("reply-unsolicited", `transaction ${transaction}`);
  }

  broken(error: BadFrameError): void {
    this.#notice("device-frame", error.message);
    this.#connection.end(error.message, true);
  }

  // dispatch

  #pump(): void {
    while (this.#connection.hasRoom) {
      const slot = this.#queue.next();
      if (slot === undefined) break;
      this.#dispatch(slot);
    }
  }

  #dispatch(slot: Slot): void {
    const { clock, configuration, counters, epoch, journal } = this.#context;
    if (slot.epoch !== epoch && !this.#judgedAgain(slot)) return;
    if (journal.unsure && configuration.audit.onFailure[slot.isWrite ? "write" : "read"] === "refuse") {
      counters.refusedAudit += 1;
      this.#refuse(slot, "audit", "the audit log cannot record", exceptions.deviceFailure);
      return;
    }
    const waitedMs = clock.monotonicMs() - slot.arrivedMs;
    if (waitedMs > QUEUE_PATIENCE * this.device.timeoutMs) {
      this.#noAnswer(slot, `waited ${Math.round(waitedMs)} ms for the device`);
      return;
    }
    slot.state = "sent";
    this.#connection.send(slot.requestPdu, slot.requestBytes, slot.index);
  }

  /** What waited while the snapshot changed is judged by the new one: nothing leaves on an old permission. */
  #judgedAgain(slot: Slot): boolean {
    const { session } = slot;
    slot.epoch = this.#context.epoch;
    const verdict = session === undefined ? exceptions.illegalFunction : session.judge(slot);
    if (typeof verdict !== "number") return true;
    this.#context.endings.refuse(slot, verdict);
    return false;
  }

  // outcomes

  #sent(token: number): Slot | undefined {
    const slot = this.#context.slots.at(token);
    return slot?.state === "sent" && slot.bus === this ? slot : undefined;
  }

  #refuse(slot: Slot, because: "audit" | "outstanding" | "route", failed: string, exception: number): void {
    slot.decision = refusal(this.#context.policy.hash, because, failed);
    this.#context.endings.refuse(slot, exception);
  }

  /** What waited for a device that must not be reached any more. */
  #refuseQueued(reason: string): void {
    for (let slot = this.#queue.next(); slot !== undefined; slot = this.#queue.next()) {
      this.#refuse(slot, "route", reason, exceptions.pathUnavailable);
    }
  }

  #giveUp(reason: string): void {
    for (let slot = this.#queue.next(); slot !== undefined; slot = this.#queue.next()) this.#noAnswer(slot, reason);
  }

  /** It was never sent: 0B, and nothing is unknown. */
  #noAnswer(slot: Slot, reason: string): void {
    const { endings } = this.#context;
    replyWithException(slot, exceptions.noAnswer);
    endings.settle(slot, { exception: exceptions.noAnswer, reason, latencyUs: endings.latencyUs(slot) });
  }

  /** It was sent and no answer counts: a write's outcome is not known, and it is not sent again. */
  #unknown(slot: Slot, exception: number, reason: string | undefined): void {
    const { endings } = this.#context;
    forgetWritten(this.values, slot.accesses);
    replyWithException(slot, exception);
    endings.settle(slot, {
      ...(slot.isWrite ? { result: "unknown" as const } : {}),
      exception,
      ...(reason === undefined ? {} : { reason }),
      latencyUs: endings.latencyUs(slot),
    });
  }

  #notice(rule: "reply-unsolicited" | "device-frame" | "device-identity", evidence: string): void {
    const finding = conformanceFinding(rule, evidence);
    this.#context.journal.finding(finding, { location: this.#location, device: this.device.id });
  }
}
