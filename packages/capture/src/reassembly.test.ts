import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CapturedItem, readTransactions } from "./index.ts";
import {
  Conversation,
  capture,
  joined,
  packetsOf,
  requestAdu,
  responseAdu,
  type Side,
} from "./testing/conversation.ts";
import { pcapFile, type WrittenSegment } from "./testing/pcap-writer.ts";

const none = new Uint8Array();

const read = (transaction: number, quantity = 2) =>
  requestAdu(transaction, 7, { kind: "read-holding-registers", address: 100, quantity });
const answer = (transaction: number, ...registers: number[]) =>
  responseAdu(transaction, 7, { kind: "read-holding-registers", registers: Uint16Array.from(registers) });

/** Transactions as `request frame/response frame transaction`, malformed input as `! frame`. */
function told(found: Iterable<CapturedItem>): string[] {
  return [...found].map((item) =>
    item.kind === "malformed"
      ? `! ${item.frame}`
      : `${item.requestFrame ?? "-"}/${item.responseFrame ?? "-"} ${item.transaction}`,
  );
}

function opened(): { readonly talk: Conversation; readonly segments: WrittenSegment[] } {
  const talk = new Conversation();
  return { talk, segments: talk.open() };
}

function inOrder(numbers: readonly number[], segments: readonly WrittenSegment[]): WrittenSegment[] {
  return numbers.map((number) => segments[number]!);
}

describe("segments of a connection", () => {
  it("come with several ADUs in one and with ADUs across several", () => {
    const { talk, segments } = opened();
    segments.push(...talk.send("client", joined(read(1), read(2), read(3)), [5, 30]));
    segments.push(...talk.send("server", joined(answer(1, 1, 2), answer(2, 3, 4)), [1, 2, 3]));
    expect(told(readTransactions(capture(segments)))).toEqual(["5/10 1", "5/10 2", "6/- 3"]);
  });

  it("come again: cut otherwise, with more behind them, or all at once", () => {
    const { talk, segments } = opened();
    const bytes = joined(read(1), read(2), read(3));
    const [first] = talk.send("client", bytes.subarray(0, 15));
    segments.push(first!, talk.segment("client", -10, bytes.subarray(5, 15)), talk.segment("client", -15, bytes));
    const traffic = readTransactions(capture(segments));
    expect(told(traffic)).toEqual(["4/- 1", "6/- 2", "6/- 3"]);
    expect(traffic.statistics).toMatchObject({ retransmitted: 1, differingCopies: 0, gaps: 0 });
  });

  it("come in another order", () => {
    const { talk, segments } = opened();
    const sent = talk.send("client", joined(read(1), read(2), read(3)), [12, 20, 24]);
    const traffic = readTransactions(capture([...segments, ...inOrder([3, 1, 2, 1, 0], sent)]));
    expect(told(traffic)).toEqual(["8/- 1", "6/- 2", "4/- 3"]);
    expect(traffic.statistics).toMatchObject({ reordered: 4, retransmitted: 1, gaps: 0 });
  });

  it("count with their first copy, and a second one that differs is reported where it differs", () => {
    const { talk, segments } = opened();
    segments.push(...talk.send("client", read(1, 2)), talk.segment("client", -12, read(1, 9)));
    const file = capture(segments);
    const found = [...readTransactions(file)];
    expect(told(found)).toEqual(["4/- 1", "! 5"]);
    expect(found).toMatchObject([{ accesses: [{ quantity: 2 }] }, { kind: "malformed" }]);
    const offset = found.flatMap((item) => (item.kind === "malformed" ? [item.offset] : []))[0]!;
    expect(file[offset]).toBe(9);
  });

  it("count with their first copy also while they wait for what is before them", () => {
    const { talk, segments } = opened();
    const bytes = joined(read(1), read(2, 5));
    talk.send("client", bytes);
    const forged = joined(read(1), read(2, 66)).subarray(6);
    const sent = [bytes.subarray(14), forged, bytes].map((part) => talk.segment("client", -part.length, part));
    const traffic = readTransactions(capture([...segments, ...sent]));
    const found = [...traffic];
    expect(told(found)).toEqual(["! 5", "5/- 1", "4/- 2"]);
    expect(found.at(-1)).toMatchObject({ accesses: [{ quantity: 5 }] });
    expect(traffic.statistics.differingCopies).toBe(1);
  });

  it("are compared with the first copy as far as they are old", () => {
    const { talk, segments } = opened();
    segments.push(...talk.send("client", joined(read(1), read(2).subarray(0, 4))));
    const rest = talk.segment("client", -3, joined(Uint8Array.of(0, 0, 0), read(2).subarray(4)));
    segments.push(rest, talk.segment("client", -3, Uint8Array.of(2, 9, 0)));
    const traffic = readTransactions(capture(segments));
    expect(told(traffic)).toEqual(["4/- 1", "! 5", "5/- 2", "! 6"]);
    expect(traffic.statistics.differingCopies).toBe(2);
  });

  it("may wait for others again and again", () => {
    const { talk, segments } = opened();
    const block = new Uint8Array(16_000);
    for (let round = 0; round < 40; round++) segments.push(...talk.send("client", block, [8000]).toReversed());
    const traffic = readTransactions(capture(segments));
    expect([...traffic]).toHaveLength(1);
    expect(traffic.statistics).toMatchObject({ reordered: 40, gaps: 0, skippedBytes: 40 * block.length });
  });

  it("wrap around the largest sequence number", () => {
    const talk = new Conversation({ begins: { client: 2 ** 32 - 15, server: 2 ** 31 - 5 } });
    const segments = [...talk.open(), ...talk.send("client", joined(read(1), read(2)), [12])];
    segments.push(...talk.send("server", joined(answer(1, 1, 2), answer(2, 3, 4)), [3]));
    expect(told(readTransactions(capture(segments)))).toEqual(["4/7 1", "5/7 2"]);
  });

  it("keep a connection alive without being data", () => {
    const { talk, segments } = opened();
    segments.push(...talk.send("client", read(1)));
    segments.push(talk.segment("client", -1, none), talk.segment("client", -1, Uint8Array.of(0)));
    segments.push(...talk.send("server", answer(1, 1, 2)));
    const traffic = readTransactions(capture(segments));
    expect(told(traffic)).toEqual(["4/7 1"]);
    expect(traffic.statistics).toMatchObject({ keepAlives: 2, retransmitted: 0, differingCopies: 0 });
  });
});

