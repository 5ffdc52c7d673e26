import type { Location, Where } from "@modwarden/access";
import { conformanceFinding } from "@modwarden/detect";
import type { DeviceFingerprint } from "@modwarden/identity";
import type { Profile } from "@modwarden/profile";
import type { BadFrameError } from "@modwarden/protocol";
import type { DeviceConfiguration, TlsConfiguration } from "./configuration.ts";
import { type ConnectionListener, type ConnectionState, DeviceConnection } from "./device-connection.ts";
import type { DevicePeer } from "./device-socket.ts";
import { Aftermath } from "./dispatch/aftermath.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import { Flight } from "./dispatch/flight.ts";
import { OwnReads } from "./dispatch/own-reads.ts";
import { Prober } from "./fingerprint/prober.ts";
import { exceptions } from "./judge.ts";
import type { LineContext } from "./line-context.ts";
import type { Slot } from "./slot.ts";
import { StateWatch } from "./state/state-watch.ts";
import { createLastValues, type LastValues } from "./values.ts";

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
  /** What it was sent and has not answered. */
  readonly flight: Flight = new Flight();
  readonly ownReads: OwnReads;
  /** What is on record of its registers; where every read has a record of its own there is nothing to add to that. */
  readonly watched: StateWatch | undefined;
  /** Those that what is written here may reach as well (neighbours.ts): what is known of them it makes unknown. */
  neighbours: readonly Bus[] = [];
  readonly #context: LineContext;
  readonly #location: Location;
  readonly #connection: DeviceConnection;
  readonly #aftermath: Aftermath;
  readonly #dispatcher: Dispatcher;
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
    this.#connection = new DeviceConnection(device, context.clock, this);
    this.ownReads = new OwnReads(this, context);
    this.watched =
      context.configuration.audit.reads === "each"
        ? undefined
        : new StateWatch(profile, {
            record: (change) => context.journal.state(device.id, device.unit, change),
            unwatched: (count) => context.journal.unfollowed(count),
          });
    this.#aftermath = new Aftermath(this, context);
    this.#dispatcher = new Dispatcher(this, this.#connection, context);
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
    return this.#dispatcher.waiting;
  }

  get inFlight(): number {
    return this.#connection.inFlight;
  }

  /** It can be asked something now, or will be able to as soon as its connection stands. */
  get reachable(): boolean {
    return !this.#closed && this.#barred === undefined && !this.#connection.resting(this.#context.clock.monotonicMs());
  }

  enqueue(slot: Slot): void {
    slot.state = "queued";
    if (this.#closed) this.#dispatcher.noAnswer(slot, "the gateway is stopping");
    else if (this.#connection.resting(this.#context.clock.monotonicMs())) {
      if (this.#connection.stranger === undefined) this.#dispatcher.noAnswer(slot, "the device cannot be reached");
      else this.#dispatcher.refuse(slot, "route", this.#connection.stranger, exceptions.pathUnavailable);
    } else if (this.#dispatcher.add(slot)) {
      this.#connection.open();
      this.pump();
    }
  }

  /** A read of the gateway, which may be asked for from within a step: it is sent after that. */
  enqueueOwn(slot: Slot, ahead: boolean): void {
    slot.state = "queued";
    if (!this.#dispatcher.addOwn(slot, ahead)) return;
    this.#connection.open();
    this.#context.pumpSoon(this);
  }

  /** The client has gone before its request was sent: it is not sent. */
  cancel(slot: Slot): void {
    this.#dispatcher.cancel(slot);
  }

  /** What a write means to do is on record, or cannot be: it has its turn now. */
  recorded(slot: Slot): void {
    this.#dispatcher.resume(slot);
  }

  /** There is another snapshot: what waits is judged by it. */
  reconsider(): void {
    this.#dispatcher.reconsider();
  }

  /** What waited for something can go on. */
  pump(): void {
    this.#dispatcher.pump();
  }

  /** Called on the line's tick. */
  checkTime(nowMs: number): void {
    this.#connection.checkTime(nowMs);
    if (!this.#closed) this.#prober?.checkTime(nowMs);
    this.#dispatcher.checkTime(nowMs);
  }

  close(): void {
    this.#closed = true;
    this.#connection.end("the gateway is stopping", false);
    this.#dispatcher.giveUp("the gateway is stopping");
    this.watched?.close();
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
    this.pump();
    this.#context.flushTouched();
  }

  received(): void {
    this.pump();
    this.#context.flushTouched();
  }

  disconnected(reason: string, trouble: boolean): void {
    const refused = this.#barred ?? this.#connection.stranger;
    if (refused !== undefined) this.#dispatcher.refuseAll(refused);
    else if (trouble) this.#dispatcher.giveUp(reason);
    else if (this.#dispatcher.waiting > 0 && !this.#closed) this.#connection.open();
    this.#context.flushTouched();
  }

  answered(token: number, bytes: Uint8Array, start: number, end: number, unit: number): void {
    this.#connection.alive(this.#context.clock.monotonicMs());
    const slot = this.#sent(token);
    if (slot !== undefined) this.#aftermath.answered(slot, bytes, start, end, unit);
  }

  timedOut(token: number): void {
    this.#context.counters.deviceTimeouts += 1;
    this.#connection.missed();
    const slot = this.#sent(token);
    const reason = `no answer within ${this.device.timeoutMs} ms`;
    if (slot !== undefined) this.#aftermath.unknown(slot, exceptions.noAnswer, reason);
  }

  lost(token: number): void {
    this.#context.counters.deviceLost += 1;
    const slot = this.#sent(token);
    const reason = "the connection to the device ended";
    if (slot !== undefined) this.#aftermath.unknown(slot, exceptions.noAnswer, reason);
  }

  unsolicited(transaction: number, late: boolean): void {
    const { counters, clock } = this.#context;
    if (late) {
      counters.lateAnswers += 1;
      // It may be of a write, which the device has done after what was read meanwhile.
      for (const bus of [this, ...this.neighbours]) {
        bus.values.forgetAll();
        bus.flight.crossAll();
      }
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

  #sent(token: number): Slot | undefined {
    const slot = this.#context.slots.at(token);
    return slot?.state === "sent" && slot.bus === this ? slot : undefined;
  }

  #notice(rule: "reply-unsolicited" | "device-frame" | "device-identity", evidence: string): void {
    const finding = conformanceFinding(rule, evidence);
    this.#context.journal.finding(finding, { location: this.#location, device: this.device.id });
  }
}
