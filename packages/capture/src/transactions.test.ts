import { describe, expect, it } from "vitest";
import { type CapturedItem, CaptureError, type CaptureOptions, readTransactions } from "./index.ts";
import { Conversation, capture, joined, packetsOf, requestAdu, responseAdu } from "./testing/conversation.ts";
import { ethernetFrame, ipPacket, pcapFile, type WrittenSegment } from "./testing/pcap-writer.ts";

const read = (transaction: number, address = 100, quantity = 2) =>
  requestAdu(transaction, 7, { kind: "read-holding-registers", address, quantity });
const answer = (transaction: number, ...registers: number[]) =>
  responseAdu(transaction, 7, { kind: "read-holding-registers", registers: Uint16Array.from(registers) });

function items(file: Uint8Array, options?: CaptureOptions): CapturedItem[] {
  return [...readTransactions(file, options)];
}

/** Transactions as `request frame/response frame transaction`, malformed input as `! frame`. */
function told(found: readonly CapturedItem[]): string[] {
  return found.map((item) =>
    item.kind === "malformed"
      ? `! ${item.frame}`
      : `${item.requestFrame ?? "-"}/${item.responseFrame ?? "-"} ${item.transaction}`,
  );
}

/** A connection with one request and one response after it has been opened: frames 4 and 5. */
function small(): WrittenSegment[] {
  const talk = new Conversation();
  return [...talk.open(), ...talk.send("client", read(1)), ...talk.send("server", answer(1, 17, 42)), ...talk.close()];
}

