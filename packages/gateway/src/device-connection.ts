import type { Socket } from "node:net";
import { TransactionEngine, type TransactionListener } from "@modwarden/modbus";
import type { Clock } from "./clock.ts";
import type { DeviceConfiguration, TlsConfiguration } from "./configuration.ts";
import { type DevicePeer, openDeviceSocket, peerOf } from "./device-socket.ts";
import { TurnWriter } from "./turn-writer.ts";

export type ConnectionState = "idle" | "connecting" | "up" | "back-off";

const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 10_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** Time-outs in a row after which a connection is taken for dead: a device that lost its power says no goodbye. */
const SILENT_LIMIT = 3;

export interface ConnectionListener extends TransactionListener {
  /** What TLS needs, as of now. */
  tls(): TlsConfiguration | undefined;
  /** Why who answers over TLS is not the device that is meant; undefined when it is. */
  strangerAt(peer: DevicePeer): string | undefined;
  /** The device can be asked. */
  connected(): void;
  /** Bytes came and were handed on. */
  received(): void;
  /** The connection ended or never stood; what was sent is lost. In trouble: it is not tried again at once. */
  disconnected(reason: string, trouble: boolean): void;
}

/**
 * The one connection to a device, made when it is first needed. A device that refuses, stays silent, or ends a
 * connection that has answered nothing is left alone for a while, longer each time until it answers again. One that
 * ends a connection that was of use (many do, after a while or a number of requests) is asked again over a new one.
 */
export class DeviceConnection {
  state: ConnectionState = "idle";
  /** Times in a row that requests timed out. */
  silent = 0;
  lastAnswerMs = 0;
  readonly #device: DeviceConfiguration;
  readonly #clock: Clock;
  readonly #listener: ConnectionListener;
  /** One engine per connection: what it remembers of answers to come ends with it. */
  #engine: TransactionEngine;
  #socket: Socket | undefined;
  #peer: DevicePeer | undefined;
  /** Why what answers is not the device, as of the last connection that stood. */
  stranger: string | undefined;
  #writer: TurnWriter | undefined;
  #backOffMs = FIRST_BACK_OFF_MS;
  #retryAtMs = 0;
  #deadlineMs = 0;
  #missed = false;
  /** This connection has answered something. */
  #useful = false;

  constructor(device: DeviceConfiguration, clock: Clock, listener: ConnectionListener) {
    this.#device = device;
    this.#clock = clock;
    this.#listener = listener;
    this.#engine = this.#newEngine();
  }

  get hasRoom(): boolean {
    return this.state === "up" && this.#engine.hasRoom;
  }

  get inFlight(): number {
    return this.#engine.inFlight;
  }

  /** The device is left alone for now. */
  resting(nowMs: number): boolean {
    return this.state === "back-off" && nowMs < this.#retryAtMs;
  }

  send(pdu: Uint8Array, length: number, token: number): void {
    this.#engine.send(pdu, 0, length, this.#device.deviceUnit, token);
  }

  /** Makes the connection unless there is one, or one on its way. */
  open(): void {
    if (this.state === "up" || this.state === "connecting") return;
    this.state = "connecting";
    this.#useful = false;
    this.#deadlineMs = this.#clock.monotonicMs() + CONNECT_TIMEOUT_MS;
    const socket = openDeviceSocket(this.#device, this.#listener.tls());
    this.#socket = socket;
    this.#writer = new TurnWriter(socket, this.#device.outstanding);
    this.#engine = this.#newEngine();
    socket.on(this.#device.transport === "tls" ? "secureConnect" : "connect", () => {
      if (this.#socket !== socket) return;
      this.#peer = peerOf(socket);
      if (this.#endedByStranger()) return;
      this.state = "up";
      this.silent = 0;
      this.#listener.connected();
    });
    socket.on("data", (chunk) => {
      if (this.#socket !== socket) return;
      this.#engine.receive(chunk);
      this.#listener.received();
    });
    socket.on("error", (error) => {
      if (this.#socket === socket) this.end(error.message);
    });
    socket.on("close", () => {
      if (this.#socket === socket) this.end("the device closed the connection");
    });
  }

  /** The device has answered something. */
  alive(nowMs: number): void {
    this.lastAnswerMs = nowMs;
    this.silent = 0;
    this.#useful = true;
    this.#backOffMs = FIRST_BACK_OFF_MS;
  }

  /** A request has timed out. Those that do so together are one sign of silence. */
  missed(): void {
    this.#missed = true;
  }

  /** Called on the line's tick. */
  checkTime(nowMs: number): void {
    this.#missed = false;
    this.#engine.expire();
    if (this.#missed) this.silent += 1;
    if (this.state === "up" && this.#endedByStranger()) return;
    if (this.state === "connecting" && nowMs > this.#deadlineMs) {
      this.end(`no connection within ${CONNECT_TIMEOUT_MS} ms`);
    } else if (this.state === "up" && this.silent >= SILENT_LIMIT) {
      this.end(`no answer to ${this.silent} requests in a row`, true);
    }
  }

  /** Over TLS the registry says who the device is, and may say otherwise while the connection stands. */
  #endedByStranger(): boolean {
    if (this.#peer === undefined) return false;
    this.stranger = this.#listener.strangerAt(this.#peer);
    if (this.stranger === undefined) return false;
    this.end(this.stranger, true);
    return true;
  }

  /** Ends the connection. */
  end(reason: string, trouble: boolean = this.state !== "up" || (!this.#useful && this.inFlight > 0)): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#peer = undefined;
    this.#writer = undefined;
    if (trouble) {
      this.state = "back-off";
      this.#retryAtMs = this.#clock.monotonicMs() + this.#backOffMs;
      this.#backOffMs = Math.min(this.#backOffMs * 2, LONGEST_BACK_OFF_MS);
    } else {
      this.state = "idle";
    }
    this.#engine.drop();
    this.#listener.disconnected(reason, trouble);
  }

  #newEngine(): TransactionEngine {
    return new TransactionEngine({
      outstanding: this.#device.outstanding,
      timeoutMs: this.#device.timeoutMs,
      now: () => this.#clock.monotonicMs(),
      listener: this.#listener,
      write: (bytes) => {
        this.#writer?.write(bytes);
      },
    });
  }
}
