import {
  checkResponse,
  decodeRequest,
  decodeResponse,
  MBAP_HEADER,
  MbapSplitter,
  ModbusError,
  mbapTransaction,
  mbapUnit,
  type Request,
} from "@modwarden/protocol";
import type { Link } from "../link/link.ts";
import type { LinkTap } from "../link/tapped.ts";
import type { TraceListener } from "./event.ts";

/** Which side of the connection this is. */
export type Role = "client" | "server";

/** Requests whose responses are waited for; the oldest are forgotten beyond it. */
const maxOpen = 1024;

interface Asked {
  readonly request: Request | undefined;
  readonly time: number;
}

/** The bytes of one connection as events. It has splitters of its own and disturbs nobody's. */
export class TraceDecoder implements LinkTap {
  readonly #link: Link;
  readonly #role: Role;
  readonly #emit: TraceListener;
  readonly #now: () => number;
  readonly #open = new Map<number, Asked>();
  #last: number | undefined;
  #in: MbapSplitter = new MbapSplitter();
  #out: MbapSplitter = new MbapSplitter();

  /** `now` gives milliseconds since 1970. */
  constructor(link: Link, role: Role, emit: TraceListener, now: () => number) {
    this.#link = link;
    this.#role = role;
    this.#emit = emit;
    this.#now = now;
  }

  received(chunk: Uint8Array): void {
    if (!this.#split(this.#in, chunk, false)) this.#in = new MbapSplitter();
  }

  written(bytes: Uint8Array): void {
    if (!this.#split(this.#out, bytes, true)) this.#out = new MbapSplitter();
  }

  closed(cause: Error | undefined): void {
    this.#emit({ kind: "closed", ...this.#moment(), cause });
  }

  /** False for bytes that are no frame. A trace that is switched on in the middle of one sees that too, and goes on. */
  #split(splitter: MbapSplitter, chunk: Uint8Array, outgoing: boolean): boolean {
    const fault = splitter.push(chunk, (bytes, start, end) => {
      this.#frame(bytes.slice(start, end), outgoing);
      return true;
    });
    if (fault === undefined) return true;
    this.#emit({ kind: "noise", ...this.#moment(), outgoing, bytes: chunk.slice(), fault });
    return false;
  }

  #frame(bytes: Uint8Array, outgoing: boolean): void {
    const unit = mbapUnit(bytes, 0);
    const transaction = mbapTransaction(bytes, 0);
    const common = { ...this.#moment(), outgoing, bytes, unit, transaction };
    if (outgoing === (this.#role === "client")) {
      const { message, fault } = attempt(() => decodeRequest(bytes, MBAP_HEADER, bytes.length));
      this.#ask(transaction, { request: message, time: common.time });
      this.#emit({ kind: "request", ...common, message, fault });
      return;
    }
    const asked = this.#open.get(transaction);
    this.#open.delete(transaction);
    const request = asked?.request;
    const { message, fault } = attempt(() => decodeResponse(bytes, MBAP_HEADER, bytes.length));
    const mismatch =
      message === undefined || request === undefined ? undefined : attempt(() => checkResponse(request, message)).fault;
    const elapsedMs = asked === undefined ? undefined : common.time - asked.time;
    this.#emit({ kind: "response", ...common, message, fault: fault ?? mismatch, request, elapsedMs });
  }

  #ask(transaction: number, asked: Asked): void {
    this.#open.delete(transaction);
    this.#open.set(transaction, asked);
    if (this.#open.size <= maxOpen) return;
    const [oldest] = this.#open.keys();
    this.#open.delete(oldest!);
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
