import { toHex } from "@modwarden/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMemoryLink } from "../link/memory.ts";
import { adu, join } from "../testing/adu.ts";
import { Tap } from "../testing/tap.ts";
import type { Handler, HandlerResult } from "./handler.ts";
import { createMemoryHandler, type MemoryHandler } from "./memory-handler.ts";
import { createServer } from "./server.ts";

/** A memory of its own for each server, because requests write to it. */
function fresh(): MemoryHandler {
  return createMemoryHandler({
    holdingRegisters: Uint16Array.from({ length: 300 }, (_, index) => 0xfff0 + index),
    inputRegisters: Uint16Array.of(1, 2, 0xffff),
    coils: 8,
  });
}

/** The same methods in other functions, which the server cannot know to be reads of an array. */
function called(memory: MemoryHandler): Handler {
  return {
    ...memory,
    "read-holding-registers": (request, context) => memory["read-holding-registers"]!(request, context),
    "read-input-registers": (request, context) => memory["read-input-registers"]!(request, context),
  };
}

/** A client's end of a connection to a server with this handler. */
function dial(handler: Handler): Tap {
  const link = createMemoryLink();
  createServer(handler).accept(link.server);
  return new Tap(link.client);
}

/** Everything that is answered until an answer to the mark, which the handler has to give, has come. */
async function answersTo(handler: Handler, requests: Uint8Array): Promise<string> {
  const tap = dial(handler);
  tap.write(join(requests, adu(0xffff, 9, "01 0000 0001")));
  let hex = "";
  while (!hex.endsWith(toHex(adu(0xffff, 9, "01 01 00")))) hex += toHex(await tap.take(1));
  tap.link.destroy();
  return hex;
}

describe("registers that are read without a call", () => {
  test("are answered as with one, whatever the request", async () => {
    const near = (values: readonly number[]) =>
      fc.oneof(fc.constantFrom(...values), fc.integer({ min: 0, max: 0xffff }));
    const request = fc.record({
      code: fc.constantFrom("03", "04", "03", "04", "06", "10"),
      address: near([0, 1, 2, 174, 175, 176, 298, 299, 300, 0xff83, 0xffff]),
      quantity: near([0, 1, 2, 3, 4, 124, 125, 126, 300, 0x8001]),
      cut: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: -4, max: 3 })),
      unit: fc.nat(255),
    });
    const word = (value: number): string => value.toString(16).padStart(4, "0");
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 12 }), async (list) => {
        const stream = join(
          ...list.map(({ code, address, quantity, cut, unit }, id) => {
            const pdu = `${code}${word(address)}${word(quantity)}${"00".repeat(Math.max(0, cut))}`;
            return adu(id, unit, cut < 0 ? pdu.slice(0, 2 * cut) : pdu);
          }),
        );
        expect(await answersTo(fresh(), stream)).toBe(await answersTo(called(fresh()), stream));
      }),
      { numRuns: 150 },
    );
  });

  test("another method in their place is called", async () => {
    const handler: Handler = {
      ...fresh(),
      "read-holding-registers": ({ kind }) => ({ kind, registers: Uint16Array.of(7) }),
    };
    const tap = dial(handler);
    tap.write(join(adu(1, 1, "03 0000 0001"), adu(2, 1, "04 0000 0001")));
    expect(toHex(await tap.take(22))).toBe(toHex(join(adu(1, 1, "03 02 0007"), adu(2, 1, "04 02 0001"))));
  });

  test("they wait for their turn behind an answer that is not ready", async () => {
    const gate = Promise.withResolvers<HandlerResult<{ readonly kind: "read-coils"; readonly bytes: Uint8Array }>>();
    const tap = dial({ ...fresh(), "read-coils": () => gate.promise });
    tap.write(join(adu(1, 1, "01 0000 0001"), adu(2, 1, "04 0001 0001")));
    await new Promise((resolve) => setImmediate(resolve));
    expect(tap.waiting).toBe(0);
    gate.resolve({ kind: "read-coils", bytes: Uint8Array.of(1) });
    expect(toHex(await tap.take(21))).toBe(toHex(join(adu(1, 1, "01 01 01"), adu(2, 1, "04 02 0002"))));
  });
});
