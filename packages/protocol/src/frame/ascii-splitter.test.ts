import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHex, toHex } from "../hex.ts";
import { anyConversation, cuts, type Heard } from "../testing/any-line.ts";
import { Integers } from "../testing/integers.ts";
import { asciiFrame } from "./ascii.ts";
import { AsciiSplitter } from "./ascii-splitter.ts";
import { ClientSide, ServerSide } from "./line-side.ts";
import type { EachFrame } from "./line-splitter.ts";

const text = (characters: string): Uint8Array => Uint8Array.from(characters, (one) => one.charCodeAt(0));
const server = (): AsciiSplitter => new AsciiSplitter(new ServerSide((unit) => unit === 1));

function listener(): { readonly lines: string[]; readonly each: EachFrame } {
  const lines: string[] = [];
  const each: EachFrame = (bytes, start, end, unit, direction) =>
    lines.push(`${direction} ${unit} ${toHex(bytes.subarray(start, end))}`) > 0;
  return { lines, each };
}

function heardIn(splitter: AsciiSplitter, ...chunks: readonly Uint8Array[]): string[] {
  const { lines, each } = listener();
  for (const chunk of chunks) splitter.push(chunk, each);
  return lines;
}

/** A frame as characters, now and then in lower case; or characters that start no frame, or one that stays unfinished. */
function characters(from: Integers, { direction, unit, bytes }: Heard): Uint8Array {
  if (direction !== "noise") {
    const frame = asciiFrame(unit, bytes.subarray(1, -2));
    return from.between(0, 3) === 0 ? frame.map((one) => (one >= 0x41 ? one | 0x20 : one)) : frame;
  }
  const noise = bytes.map((byte) => (byte === 0x0a ? 0 : byte));
  if (from.boolean()) noise[0] = 0x3a;
  return noise;
}

test("every frame between noise is heard, with its direction, in any split", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const from = new Integers(seed);
      const heard = anyConversation(from);
      const bytes = Uint8Array.from(heard.flatMap((one) => [...characters(from, one)]));
      const frames = heard.filter(({ direction }) => direction !== "noise");
      expect(heardIn(server(), ...cuts(from, bytes))).toEqual(
        frames.map((one) => `${one.direction} ${one.unit} ${toHex(one.bytes.subarray(1, -2))}`),
      );
    }),
    { numRuns: 1_000 },
  );
});

