import type { Diagnostics, Direction } from "../index.ts";
import type { Integers } from "./integers.ts";

const counters = [2, 11, 12, 13, 14, 15, 16, 17, 18];
const cleared = [10, 20];

function word(high: number, low: number): Uint8Array {
  return Uint8Array.of(high, low);
}

/** Every sub-function with data that fits it. Force listen only mode (4) has a request and no response. */
export function anyDiagnostics(from: Integers, direction: Direction): Diagnostics {
  const message = (subFunction: number, data: Uint8Array): Diagnostics => ({ kind: "diagnostics", subFunction, data });
  switch (from.between(0, direction === "request" ? 5 : 4)) {
    case 0:
      return message(0, from.bytes(2 * from.length(1, 125)));
    case 1:
      return message(1, word(from.boolean() ? 0xff : 0, 0));
    case 2:
      return message(3, word(from.byte(), 0));
    case 3:
      return message(cleared[from.between(0, 1)]!, word(0, 0));
    case 4:
      return message(counters[from.between(0, 8)]!, direction === "request" ? word(0, 0) : from.bytes(2));
    default:
      return message(4, word(0, 0));
  }
}
