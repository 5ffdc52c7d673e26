import { readTransactions } from "../../packages/capture/src/index.ts";
import { inconsistency } from "../../packages/capture/src/testing/consistency.ts";
import {
  Conversation,
  joined,
  packetsOf,
  requestAdu,
  responseAdu,
  type Side,
} from "../../packages/capture/src/testing/conversation.ts";
import { pcapFile, type WrittenPacket, type WrittenSegment } from "../../packages/capture/src/testing/pcap-writer.ts";
import type { RequestKind } from "../../packages/protocol/src/index.ts";
import { anyRequest } from "../../packages/protocol/src/testing/any-request.ts";
import { anyResponse } from "../../packages/protocol/src/testing/any-response.ts";
import type { FuzzCounts } from "../../packages/protocol/src/testing/fuzz/fuzzer.ts";
import { mutate } from "../../packages/protocol/src/testing/fuzz/mutate.ts";
import { Integers } from "../../packages/protocol/src/testing/integers.ts";

const kinds = Object.keys(anyRequest) as RequestKind[];
const CONVERSATIONS = 4;
/** Messages of one capture; as many packets at least. */
const MESSAGES = 40;

/**
 * Throws captures at the reader that are recorded badly: conversations cut, reordered, repeated and incomplete, packets
 * mutated, the file mutated. What is thrown there, or an item that cannot be, comes out of `run`. The same seed gives
 * the same captures.
 */
export class CaptureFuzzer {
  readonly counts: FuzzCounts = {
    frames: 0,
    bytes: 0,
    delivered: 0,
    requests: 0,
    responses: 0,
    answers: 0,
    refused: 0,
  };
  readonly #from: Integers;

  constructor(seed: number) {
    this.#from = new Integers(seed);
  }

  /** Reads captures of so many more packets altogether, or a few more. */
  run(frames: number): void {
    for (const end = this.counts.frames + frames; this.counts.frames < end; ) this.#capture();
  }

  #capture(): void {
    const from = this.#from;
    const segments = this.#segments();
    const packets = packetsOf(segments).map((packet) => this.#recorded(packet));
    const whole = pcapFile(packets);
    const file = from.between(0, 3) === 0 ? mutate(from, whole, whole) : whole;
    this.counts.frames += packets.length;
    this.counts.bytes += file.length;
    if (file.length < 24) return;
    // The header stays what it was: another test is about files that are no captures.
    file.set(whole.subarray(0, 24));
    const traffic = readTransactions(
      file,
      from.boolean() ? {} : { maxConnections: 2, maxOutstanding: 3, maxWaiting: 8 },
    );
    const wrong = inconsistency([...traffic], traffic.statistics, file.length);
    if (wrong !== undefined) throw new Error(wrong);
    const { requests, responses, matched, malformed } = traffic.statistics;
    this.counts.delivered += requests + responses;
    this.counts.requests += requests;
    this.counts.responses += responses;
    this.counts.answers += matched;
    this.counts.refused += malformed;
  }

  #segments(): WrittenSegment[] {
    const from = this.#from;
    const talks = Array.from({ length: CONVERSATIONS }, (_, port) => {
      const begins = { client: from.next(), server: from.next() };
      return new Conversation({ client: { address: 1, port: 1000 + port }, begins });
    });
    const segments = talks.flatMap((talk) => (from.boolean() ? talk.open() : []));
    for (let count = 0; count < MESSAGES; count++) {
      const talk = talks[from.between(0, CONVERSATIONS - 1)]!;
      const kind = kinds[from.between(0, kinds.length - 1)]!;
      const transaction = from.between(0, 3);
      const asked = requestAdu(transaction, from.between(0, 1), anyRequest[kind](from));
      segments.push(...this.#sent(talk, "client", asked));
      if (from.between(0, 7) === 0) continue;
      const answer = from.between(0, 7) === 0 ? anyResponse.exception(from) : anyResponse[kind](from);
      segments.push(...this.#sent(talk, "server", responseAdu(transaction, asked[6]!, answer)));
      if (from.between(0, 31) === 0) segments.push(...talk.close());
    }
    return this.#disturbed(segments);
  }

  #sent(talk: Conversation, side: Side, adu: Uint8Array): WrittenSegment[] {
    const from = this.#from;
    const wrong = from.between(0, 7) === 0 ? mutate(from, adu, adu) : adu;
    const bytes = from.between(0, 3) === 0 ? joined(wrong, adu) : wrong;
    const cuts = Array.from({ length: from.between(0, 3) }, () => from.between(1, bytes.length));
    return talk.send(side, bytes, cuts);
  }

  /** Some are lost, some come twice, some come later, some are made up. */
  #disturbed(segments: readonly WrittenSegment[]): WrittenSegment[] {
    const from = this.#from;
    const late = segments.map((segment, index) => ({
      segment,
      at: index + (from.between(0, 7) === 0 ? from.between(0, 9) : 0),
    }));
    const copies = late
      .filter(() => from.between(0, 15) === 0)
      .map(({ segment, at }) => ({ segment: this.#madeUp(segment), at: at + 1 }));
    return [...late, ...copies]
      .filter(() => from.between(0, 31) !== 0)
      .sort((one, other) => one.at - other.at)
      .map(({ segment }) => segment);
  }

  #madeUp(segment: WrittenSegment): WrittenSegment {
    const from = this.#from;
    switch (from.between(0, 7)) {
      case 0:
        return { ...segment, syn: true };
      case 1:
        return { ...segment, fin: true };
      case 2:
        return { ...segment, rst: true };
      case 3:
        return { ...segment, fragment: from.uint16() };
      case 4:
        return { ...segment, sequence: segment.sequence + from.between(-300, 300) };
      case 5:
        return { ...segment, sequence: from.next(), acknowledgement: from.next() };
      default:
        return segment;
    }
  }

  #recorded(packet: WrittenPacket): WrittenPacket {
    const from = this.#from;
    const wireBytes = packet.bytes.length;
    if (from.between(0, 31) === 0) return { ...packet, wireBytes, bytes: mutate(from, packet.bytes, packet.bytes) };
    if (from.between(0, 31) === 0)
      return { ...packet, wireBytes, bytes: packet.bytes.subarray(0, from.between(0, wireBytes)) };
    return packet;
  }
}