describe("what the recording misses", () => {
  it("is known to be missing when the other side has acknowledged it: what follows is read before the answer", () => {
    const { talk, segments } = opened();
    const sent = talk.send("client", joined(read(1), read(2), read(3)), [20, 24]);
    segments.push(...inOrder([0, 2], sent), ...talk.send("server", joined(answer(1, 1, 1), answer(3, 3, 3))));
    const traffic = readTransactions(capture(segments));
    expect(told(traffic)).toEqual(["4/6 1", "! 6", "5/6 3"]);
    expect(traffic.statistics).toMatchObject({ gaps: 1, lostBytes: 4, skippedBytes: 8 });
  });

  it("is known to be missing at its last acknowledged byte", () => {
    const { talk, segments } = opened();
    const [, second] = talk.send("client", joined(read(1), read(2)), [12]);
    segments.push(second!, talk.segment("server", 0, none, { acknowledgement: second!.sequence }));
    expect(told(readTransactions(capture(segments)))).toEqual(["! 5", "4/- 2"]);
  });

  it("is given up when too many bytes wait for it", () => {
    const { talk, segments } = opened();
    const size = 60_000;
    const sent = talk.send(
      "client",
      new Uint8Array(6 * size),
      [1, 2, 3, 4, 5].map((part) => part * size),
    );
    const found = told(readTransactions(capture([...segments, ...sent.slice(1)])));
    expect(found[0]).toEqual("! 8");
  });

  it("is given up when too much waits for it", () => {
    const { talk, segments } = opened();
    const many = joined(...Array.from({ length: 66 }, (_, index) => read(index)));
    const sent = talk.send(
      "client",
      many,
      Array.from({ length: 65 }, (_, index) => 12 * (index + 1)),
    );
    const found = told(readTransactions(capture([...segments, ...sent.slice(1)])));
    expect(found).toHaveLength(66);
    expect(found.slice(0, 2)).toEqual(["! 68", "4/- 1"]);
  });

  it("is missing at the end too", () => {
    const { talk, segments } = opened();
    const sent = talk.send("client", joined(read(1), read(2), read(3).subarray(0, 5)), [12, 24]);
    const traffic = readTransactions(capture([...segments, sent[0]!, sent[2]!]));
    expect(told(traffic)).toEqual(["4/- 1", "! 5", "! 5"]);
    expect(traffic.statistics).toMatchObject({ gaps: 1, lostBytes: 12, skippedBytes: 5 });
  });

  it("is the rest of a packet that the snapshot length has cut off", () => {
    const { talk, segments } = opened();
    segments.push(...talk.send("client", joined(read(1), read(2))), ...talk.send("client", read(3)));
    const packets = packetsOf(segments).map(({ bytes, time }, index) => ({
      bytes: index === 3 ? bytes.subarray(0, bytes.length - 4) : bytes,
      wireBytes: bytes.length,
      time,
    }));
    const traffic = readTransactions(pcapFile(packets));
    expect(told(traffic)).toEqual(["4/- 1", "! 4", "5/- 3"]);
    expect(traffic.statistics).toMatchObject({ gaps: 1, lostBytes: 4, skippedBytes: 8 });
  });

  it("may be the beginning of the connection, and of the ADU that it begins in", () => {
    const talk = new Conversation();
    const request = joined(read(1), read(2));
    const [, tail] = talk.send("client", request, [5]);
    const segments = [tail!, ...talk.send("server", joined(answer(1, 1, 1), answer(2, 2, 2)))];
    segments.push(...talk.send("client", read(3)), ...talk.send("server", answer(3, 3, 3)));
    const traffic = readTransactions(capture(segments));
    expect(told(traffic)).toEqual(["! 1", "1/2 2", "-/2 1", "3/4 3"]);
    expect(traffic.statistics).toMatchObject({ beginMissing: 1, skippedBytes: 7, gaps: 0 });
  });

  it("is not made up for by registers that look like a header", () => {
    for (const behind of [[], [3], [0], [0, 0]]) {
      const talk = new Conversation();
      const [, tail] = talk.send("server", answer(1, 9, 0, 0, 6, 0x0703, 1, 2, ...behind), [10]);
      const segments = [tail!, ...talk.send("server", answer(2, 5, 6))];
      expect(told(readTransactions(capture(segments)))).toEqual(["! 1", "-/2 2"]);
    }
  });

  it("is not followed by a unit that nobody has spoken to", () => {
    const stranger = requestAdu(9, 8, { kind: "read-coils", address: 0, quantity: 1 });
    for (const [bytes, frames] of [
      [stranger, ["4/- 1", "! 6", "7/- 4"]],
      [read(3), ["4/- 1", "! 6", "6/- 3", "7/- 4"]],
    ] as const) {
      const { talk, segments } = opened();
      const [first, , third] = talk.send("client", joined(read(1), read(2), bytes), [12, 24]);
      segments.push(first!, talk.segment("server", 0, none), third!, ...talk.send("client", read(4)));
      expect(told(readTransactions(capture(segments)))).toEqual(frames);
    }
  });

  it("is not made up for by the beginning of something that cannot be read when it is whole", () => {
    const talk = new Conversation();
    const segments = [...talk.send("client", Uint8Array.of(0, 9, 0, 0, 0, 7)), ...talk.send("client", read(1))];
    segments.push(...talk.send("client", read(2)), ...talk.send("client", joined(read(3), read(4)), [3]));
    const traffic = readTransactions(capture(segments));
    expect(told(traffic)).toEqual(["! 2", "3/- 2", "5/- 3", "5/- 4"]);
    expect(traffic.statistics.skippedBytes).toBe(18);
  });

  it("may be followed by one byte in each segment", () => {
    const talk = new Conversation();
    const adus = joined(read(1), read(2));
    const file = capture(talk.send("client", adus, Array.from(adus.keys())));
    expect(told(readTransactions(file))).toEqual(["12/- 1", "24/- 2"]);
  });

  it("is not known when sequence numbers jump", () => {
    const { talk, segments } = opened();
    segments.push(...talk.send("client", read(1)));
    segments.push(talk.segment("client", 5_000_000, read(2)), talk.segment("client", 0, read(3)));
    expect(told(readTransactions(capture(segments)))).toEqual(["4/- 1", "! 5", "5/- 2", "! 6", "6/- 3"]);
  });
});

