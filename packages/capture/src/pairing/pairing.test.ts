import { describe, expect, it } from "vitest";
import { readTransactions } from "../index.ts";
import { Conversation, packetsOf, requestAdu, responseAdu } from "../testing/conversation.ts";
import { pcapFile, type WrittenSegment } from "../testing/pcap-writer.ts";

/** A connection of a client that has one transaction id for everything; each step at its time in seconds. */
function constantId(steps: readonly (readonly [time: number, ask: number | null, answered?: number])[]): string[] {
  const talk = new Conversation();
  const segments: [number, WrittenSegment][] = talk.open().map((segment) => [0, segment]);
  for (const [time, ask, answered] of steps) {
    const bytes =
      ask === null
        ? responseAdu(0, 1, { kind: "read-holding-registers", registers: new Uint16Array(answered!) })
        : requestAdu(0, 1, { kind: "read-holding-registers", address: ask, quantity: ask });
    for (const segment of talk.send(ask === null ? "server" : "client", bytes)) segments.push([time, segment]);
  }
  const packets = packetsOf(segments.map(([, segment]) => segment));
  const file = pcapFile(packets.map((packet, index) => ({ ...packet, time: 1000 + segments[index]![0] })));
  return [...readTransactions(file)].map((item) =>
    item.kind === "malformed" ? "!" : `${item.requestFrame ?? "-"}/${item.responseFrame ?? "-"}`,
  );
}

describe("requests under one transaction id", () => {
  it("sent in one go get their answers in order", () => {
    expect(
      constantId([
        [0, 3],
        [0.001, 3],
        [0.002, 3],
        [0.5, null, 3],
        [0.6, null, 3],
        [0.7, null, 3],
      ]),
    ).toEqual(["4/7", "5/8", "6/9"]);
  });

  it("are not answered any more once the client has asked again", () => {
    expect(
      constantId([
        [0, 3],
        [1, 3],
        [1.01, null, 3],
        [2, 3],
        [2.01, null, 3],
      ]),
    ).toEqual(["4/-", "5/6", "7/8"]);
  });

  it("are passed over by an answer that does not fit", () => {
    expect(
      constantId([
        [0, 3],
        [0.01, 5],
        [0.02, 3],
        [0.03, null, 5],
        [0.04, null, 3],
      ]),
    ).toEqual(["4/-", "5/7", "6/8"]);
  });

  it("get an answer that fits none of them, the first of them does", () => {
    expect(
      constantId([
        [0, 3],
        [0.01, 5],
        [0.02, null, 9],
      ]),
    ).toEqual(["4/6", "5/-"]);
  });
});
