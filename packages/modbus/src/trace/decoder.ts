import {
  checkResponse,
  decodeRequest,
  decodeResponse,
  ModbusError,
  type Request,
  ServerSide,
} from "@modwarden/protocol";
import type { Link } from "../link/link.ts";
import type { LinkTap } from "../link/tapped.ts";
import { type Channel, lineChannel, mbapChannel, type SeenFrame, type TracedLine } from "./channel.ts";
import type { TraceListener } from "./event.ts";
import { DIAGNOSTICS, OneWay } from "./sides.ts";

/** Which side of the connection this is. */
export type Role = "client" | "server";

/** Requests whose responses are waited for; the oldest are forgotten beyond it. */
const maxOpen = 1024;
const CHANGE_DELIMITER = 3;

interface Asked {
  readonly request: Request | undefined;
  readonly functionCode: number;
  readonly time: number;
}

/** The bytes of one connection as events. It has splitters of its own and disturbs nobody's. */
export class TraceDecoder implements LinkTap {
  readonly #link: Link;
  readonly #emit: TraceListener;
  readonly #now: () => number;
  /** By transaction id, or by unit on a line, where one request is open at one time. */
  readonly #open = new Map<number, Asked>();
  readonly #in: Channel;
  readonly #out: Channel;
  readonly #responses = new OneWay("response");
  readonly #serverSide: ServerSide | undefined;
  #last: number | undefined;

  /** `line` is undefined for Modbus/TCP. `now` gives milliseconds since 1970. */
  constructor(link: Link, role: Role, line: TracedLine | undefined, emit: TraceListener, now: () => number) {
    this.#link = link;
    this.#emit = emit;
    this.#now = now;
    const client = role === "client";
    // On a line a server hears what other units are asked and answer, too.
    this.#serverSide = line === undefined || client ? undefined : new ServerSide(line.serves ?? (() => true));
    const channel = (outgoing: boolean): Channel => {
      const listener = {
        frame: (frame: SeenFrame) => this.#frame(frame, outgoing),
        noise: (bytes: Uint8Array, fault: ModbusError) =>
          this.#emit({ kind: "noise", ...this.#moment(), outgoing, bytes, fault }),
      };
      const direction = outgoing === client ? "request" : "response";
      if (line === undefined) return mbapChannel(direction, link.transport === "udp", listener);
      const oneWay = direction === "request" ? new OneWay(direction) : this.#responses;
      return lineChannel(line, outgoing ? oneWay : (this.#serverSide ?? oneWay), now, listener);
    };
    this.#in = channel(false);
    this.#out = channel(true);
  }

  received(chunk: Uint8Array): void {
    this.#in.push(chunk);
  }

  /** Who sends has heard the end of what came before, and sends whole frames. */
  written(bytes: Uint8Array): void {
    this.#in.flush();
    this.#out.push(bytes);
    this.#out.flush();
  }

  closed(cause: Error | undefined): void {
    this.#in.flush();
    this.#emit({ kind: "closed", ...this.#moment(), cause });
  }

  #frame({ bytes, pdu, unit, transaction, direction }: SeenFrame, outgoing: boolean): void {
    const common = { ...this.#moment(), outgoing, bytes, unit, transaction };
    const key = transaction ?? unit;
    const functionCode = pdu[0]!;
    if (direction === "request") {
      const { message, fault } = attempt(() => decodeRequest(pdu, 0, pdu.length));
      this.#ask(key, { request: message, functionCode, time: common.time });
      if (functionCode === DIAGNOSTICS) this.#responses.queryLength = pdu.length;
      this.#emit({ kind: "request", ...common, message, fault });
      return;
    }
    const asked = this.#answered(key, functionCode, transaction === undefined);
    const request = asked?.request;
    const { message, fault } = attempt(() => decodeResponse(pdu, 0, pdu.length));
    const mismatch =
      message === undefined || request === undefined ? undefined : attempt(() => checkResponse(request, message)).fault;
    const elapsedMs = asked === undefined ? undefined : common.time - asked.time;
    this.#emit({ kind: "response", ...common, message, fault: fault ?? mismatch, request, elapsedMs });
    if (message?.kind === "diagnostics" && message.subFunction === CHANGE_DELIMITER && mismatch === undefined) {
      for (const channel of [this.#in, this.#out]) channel.setDelimiter(message.data[0]!);
    }
    // What a server has answered nobody else answers.
    if (outgoing) this.#serverSide?.heard("response", unit, functionCode);
  }

  #ask(key: number, asked: Asked): void {
    this.#open.delete(key);
    this.#open.set(key, asked);
    if (this.#open.size <= maxOpen) return;
    const [oldest] = this.#open.keys();
    this.#open.delete(oldest!);
  }

  /** Without transaction ids only the function code tells a late answer from the one that is waited for. */
  #answered(key: number, functionCode: number, line: boolean): Asked | undefined {
    const asked = this.#open.get(key);
    if (line && asked !== undefined && asked.functionCode !== (functionCode & 0x7f)) return undefined;
    this.#open.delete(key);
    return asked;
  }

  #moment(): { time: number; gapMs: number | undefined; peer: string; transport: Link["transport"] } {
    const time = this.#now();
    const gapMs = this.#last === undefined ? undefined : time - this.#last;
    this.#last = time;
    return { time, gapMs, peer: this.#link.peer, transport: this.#link.transport };
  }
}

function attempt<Result>(call: () => Result): {
  readonly message: Result | undefined;
  readonly fault: ModbusError | undefined;
} {
  try {
    return { message: call(), fault: undefined };
  } catch (error) {
    if (error instanceof ModbusError) return { message: undefined, fault: error };
    throw error;
  }
}