describe("bytes that are no ADU", () => {
  const web = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: device\r\n\r\n");

  it("are reported once, and reading goes on where ADUs start again", () => {
    const { talk, segments } = opened();
    const sent = [joined(read(1), web), web, read(2), joined(web, read(3)), read(4)];
    segments.push(...sent.flatMap((bytes) => talk.send("client", bytes)));
    const traffic = readTransactions(capture(segments));
    expect(told(traffic)).toEqual(["4/- 1", "! 4", "6/- 2", "! 7", "7/- 3", "8/- 4"]);
    expect(traffic.statistics.skippedBytes).toBe(3 * web.length);
  });

  it("may be split anywhere", () => {
    const bytes = joined(web, web);
    for (let cut = 1; cut < bytes.length; cut++) {
      const { talk, segments } = opened();
      segments.push(...talk.send("client", bytes, [cut]), ...talk.send("client", read(2)));
      expect(told(readTransactions(capture(segments))).filter((line) => !line.startsWith("!"))).toEqual(["6/- 2"]);
    }
  });

  it("may be an ADU that is not finished when the connection ends", () => {
    const { talk, segments } = opened();
    segments.push(...talk.send("client", joined(read(1), read(2).subarray(0, 9))), ...talk.close());
    expect(told(readTransactions(capture(segments)))).toEqual(["4/- 1", "! 4"]);
  });
});

