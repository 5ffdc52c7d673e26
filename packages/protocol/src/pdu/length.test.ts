import { describe, expect, test } from "vitest";
import { parseHex } from "../hex.ts";
import { anyRequest } from "../testing/any-request.ts";
import { anyResponse } from "../testing/any-response.ts";
import { Integers } from "../testing/integers.ts";
import { IMPOSSIBLE, MORE_NEEDED, pduLength, UNKNOWN } from "./length.ts";
import { encodeRequest, encodeResponse } from "./pdu.ts";
import type { Direction } from "./refuse.ts";

const users = new Map();
const AT = 2;
const room = new Uint8Array(AT + 253 + 20);

/** Every beginning of the PDU tells its length or asks for more, the whole one tells it, also with bytes behind. */
function tells(direction: Direction, end: number): void {
  let known = false;
  for (let stop = AT; stop <= end; stop++) {
    const length = pduLength(direction, room, AT, stop, users);
    if (length !== MORE_NEEDED || known) expect(length).toBe(end - AT);
    known = length !== MORE_NEEDED;
  }
  expect(known).toBe(true);
  expect(pduLength(direction, room, AT, room.length, users)).toBe(end - AT);
}

const silent = (message: { readonly kind: string; readonly subFunction?: number }): boolean =>
  message.kind === "canopen-general-reference" ||
  message.kind === "user-defined" ||
  (message.kind === "diagnostics" && message.subFunction === 0);

describe("every message tells how long it is, but for the three that nobody can know", () => {
  test.each(Object.entries(anyRequest))("request %s", (_, any) => {
    for (let seed = 0; seed < 300; seed++) {
      const request = any(new Integers(seed));
      room.fill(seed);
      const end = encodeRequest(request, room, AT);
      if (silent(request)) expect(pduLength("request", room, AT, end, users)).toBe(UNKNOWN);
      else tells("request", end);
    }
  });

  test.each(Object.entries(anyResponse))("response %s", (_, any) => {
    for (let seed = 0; seed < 300; seed++) {
      const response = any(new Integers(seed));
      room.fill(seed);
      const end = encodeResponse(response, room, AT);
      if (silent(response)) expect(pduLength("response", room, AT, end, users)).toBe(UNKNOWN);
      else tells("response", end);
    }
  });
});

test.each<[string, Direction, string, number]>([
  // fc | body
  ["nothing", "request", "", MORE_NEEDED],
  ["an unassigned code", "request", "63 00", UNKNOWN],
  ["code 0", "response", "00 00", UNKNOWN],
  ["bit 7 in a request", "request", "83 02", UNKNOWN],
  ["a byte count that no PDU holds", "request", "10 0000 0000 ff", IMPOSSIBLE],
  ["the largest that one holds", "request", "10 0000 0000 f7", 253],
  ["a queue that no PDU holds", "response", "18 0100", IMPOSSIBLE],
  ["a queue of so many bytes", "response", "18 0042", 69],
  ["an unknown MEI type", "request", "2b 0f", UNKNOWN],
  ["43 alone", "response", "2b", MORE_NEEDED],
  ["query data, its sub-function cut", "request", "08 00", MORE_NEEDED],
  ["an unknown sub-function", "request", "08 0063", 5],
  ["objects that no PDU holds", "response", "2b 0e 01 01 00 00 02 00 f2", MORE_NEEDED],
  ["objects that run beyond", "response", `2b 0e 01 01 00 00 02 00 f4 ${"41".repeat(244)}`, IMPOSSIBLE],
  ["an object that runs beyond", "response", "2b 0e 01 01 00 00 01 00 ff", IMPOSSIBLE],
  ["no objects", "response", "2b 0e 01 01 00 00 00", 7],
])("%s", (_, direction, hex, expected) => {
  const bytes = parseHex(hex);
  expect(pduLength(direction, bytes, 0, bytes.length, users)).toBe(expected);
});
