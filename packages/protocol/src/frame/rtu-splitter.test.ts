import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHex, toHex } from "../hex.ts";
import { defineFunction } from "../pdu/define-function.ts";
import {
  accident,
  anyConversation,
  anyNoise,
  anyResponseFrame,
  cuts,
  type Heard,
  joined,
} from "../testing/any-line.ts";
import { Integers } from "../testing/integers.ts";
import { ClientSide, ServerSide } from "./line-side.ts";
import type { EachFrame } from "./line-splitter.ts";
import { rtuFrame } from "./rtu.ts";
import { RtuSplitter } from "./rtu-splitter.ts";

const frame = (unit: number, pdu: string): Uint8Array => rtuFrame(unit, parseHex(pdu));
const own = (unit: number): boolean => unit === 1;
const nobody = (): boolean => false;

/** What was delivered, one line for each frame, and how to deliver it. */
function listener(): { readonly lines: string[]; readonly each: EachFrame } {
  const lines: string[] = [];
  const each: EachFrame = (bytes, start, end, unit, direction) =>
    lines.push(`${direction} ${unit} ${toHex(bytes.subarray(start, end))}`) > 0;
  return { lines, each };
}

function lineOf({ direction, unit, bytes }: Heard): string {
  return `${direction} ${unit} ${toHex(bytes.subarray(1, -2))}`;
}

/** Pushes chunks that are overwritten afterwards, as a shared read buffer would be. */
function feed(splitter: RtuSplitter, chunks: readonly Uint8Array[], each: EachFrame): void {
  for (const chunk of chunks) {
    const shared = chunk.slice();
    splitter.push(shared, each);
    shared.fill(0xee);
    if (splitter.pending > 256) throw new Error(`${splitter.pending} bytes held`);
  }
}

describe("a server on a shared line", () => {
  const server = (): RtuSplitter => new RtuSplitter(new ServerSide(own));

  test("hears every request and every response of the others, between noise, in any split", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const from = new Integers(seed);
        let heard = anyConversation(from);
        while (accident(heard, () => true)) heard = anyConversation(from);
        const splitter = server();
        const { lines, each } = listener();
        feed(splitter, cuts(from, joined(heard)), each);
        splitter.silence(each);
        expect(lines).toEqual(heard.filter((one) => !isNoise(one)).map(lineOf));
        expect(splitter.pending).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });

  const isNoise = (one: Heard): boolean => one.direction === "noise";

  test("never takes the echo of another unit's write for a request, nor its own second request for an echo", () => {
    const write = (unit: number): Uint8Array => frame(unit, "06 0001 0003");
    const { lines, each } = listener();
    const splitter = server();
    for (const unit of [2, 2, 1, 1, 2, 1, 2, 0, 0]) splitter.push(write(unit), each);
    expect(lines.map((line) => line.slice(0, line.indexOf("06")).trim())).toEqual([
      "request 2",
      "response 2",
      "request 1",
      "request 1",
      "request 2",
      "request 1",
      "request 2",
      "request 0",
      "request 0",
    ]);
  });

  test.each([
    ["an exception of another unit", 2, "83 02", "response"],
    ["a response to nobody's request", 2, "03 04 00010002", "response"],
    ["two coils, shorter than any request", 2, "01 01 03", "response"],
    ["the same code from another unit", 3, "03 04 00010002", "response"],
    ["a request that is longer than the awaited response", 2, "10 0001 0001 02 000a", "request"],
  ])("after a request to unit 2: %s", (_, unit, pdu, direction) => {
    const { lines, each } = listener();
    const splitter = server();
    splitter.push(frame(2, "03 0000 0002"), each);
    splitter.push(frame(unit, pdu), each);
    expect(lines[1]).toMatch(direction);
    expect(splitter.pending).toBe(0);
  });

  test("a frame with zeros behind it is the shorter frame, although the CRC fits both", () => {
    const request = frame(2, "03 0400 0001");
    const { lines, each } = listener();
    const splitter = server();
    // Asked again, it might be four bytes of an answer, whose CRC would end with the address of the broadcast behind it.
    const heard = [request, request, frame(0, "06 0001 0003")].map((bytes) => [...bytes]);
    splitter.push(Uint8Array.from(heard.flat()), each);
    expect(lines).toEqual(["request 2 0304000001", "request 2 0304000001", "request 0 0600010003"]);
  });
});