describe("the end of a connection", () => {
  const later = (talk: Conversation) => [
    ...talk.open(),
    ...talk.send("client", read(2)),
    ...talk.send("server", answer(2, 1, 1)),
  ];

  it.each([
    ["FINs", (talk: Conversation) => talk.close()],
    ["a reset", (talk: Conversation) => [talk.segment("server", 0, none, { rst: true })]],
  ])("by %s ends the wait of its requests, and late copies are no new ones", (_, close) => {
    const { talk, segments } = opened();
    segments.push(...talk.send("client", read(1)), ...close(talk), talk.segment("client", -12, read(1)));
    segments.push(...talk.send("server", answer(1, 1, 2)));
    expect(told(readTransactions(capture(segments)))[0]).toEqual("4/- 1");
    const traffic = readTransactions(capture(segments));
    expect([...traffic]).toHaveLength(2);
    expect(traffic.statistics).toMatchObject({ retransmitted: 1, responsesWithoutRequest: 1 });
  });

  it("is not made by one side that has nothing more to ask", () => {
    const { talk, segments } = opened();
    segments.push(...talk.send("client", read(1)), talk.segment("client", 0, none, { fin: true }));
    segments.push(...talk.send("server", answer(1, 1, 2)));
    expect(told(readTransactions(capture(segments)))).toEqual(["4/6 1"]);
  });

  it("is not made by a reset that nobody of the two has sent", () => {
    const { talk, segments } = opened();
    segments.push(...talk.send("client", read(1)), talk.segment("server", 1_000_000, none, { rst: true }));
    segments.push(...talk.send("server", answer(1, 1, 2)));
    expect(told(readTransactions(capture(segments)))).toEqual(["4/6 1"]);
  });

  it("comes with a new SYN from the same port, also without a FIN", () => {
    const { talk, segments } = opened();
    segments.push(...talk.send("client", read(1)));
    const again = new Conversation({ begins: { client: 77_000, server: 88_000 } });
    const traffic = readTransactions(capture([...segments, ...later(again)]));
    expect(told(traffic)).toEqual(["4/- 1", "8/9 2"]);
    expect(traffic.statistics).toMatchObject({ connections: 2, beginMissing: 0 });
  });

  it("is no second SYN of the same connection", () => {
    const { talk, segments } = opened();
    const traffic = readTransactions(
      capture([segments[0]!, segments[0]!, segments[1]!, segments[1]!, ...talk.send("client", read(1))]),
    );
    expect(told(traffic)).toEqual(["5/- 1"]);
    expect(traffic.statistics.connections).toBe(1);
  });
});

