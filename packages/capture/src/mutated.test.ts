import fc from "fast-check";
import { expect, it } from "vitest";
import { readTransactions } from "./index.ts";
import { inconsistency } from "./testing/consistency.ts";
import { Conversation, capture, joined, requestAdu, responseAdu } from "./testing/conversation.ts";

/** A capture with something of everything, as it should be. */
function whole(): Uint8Array {
  const talk = new Conversation();
  const ask = (id: number) => requestAdu(id, 1, { kind: "read-coils", address: id, quantity: 9 });
  const reply = (id: number) => responseAdu(id, 1, { kind: "read-coils", bytes: Uint8Array.of(id, 1) });
  const set = requestAdu(8, 1, { kind: "write-multiple-registers", address: 0, values: Uint16Array.of(1, 2, 3) });
  const done = responseAdu(8, 1, { kind: "write-multiple-registers", address: 0, quantity: 3 });
  const segments = talk.open();
  segments.push(...talk.send("client", joined(ask(1), ask(2), set), [4, 20]));
  segments.push(...talk.send("server", joined(reply(1), reply(2), done), [15]).toReversed());
  segments.push(...talk.send("client", ask(3)), ...talk.send("server", reply(3)), ...talk.close());
  return capture(segments);
}

const original = whole();

it("reads the capture that is mutated below", () => {
  expect([...readTransactions(original)]).toMatchObject(Array.from({ length: 4 }, () => ({ matched: true })));
});

it("survives any bytes in any place of a capture, and loses no ADU that it has seen", () => {
  const changes = fc.array(fc.tuple(fc.integer({ min: 24, max: original.length - 1 }), fc.nat(255)), { maxLength: 6 });
  const moves = fc.tuple(fc.integer({ min: 24, max: original.length }), fc.integer({ min: 24, max: original.length }));
  fc.assert(
    fc.property(changes, moves, (bytes, [to, from]) => {
      const mutated = original.slice();
      for (const [at, value] of bytes) mutated[at] = value;
      const file = joined(mutated.subarray(0, to), mutated.subarray(from));
      const traffic = readTransactions(file, { maxConnections: 2, maxOutstanding: 2, maxWaiting: 4 });
      expect(inconsistency([...traffic], traffic.statistics, file.length)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});