describe("what tells no length ends with the silence behind it", () => {
  const unknownFrames: readonly (readonly [string, string])[] = [
    ["an unassigned function", "63 0102"],
    ["a function code with bit 7", "83 02"],
    ["a user-defined function that tells no length", "42 0102030405"],
    ["CANopen", "2b 0d 010203"],
    ["an unknown MEI type", "2b 0f 010203"],
    ["query data of 6 bytes", "08 0000 010203040506"],
    ["a byte count that lies", "10 0000 0001 04 0001"],
  ];

  test.each(unknownFrames)("%s", (_, pdu) => {
    const { lines, each } = listener();
    const splitter = new RtuSplitter(new ServerSide(own));
    const bytes = frame(1, pdu);
    feed(splitter, [bytes.subarray(0, 3), bytes.subarray(3)], each);
    expect(lines).toEqual([]);
    expect(splitter.pending).toBe(bytes.length);
    splitter.silence(each);
    expect(lines).toEqual([`request 1 ${toHex(parseHex(pdu))}`]);
    expect(splitter.pending).toBe(0);
    expect(splitter.counters).toMatchObject({ frames: 1, skipped: 0, errors: 0 });
  });

  test.each(["06 0064 0001 00", "03 0000 0001 00", "14 06 06 0001 0000 0001", "0b 00", "16 0004 00f2 0025 01"])(
    "a request of a wrong length, %s, is one all the same when it stands alone between silences",
    (pdu) => {
      const wrong = frame(1, pdu);
      const right = frame(1, "03 0000 0001");
      for (let cut = 0; cut <= wrong.length; cut++) {
        const splitter = new RtuSplitter(new ServerSide(own));
        const { lines, each } = listener();
        feed(splitter, [wrong.subarray(0, cut), wrong.subarray(cut)], each);
        splitter.silence(each);
        // Before other bytes nothing says where it ends.
        feed(splitter, [wrong, right], each);
        splitter.silence(each);
        feed(splitter, [wrong], each);
        splitter.reset();
        splitter.silence(each);
        expect(lines).toEqual([`request 1 ${toHex(parseHex(pdu))}`, "request 1 0300000001"]);
        expect(splitter.pending).toBe(0);
      }
    },
  );

  test("query data of one word is usual and needs no silence", () => {
    const { lines, each } = listener();
    new RtuSplitter(new ServerSide(own)).push(frame(1, "08 0000 a537"), each);
    expect(lines).toEqual(["request 1 080000a537"]);
  });

  test("the longest frame of all is held whole, one byte more is not", () => {
    const longest = rtuFrame(1, parseHex(`63 ${"07".repeat(252)}`));
    for (const more of [0, 1]) {
      const { lines, each } = listener();
      const splitter = new RtuSplitter(new ServerSide(own));
      splitter.push(longest, each);
      expect(splitter.pending).toBe(256);
      splitter.push(new Uint8Array(more), each);
      splitter.silence(each);
      expect(lines.length).toBe(1 - more);
      expect(splitter.counters.overruns).toBe(more);
    }
  });

  test("a defined function tells its length", () => {
    const counted = {
      encode: (data: Uint8Array) => data,
      decode: (data: Uint8Array) => data,
      length: (data: Uint8Array) => (data.length === 0 ? undefined : data[0] === 0xff ? -1 : 1 + data[0]!),
    };
    const read = defineFunction({ functionCode: 65, name: "read", request: counted, response: counted });
    const splitter = new RtuSplitter(new ServerSide(own), [read]);
    const { lines, each } = listener();
    feed(splitter, [frame(1, "41 02 0a0b"), frame(2, "41 00"), frame(2, "41 01 07")], each);
    expect(lines).toEqual(["request 1 41020a0b", "request 2 4100", "response 2 410107"]);
    splitter.push(parseHex("01 41 ff 00"), each);
    expect(splitter.counters.skipped).toBe(1);
  });
});

describe("a client", () => {
  test("hears the response it waits for between noise and other frames, in any split", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const from = new Integers(seed);
        const side = new ClientSide();
        const splitter = new RtuSplitter(side);
        for (let calls = from.between(1, 4); calls > 0; calls--) {
          const noise = (most: number): Heard => anyNoise(from, most);
          const other = (): Heard => anyResponseFrame(from, 5);
          let answer = anyResponseFrame(from, from.between(1, 4));
          let heard = [noise(60), other(), noise(20), answer, noise(30)];
          const waitsFor = (unit: number, code: number): boolean =>
            unit === answer.unit && (code & 0x7f) === answer.functionCode;
          while (accident(heard, waitsFor)) {
            answer = anyResponseFrame(from, answer.unit);
            heard = [noise(60), other(), noise(20), answer, noise(30)];
          }
          const { lines, each } = listener();
          splitter.reset();
          side.expect(answer.unit, answer.functionCode, answer.functionCode === 8 ? 5 : 0);
          feed(splitter, cuts(from, joined(heard)), each);
          splitter.silence(each);
          expect(lines).toEqual([lineOf(answer)]);
        }
      }),
      { numRuns: 1_500 },
    );
  });

  test("hears nothing when it waits for nothing, and only one response to a request", () => {
    const side = new ClientSide();
    const splitter = new RtuSplitter(side);
    const { lines, each } = listener();
    const response = frame(1, "03 02 0007");
    splitter.push(response, each);
    expect(lines).toEqual([]);
    side.expect(1, 3);
    splitter.push(response, each);
    splitter.push(response, each);
    expect(lines).toEqual(["response 1 03020007"]);
  });

  test("knows the length of an echo from its request", () => {
    const side = new ClientSide();
    const splitter = new RtuSplitter(side);
    const { lines, each } = listener();
    side.expect(1, 8, 9);
    splitter.push(frame(1, "08 0000 010203040506"), each);
    expect(lines).toEqual(["response 1 080000010203040506"]);
  });

  test("a reset from inside the callback drops the rest of the chunk: it was there before the next request", () => {
    const side = new ClientSide();
    const splitter = new RtuSplitter(side);
    const lines: number[] = [];
    side.expect(1, 3);
    const twice = joined([1, 2].map(() => ({ direction: "response", unit: 1, bytes: frame(1, "03 02 0007") })));
    const each: EachFrame = (_, start) => {
      splitter.reset();
      side.expect(1, 3);
      return lines.push(start) > 0;
    };
    splitter.push(twice, each);
    expect(lines.length).toBe(1);
    splitter.push(twice.subarray(0, 7), each);
    expect(lines.length).toBe(2);
  });
});