interface Delivery {
  readonly cuts: readonly number[];
  readonly again: readonly (readonly [number, number])[];
  readonly order: readonly number[];
}

const delivery: fc.Arbitrary<Delivery> = fc.record({
  cuts: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 8 }),
  again: fc.array(fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 80 })), { maxLength: 4 }),
  order: fc.array(fc.nat(1000), { minLength: 13, maxLength: 13 }),
});

const rounds = fc.array(
  fc.record({
    quantities: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }),
    answers: fc.nat(4),
    request: delivery,
    response: delivery,
  }),
  { minLength: 1, maxLength: 4 },
);

/** The bytes as this delivery has them: cut, parts of them sent again, all in another order. */
function deliver(
  talk: Conversation,
  side: Side,
  bytes: Uint8Array,
  { cuts, again, order }: Delivery,
): WrittenSegment[] {
  if (bytes.length === 0) return [];
  const sent = talk.send(side, bytes, cuts);
  const copies = again
    .filter(([from]) => from < bytes.length)
    .map(([from, length]) => talk.segment(side, from - bytes.length, bytes.subarray(from, from + length)));
  const keyed = [...sent, ...copies].map((segment, index) => ({ segment, key: order[index % order.length]! }));
  return keyed.sort((one, other) => one.key - other.key).map(({ segment }) => segment);
}

describe("a stream of bytes", () => {
  const begins = fc.constantFrom(1000, 2 ** 31 - 40, 2 ** 32 - 40);

  it("is the same transactions however it is cut, reordered and sent again", () => {
    fc.assert(
      fc.property(rounds, begins, (all, begin) => {
        const plain: Delivery = { cuts: [], again: [], order: [0] };
        const files = [true, false].map((asTold) => {
          const talk = new Conversation({ begins: { client: begin, server: begin + 7 } });
          const segments = talk.open();
          let id = 0;
          for (const { quantities, answers, request, response } of all) {
            const adus = quantities.map((quantity, index) => read(id + index, quantity));
            const replies = quantities
              .slice(0, answers)
              .map((quantity, index) => answer(id + index, ...new Array<number>(quantity).fill(id)));
            id += quantities.length;
            segments.push(...deliver(talk, "client", joined(...adus), asTold ? request : plain));
            segments.push(...deliver(talk, "server", joined(...replies), asTold ? response : plain));
          }
          return capture(segments);
        });
        const [first, second] = files.map((file) => readTransactions(file));
        const said = (items: Iterable<CapturedItem>) =>
          [...items].map((item) =>
            item.kind === "malformed" ? item : { ...item, time: 0, latencyMs: 0, requestFrame: 0, responseFrame: 0 },
          );
        expect(said(first!)).toEqual(said(second!));
        expect(first!.statistics).toMatchObject({ gaps: 0, differingCopies: 0, malformed: 0, connections: 1 });
      }),
      { numRuns: 150 },
    );
  });
});
