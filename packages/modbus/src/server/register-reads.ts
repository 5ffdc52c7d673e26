import { MAX_READ_REGISTERS } from "@modwarden/protocol";
import type { HandlerFunction, HandlerMethods } from "./handler.ts";

/** What functions 3 and 4 read, where that is nothing but an array. */
export interface RegisterReads {
  readonly holding: Uint16Array | undefined;
  readonly input: Uint16Array | undefined;
}

export const noReads: RegisterReads = { holding: undefined, input: undefined };

const tables = new WeakMap<object, Uint16Array>();

/**
 * Says that `method` answers a read with a copy from `table`, 02 beyond its end, and does nothing else. The server then
 * writes the reply straight from the table instead of calling it: reading registers is most of what devices do all day.
 */
export function readsFrom<Method extends object>(table: Uint16Array, method: Method): Method {
  tables.set(method, table);
  return method;
}

/** Known by the methods, so that a handler with another method in its place is asked as any other. */
export function registerReads(handler: HandlerFunction | HandlerMethods): RegisterReads {
  if (typeof handler === "function") return noReads;
  const of = (method: object | undefined): Uint16Array | undefined => method && tables.get(method);
  return { holding: of(handler["read-holding-registers"]), input: of(handler["read-input-registers"]) };
}

/**
 * Writes the response PDU to the request PDU at `at` to `end` of `bytes` at `to` of `out`, which has room for it, and
 * returns its end; -1 when the request does not read registers that are all in `reads`, whatever is to be answered then.
 * MODBUS Application Protocol V1.1b3 § 6.3, § 6.4
 */
export function readInto(
  reads: RegisterReads,
  bytes: Uint8Array,
  at: number,
  end: number,
  out: Uint8Array,
  to: number,
): number {
  const code = bytes[at];
  const table = code === 3 ? reads.holding : code === 4 ? reads.input : undefined;
  if (table === undefined || end - at !== 5) return -1;
  const address = (bytes[at + 1]! << 8) | bytes[at + 2]!;
  const quantity = (bytes[at + 3]! << 8) | bytes[at + 4]!;
  const behind = address + quantity;
  if (quantity < 1 || quantity > MAX_READ_REGISTERS || behind > table.length) return -1;
  out[to] = code!;
  out[to + 1] = 2 * quantity;
  let next = to + 2;
  for (let index = address; index < behind; index += 1) {
    const value = table[index]!;
    out[next] = value >>> 8;
    out[next + 1] = value;
    next += 2;
  }
  return next;
}