describe("noise", () => {
  /** What costs most: units and codes whose frames are long, or tell no length. */
  const noises: readonly (readonly [string, (index: number) => number])[] = [
    ["random", (index) => new Integers(index).byte()],
    ["functions that tell no length", () => 0x41],
    ["long byte counts", (index) => [2, 3, 250, 1, 20, 245][index % 6]!],
    ["own requests of any length", (index) => [1, 16, 0, 0, 0, 0, 246][index % 7]!],
    ["lengths told by each other", (index) => [1, 23, 23, 21, 21, 20][index % 6]!],
  ];

  function work(bytes: Uint8Array, most: number): number {
    const splitter = new RtuSplitter(new ServerSide(own));
    for (let at = 0; at < bytes.length; at += most) splitter.push(bytes.subarray(at, at + most), () => true);
    splitter.silence(() => true);
    return splitter.counters.summed;
  }

  test.each(noises)("%s: eight times as much costs at most ten times as much", (_, byte) => {
    const noise = Uint8Array.from({ length: 65_536 }, (_, index) => byte(index));
    for (const most of [65_536, 1]) {
      const little = work(noise.subarray(0, 8_192), most);
      const much = work(noise, most);
      expect(much).toBeLessThanOrEqual(10 * little + 10_000);
      expect(much).toBeLessThanOrEqual(noise.length * 3 * 256);
    }
  });

  test.each(noises)("%s: no frame behind it is lost", (_, byte) => {
    const noise = Uint8Array.from({ length: 4_096 }, (_, index) => byte(index));
    const { lines, each } = listener();
    const splitter = new RtuSplitter(new ServerSide(own));
    splitter.push(noise, each);
    const request = frame(1, "03 0000 0001");
    for (let count = 0; count < 3; count++) splitter.push(request, each);
    splitter.silence(each);
    expect(lines.filter((line) => line === "request 1 0300000001").length).toBe(3);
  });

  test("each stretch of it is one error, and one overrun when it is longer than a frame", () => {
    const splitter = new RtuSplitter(new ServerSide(nobody));
    const { lines, each } = listener();
    const request = frame(7, "03 0000 0001");
    const wrong = request.slice();
    wrong[7]! ^= 1;
    splitter.push(wrong, each);
    splitter.silence(each);
    expect(splitter.counters).toMatchObject({ frames: 0, skipped: 8, errors: 1, overruns: 0 });
    splitter.push(wrong.subarray(0, 2), each);
    splitter.silence(each);
    expect(splitter.counters).toMatchObject({ frames: 0, skipped: 10, errors: 2 });
    splitter.push(request, each);
    splitter.push(new Uint8Array(300).fill(0xff), each);
    splitter.silence(each);
    splitter.silence(each);
    expect(splitter.counters).toMatchObject({ frames: 1, skipped: 310, errors: 3, overruns: 1 });
    expect(lines).toEqual(["request 7 0300000001"]);
  });
});

describe("stopping", () => {
  const two = joined([1, 2].map((unit) => ({ direction: "request", unit, bytes: frame(unit, "07") })));

  test("returning false drops all until a reset", () => {
    for (let at = 0; at <= two.length; at++) {
      const splitter = new RtuSplitter(new ServerSide(own));
      const units: number[] = [];
      const once: EachFrame = (_bytes, _start, _end, unit) => {
        units.push(unit);
        return false;
      };
      for (const chunk of [two.subarray(0, at), two.subarray(at), two]) splitter.push(chunk, once);
      splitter.silence(once);
      expect(units).toEqual([1]);
      expect(splitter.pending).toBe(0);
      splitter.reset();
      splitter.push(two, once);
      expect(units).toEqual([1, 1]);
    }
  });

  test("at a silence too, and an error of the callback comes through and stops", () => {
    const splitter = new RtuSplitter(new ServerSide(own));
    const both = new Uint8Array(16);
    both.set(frame(1, "63 0102"));
    splitter.push(both.subarray(0, 6), () => expect.fail("not yet"));
    splitter.silence(() => false);
    splitter.push(two, () => expect.fail("stopped"));
    splitter.reset();
    const error = new Error("full");
    expect(() =>
      splitter.push(two, () => {
        throw error;
      }),
    ).toThrow(error);
    splitter.push(two, () => expect.fail("stopped"));
    splitter.silence(() => expect.fail("stopped"));
  });
});