describe("one frame", () => {
  const whole = ":010300000001FB\r\n";
  const heard = "request 1 0300000001";

  test.each([
    ["whole", whole, 1, { errors: 0, skipped: 0 }],
    ["in lower case", whole.toLowerCase(), 1, { errors: 0, skipped: 0 }],
    ["behind line ends", `\r\n${whole}`, 1, { errors: 0, skipped: 2 }],
    ["started again", `:0103${whole}`, 1, { errors: 1, skipped: 5 }],
    ["started again behind its carriage return", `:010300000001FB\r${whole}`, 1, { errors: 1, skipped: 16 }],
    ["twice", whole + whole, 2, { errors: 0, skipped: 0 }],
    ["with a wrong LRC", ":010300000001FC\r\n", 0, { errors: 1, skipped: 17 }],
    ["with half a byte", ":010300000001FB0\r\n", 0, { errors: 1, skipped: 18 }],
    ["with another character", ":0103 00000001FB\r\n", 0, { errors: 1, skipped: 18 }],
    ["with bit 7 set", ":0103\u00b100000001FB\r\n", 0, { errors: 1, skipped: 18 }],
    ["without carriage return", ":010300000001FB\n", 0, { errors: 1, skipped: 16 }],
    ["with two carriage returns", ":010300000001FB\r\r\n", 0, { errors: 1, skipped: 18 }],
    ["with something before the line feed", ":010300000001FB\r0\n", 0, { errors: 1, skipped: 18 }],
    ["without function code", ":01FF\r\n", 0, { errors: 1, skipped: 7 }],
    ["empty", ":\r\n", 0, { errors: 1, skipped: 3 }],
  ])("%s", (_, line, count, counters) => {
    for (let at = 0; at <= line.length; at++) {
      const splitter = server();
      expect(heardIn(splitter, text(line.slice(0, at)), text(line.slice(at)))).toEqual(new Array(count).fill(heard));
      expect(splitter.counters).toMatchObject({ frames: count, ...counters, overruns: 0 });
      expect(splitter.pending).toBe(0);
    }
  });

  test("the characters held are counted, and a silence drops them", () => {
    const splitter = server();
    for (let at = 0; at < whole.length - 1; at++) {
      expect(heardIn(splitter, text(whole[at]!))).toEqual([]);
      expect(splitter.pending).toBe(at + 1);
    }
    splitter.silence();
    expect(splitter.pending).toBe(0);
    expect(heardIn(splitter, text("\n"))).toEqual([]);
    expect(heardIn(splitter, text(whole))).toEqual([heard]);
    expect(splitter.counters).toMatchObject({ frames: 1, errors: 1, skipped: 17 });
  });

  test("513 characters are the most, what is longer is an overrun", () => {
    const longest = asciiFrame(
      1,
      Uint8Array.from({ length: 253 }, () => 0x41),
    );
    expect(longest.length).toBe(513);
    expect(heardIn(server(), longest)).toEqual([`request 1 ${"41".repeat(253)}`]);
    const longer = server();
    expect(heardIn(longer, asciiFrame(1, new Uint8Array(254)), text(whole))).toEqual([heard]);
    expect(longer.counters).toMatchObject({ frames: 1, errors: 1, overruns: 1 });
    const flood = server();
    expect(heardIn(flood, text(`:${"0".repeat(10_000)}`), text(whole))).toEqual([heard]);
    expect(flood.counters).toMatchObject({ errors: 1, overruns: 1, skipped: 10_001 });
  });
});

test.each([0x0a, 0x00, 0x3a, 0x0d, 0x41, 0x21])("character %i can be the delimiter", (delimiter) => {
  const splitter = server();
  splitter.delimiter = delimiter;
  const frame = asciiFrame(1, parseHex("07"), delimiter);
  expect(heardIn(splitter, frame, frame)).toEqual(["request 1 07", "request 1 07"]);
  if (delimiter !== 0x0a) expect(heardIn(server(), frame)).toEqual([]);
});

test("a client hears the response it waits for, once", () => {
  const side = new ClientSide();
  const splitter = new AsciiSplitter(side);
  const response = asciiFrame(3, parseHex("0302 0007"));
  expect(heardIn(splitter, response)).toEqual([]);
  side.expect(3, 3);
  expect(heardIn(splitter, asciiFrame(2, parseHex("0302 0007")), response, response)).toEqual(["response 3 03020007"]);
  side.expect(3, 3);
  splitter.reset();
  expect(heardIn(splitter, response)).toEqual([]);
});

describe("stopping", () => {
  const two = text(":0107F8\r\n:0207F7\r\n");

  test("returning false drops all until a reset", () => {
    for (let at = 0; at <= two.length; at++) {
      const splitter = server();
      const units: number[] = [];
      const once: EachFrame = (_bytes, _start, _end, unit) => {
        units.push(unit);
        return false;
      };
      for (const chunk of [two.subarray(0, at), two.subarray(at), two]) splitter.push(chunk, once);
      expect(units).toEqual([1]);
      splitter.reset();
      splitter.push(two, once);
      expect(units).toEqual([1, 1]);
    }
  });

  test("an error of the callback stops too, a reset from inside drops the rest of the chunk", () => {
    const splitter = server();
    const error = new Error("full");
    expect(() =>
      splitter.push(two, () => {
        throw error;
      }),
    ).toThrow(error);
    splitter.push(two, () => expect.fail("stopped"));
    const units: number[] = [];
    splitter.reset();
    splitter.push(two, (_bytes, _start, _end, unit) => {
      splitter.reset();
      return units.push(unit) > 0;
    });
    expect(units).toEqual([1]);
  });
});