describe("readTransactions", () => {
  it("gives a transaction with everything that request and response say", () => {
    expect(items(capture(small()))).toEqual([
      {
        kind: "transaction",
        time: 1000.003,
        requestFrame: 4,
        responseFrame: 5,
        client: "10.0.0.1:49152",
        server: "10.0.0.2:502",
        transport: "tcp",
        transaction: 1,
        unit: 7,
        functionCode: 3,
        request: { kind: "read-holding-registers", address: 100, quantity: 2 },
        response: { kind: "read-holding-registers", registers: Uint16Array.of(17, 42) },
        accesses: [{ device: null, unit: 7, table: "holding", address: 100, quantity: 2, write: false }],
        write: false,
        exception: null,
        values: [17, 42],
        latencyMs: 1,
        matched: true,
      },
    ]);
  });

  it("counts anew with every iteration", () => {
    const traffic = readTransactions(capture(small()));
    for (const round of [1, 2]) {
      expect([round, ...traffic]).toHaveLength(2);
      expect(traffic.statistics).toMatchObject({ frames: 7, segments: 7, connections: 1, matched: 1, beginMissing: 0 });
    }
  });

  it("names the device behind a unit", () => {
    const whereOf = (server: string, unit: number) => ({ device: `${server} ${unit}` });
    expect(items(capture(small()), { whereOf })).toMatchObject([{ accesses: [{ device: "10.0.0.2:502 7", unit: 7 }] }]);
  });

  it("says of what it cannot read that it may write", () => {
    const talk = new Conversation();
    const unknown = Uint8Array.of(0, 1, 0, 0, 0, 3, 7, 90, 0);
    const short = Uint8Array.of(0, 2, 0, 0, 0, 4, 7, 6, 0, 1);
    const found = items(capture([...talk.open(), ...talk.send("client", joined(unknown, short))]));
    expect(found).toMatchObject([
      { functionCode: 90, accesses: [{ table: null, write: true }], write: true, fault: expect.any(String) },
      { kind: "malformed", frame: 4 },
      { functionCode: 6, accesses: [{ table: null, write: true }], write: true, fault: expect.any(String) },
    ]);
    expect(found[0]).not.toHaveProperty("request");
  });

  it("says when a response does not answer its request, and gives no values then", () => {
    const talk = new Conversation();
    const file = capture([...talk.open(), ...talk.send("client", read(1)), ...talk.send("server", answer(1, 17))]);
    expect(items(file)).toMatchObject([{ matched: true, fault: expect.any(String) }]);
    expect(items(file)[0]).not.toHaveProperty("values");
  });

  it("gives bits as 0 and 1, without the padding, and an exception as its code", () => {
    const talk = new Conversation();
    const coils = requestAdu(1, 7, { kind: "read-coils", address: 0, quantity: 3 });
    const bits = responseAdu(1, 7, { kind: "read-coils", bytes: Uint8Array.of(0xfd) });
    const refused = responseAdu(2, 7, { kind: "exception", functionCode: 3, exception: 2 });
    const sent = [...talk.open(), ...talk.send("client", joined(coils, read(2)))];
    expect(items(capture([...sent, ...talk.send("server", joined(bits, refused))]))).toMatchObject([
      { values: [1, 0, 1], exception: null },
      { exception: 2, matched: true },
    ]);
  });

  it("pairs several outstanding, answered in another order, and gives them in the order of the requests", () => {
    const talk = new Conversation();
    const sent = [...talk.open(), ...talk.send("client", joined(read(1), read(2), read(3)))];
    const back = [answer(3, 3, 3), answer(1, 1, 1), answer(2, 2, 2)].flatMap((bytes) => talk.send("server", bytes));
    const found = items(capture([...sent, ...back]));
    expect(told(found)).toEqual(["4/6 1", "4/7 2", "4/5 3"]);
    expect(found).toMatchObject([{ values: [1, 1] }, { values: [2, 2] }, { values: [3, 3] }]);
  });

  it("tells a request without response and a response without request", () => {
    const talk = new Conversation();
    const sent = [...talk.open(), ...talk.send("client", read(1)), ...talk.send("server", answer(9, 1, 1))];
    const found = items(capture([...sent, ...talk.close()]));
    expect(told(found)).toEqual(["4/- 1", "-/5 9"]);
    expect(found).toMatchObject([
      { matched: false, latencyMs: null },
      { matched: false, functionCode: 3, accesses: [], time: 1000.004 },
    ]);
  });

  it.each([
    ["unit", responseAdu(1, 8, { kind: "read-holding-registers", registers: Uint16Array.of(1, 2) })],
    ["function", responseAdu(1, 7, { kind: "read-input-registers", registers: Uint16Array.of(1, 2) })],
    ["transaction id", answer(2, 1, 2)],
  ])("leaves a response alone that has another %s", (_, response) => {
    const talk = new Conversation();
    const file = capture([...talk.open(), ...talk.send("client", read(1)), ...talk.send("server", response)]);
    expect(items(file)).toMatchObject([{ responseFrame: null }, { requestFrame: null }]);
  });

  it("looks at the ports it is told to", () => {
    expect(items(capture(small()), { ports: [1502] })).toEqual([]);
    const talk = new Conversation({ server: { address: 1, port: 1502 } });
    const file = capture([...talk.open(), ...talk.send("client", read(1))]);
    expect(told(items(file, { ports: [1502] }))).toEqual(["4/- 1"]);
  });

  it("takes who opened the connection for the client where both ports are servers'", () => {
    const ends = { client: { address: 1, port: 502 }, server: { address: 2, port: 502 } };
    const talk = new Conversation(ends);
    const file = capture([...talk.open(), ...talk.send("client", read(1)), ...talk.send("server", answer(1, 5, 6))]);
    expect(items(file)).toMatchObject([{ client: "0.0.0.1:502", server: "0.0.0.2:502", matched: true }]);
  });

  it.each([
    ["a tag", [5]],
    ["two tags", [5, 6]],
  ])("reads Ethernet with %s", (_, tags) => {
    const packets = small().map((segment) => ({ bytes: ethernetFrame(ipPacket(segment), tags), time: 1 }));
    expect(told(items(pcapFile(packets)))).toEqual(["4/5 1"]);
  });

  it.each([
    ["null", 0, [2, 0, 0, 0]],
    ["raw IP", 101, []],
    ["Linux cooked", 113, [0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0]],
    ["Linux cooked 2", 276, [8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0]],
  ])("reads %s", (_, linkType, header) => {
    const packets = small().map((segment) => ({ bytes: Uint8Array.from([...header, ...ipPacket(segment)]), time: 1 }));
    expect(told(items(pcapFile(packets, linkType)))).toEqual(["4/5 1"]);
  });

  it("reads a packet that its card has split later, and none that is larger than packets can be", () => {
    const segments = small();
    const packets = segments.map((segment, index) => {
      const bytes = ipPacket(segment);
      if (index === 3) bytes.fill(0, 2, 4);
      return { bytes, time: 1, wireBytes: bytes.length };
    });
    expect(told(items(pcapFile(packets, 101)))).toEqual(["4/5 1"]);
    const traffic = readTransactions(pcapFile([{ ...packets[3]!, wireBytes: 2 ** 31 }], 101));
    expect([...traffic]).toEqual([]);
    expect(traffic.statistics.badHeaders).toBe(1);
  });

  it("takes no packet for IP that has more tags than any has", () => {
    const traffic = readTransactions(
      pcapFile([{ bytes: ethernetFrame(ipPacket(small()[3]!), [1, 2, 3, 4, 5]), time: 1 }]),
    );
    expect([...traffic]).toEqual([]);
    expect(traffic.statistics.notIp).toBe(1);
  });

  it("follows no connection that says nothing", () => {
    const traffic = readTransactions(capture(small().slice(2, 3)));
    expect([...traffic]).toEqual([]);
    expect(traffic.statistics).toMatchObject({ segments: 1, connections: 0 });
  });

  it("refuses a link that it cannot read", () => {
    expect(() => readTransactions(pcapFile([], 147))).toThrow(CaptureError);
  });

  it("counts what is nothing of its own, by reason", () => {
    const arp = ethernetFrame(new Uint8Array(28), [], 0x0806);
    const ipv6 = ethernetFrame(new Uint8Array(40), [], 0x86dd);
    const [segment] = small();
    const udp = ipPacket(segment!);
    udp[9] = 17;
    const later = ipPacket({ ...segment!, fragment: 0x2001 });
    const cut = ipPacket(segment!).subarray(0, 30);
    const others = { ...segment!, to: { address: 1, port: 80 } };
    const bytes = [arp, ipv6, ...[udp, later, ipPacket(others)].map((packet) => ethernetFrame(packet))];
    const file = pcapFile(
      [...bytes, joined(new Uint8Array(12), Uint8Array.of(8, 0), cut)].map((one) => ({ bytes: one, time: 1 })),
    );
    const traffic = readTransactions(file);
    expect([...traffic]).toEqual([]);
    expect(traffic.statistics).toMatchObject({ frames: 6, segments: 0 });
    expect(traffic.statistics).toMatchObject({
      notIp: 1,
      ipv6: 1,
      notTcp: 1,
      fragments: 1,
      otherPorts: 1,
      badHeaders: 1,
    });
  });

  it("reports a fragment, and that the stream misses its bytes", () => {
    const talk = new Conversation();
    const opened = talk.open().slice(0, 2);
    const [request] = talk.send("client", read(1));
    const segments = [...opened, { ...request!, fragment: 0x2000 }, ...talk.send("client", read(2))];
    const traffic = readTransactions(capture([...segments, ...talk.send("server", answer(2, 1, 2))]));
    expect(told([...traffic])).toEqual(["! 3", "! 5", "4/5 2"]);
    expect(traffic.statistics).toMatchObject({ fragments: 1, gaps: 1, lostBytes: 12 });
  });

  it("reports damage of the file behind what it could read", () => {
    const file = pcapFile(packetsOf(small()));
    expect(told(items(file.subarray(0, file.length - 70)))).toEqual(["4/5 1", "! 7"]);
  });

  it("gives up the first of too many that wait, and the one that waits too long", () => {
    const talk = new Conversation();
    const sent = [...talk.open(), ...[1, 2, 3].flatMap((id) => talk.send("client", read(id)))];
    const file = capture([...sent, ...talk.send("server", joined(answer(1, 1, 1), answer(3, 3, 3)))]);
    const bounds: [CaptureOptions, number][] = [
      [{ maxOutstanding: 2 }, 1],
      [{ maxWaiting: 2 }, 2],
      [{ responseSeconds: 0.0015 }, 2],
    ];
    for (const [options, givenUp] of bounds) {
      const traffic = readTransactions(file, options);
      expect(told([...traffic])).toEqual(["4/- 1", "5/- 2", "6/7 3", "-/7 1"]);
      expect(traffic.statistics).toMatchObject({ givenUp, requestsWithoutResponse: 2, responsesWithoutRequest: 1 });
    }
  });

  it("forgets the connection that was silent for longest when there are too many", () => {
    const [first, second, third] = [1, 2, 3].map((port) => new Conversation({ client: { address: 1, port } }));
    const segments = [first!, second!].flatMap((talk) => [...talk.open(), ...talk.send("client", read(1))]);
    segments.push(...first!.send("client", read(2)), ...third!.open(), ...first!.send("server", answer(2, 1, 2)));
    const traffic = readTransactions(capture(segments), { maxConnections: 2 });
    expect(told([...traffic])).toEqual(["4/- 1", "8/- 1", "9/13 2"]);
    expect(traffic.statistics).toMatchObject({ connections: 3, connectionsDropped: 1, beginMissing: 0 });
  });

  it("loses nothing with a connection that is over", () => {
    const talks = [1, 2].map((port) => new Conversation({ client: { address: 1, port } }));
    const segments = talks.flatMap((talk) => [...talk.open(), ...talk.send("client", read(1)), ...talk.close()]);
    const traffic = readTransactions(capture(segments), { maxConnections: 1 });
    expect(told([...traffic])).toEqual(["4/- 1", "10/- 1"]);
    expect(traffic.statistics).toMatchObject({ connections: 2, connectionsDropped: 0 });
  });
});
