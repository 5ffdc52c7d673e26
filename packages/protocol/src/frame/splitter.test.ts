import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BadFrameError } from "../errors.ts";
import { parseHex, toHex } from "../hex.ts";
import { Integers } from "../testing/integers.ts";
import { mbapTransaction, mbapUnit, writeMbap } from "./mbap.ts";
import { MbapSplitter } from "./splitter.ts";

/** A stream of `count` ADUs, each with its own transaction id and any length that a PDU may have. */
function anyStream(from: Integers, count: number): { readonly bytes: Uint8Array; readonly adus: readonly string[] } {
  const adus: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const pdu = from.bytes(from.between(1, 253));
    const adu = new Uint8Array(7 + pdu.length);
    adu.set(pdu, writeMbap(adu, 0, from.uint16(), from.byte(), pdu.length));
    adus.push(adu);
  }
  const bytes = new Uint8Array(adus.reduce((size, adu) => size + adu.length, 0));
  let at = 0;
  for (const adu of adus) {
    bytes.set(adu, at);
    at += adu.length;
  }
  return { bytes, adus: adus.map((adu) => toHex(adu)) };
}

/** Pushes the chunks and collects the ADUs; the chunk is overwritten afterwards, as a shared read buffer would be. */
function collect(splitter: MbapSplitter, chunks: readonly Uint8Array[]): { adus: string[]; fault?: BadFrameError } {
  const adus: string[] = [];
  for (const chunk of chunks) {
    const shared = chunk.slice();
    const fault = splitter.push(shared, (bytes, start, end) => adus.push(toHex(bytes.subarray(start, end))) > 0);
    shared.fill(0xee);
    if (fault !== undefined) return { adus, fault };
    if (splitter.pending > 259) throw new Error(`${splitter.pending} bytes carried`);
  }
  return { adus };
}

function cut(from: Integers, bytes: Uint8Array, most: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = from.between(0, most);
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

describe("any split of a stream gives the same ADUs", () => {
  test("chunks of any length", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 700 }), (seed, most) => {
        const from = new Integers(seed);
        const stream = anyStream(from, from.between(1, 12));
        const splitter = new MbapSplitter();
        expect(collect(splitter, cut(from, stream.bytes, most))).toEqual({ adus: stream.adus });
        expect(splitter.pending).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });

  test("one cut at every offset", () => {
    const stream = anyStream(new Integers(7), 4);
    for (let at = 0; at <= stream.bytes.length; at++) {
      const chunks = [stream.bytes.subarray(0, at), stream.bytes.subarray(at)];
      expect(collect(new MbapSplitter(), chunks).adus).toEqual(stream.adus);
    }
  });

  test("one byte at a time, with the bytes held counted", () => {
    //                tx   proto length unit fc
    const adu = parseHex("0007 0000 0003 01 83 02");
    const splitter = new MbapSplitter();
    for (let at = 0; at < adu.length - 1; at++) {
      expect(collect(splitter, [adu.subarray(at, at + 1)])).toEqual({ adus: [] });
      expect(splitter.pending).toBe(at + 1);
    }
    expect(collect(splitter, [adu.subarray(-1)]).adus).toEqual([toHex(adu)]);
    expect(splitter.pending).toBe(0);
  });
});

describe("a header that cannot be one is refused as soon as its six bytes are there", () => {
  test.each([
    // tx | proto | length
    ["protocol id", "0001 0001 0006"],
    ["protocol id, high byte", "0001 cafe 0001"],
    ["length 0", "0001 0000 0000"],
    ["length 1", "0001 0000 0001"],
    ["length 255", "0001 0000 00ff"],
    ["length 260", "0001 0000 0104"],
    ["length 0xfffa", "0001 0000 fffa"],
  ])("%s", (_, header) => {
    const bytes = parseHex(header);
    const splitter = new MbapSplitter();
    expect(splitter.push(bytes.subarray(0, 5), () => true)).toBeUndefined();
    expect(splitter.push(bytes.subarray(5), () => true)).toBeInstanceOf(BadFrameError);
    expect(new MbapSplitter().push(bytes, () => true)?.code).toBe("ERR_MODBUS_BAD_FRAME");
  });

  test.each(["0001 0000 0002 01 07", `0001 0000 00fe 01 ${"07".repeat(253)}`])("the limits are inside: %s", (hex) => {
    expect(collect(new MbapSplitter(), [parseHex(hex)])).toEqual({ adus: [toHex(parseHex(hex))] });
  });

  test("good ADUs before it are delivered, nothing behind it, and the fault stays", () => {
    const good = "0001 0000 0002 01 07";
    for (const bad of ["0002 0000 ffff", "0002 0001 0002"]) {
      const bytes = parseHex(good + bad + good);
      for (let at = 0; at <= bytes.length; at++) {
        const splitter = new MbapSplitter();
        const { adus, fault } = collect(splitter, [bytes.subarray(0, at), bytes.subarray(at)]);
        expect(adus).toEqual([toHex(parseHex(good))]);
        expect(fault).toBeInstanceOf(BadFrameError);
        expect(splitter.pending).toBe(0);
        expect(splitter.push(parseHex(good), () => expect.fail("delivered"))).toBe(fault);
      }
    }
  });

  test("random bytes are refused or split, and never carried beyond one ADU", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 900 }), fc.integer(), (bytes, seed) => {
        const splitter = new MbapSplitter();
        const { adus } = collect(splitter, cut(new Integers(seed), bytes, 80));
        for (const adu of adus) expect(adu.length / 2).toBeLessThanOrEqual(260);
      }),
    );
  });
});

describe("stopping", () => {
  const two = parseHex("0001 0000 0002 01 07 0002 0000 0002 01 07");

  test("returning false drops the rest, and later chunks too", () => {
    for (let at = 0; at <= two.length; at++) {
      const splitter = new MbapSplitter();
      const seen: number[] = [];
      const once = (bytes: Uint8Array, start: number): boolean => {
        seen.push(mbapTransaction(bytes, start));
        return false;
      };
      for (const chunk of [two.subarray(0, at), two.subarray(at), two]) {
        expect(splitter.push(chunk, once)).toBeUndefined();
      }
      expect(seen).toEqual([1]);
      expect(splitter.pending).toBe(0);
    }
  });

  test("an error of the callback comes through and stops too", () => {
    const splitter = new MbapSplitter();
    const error = new Error("full");
    expect(() =>
      splitter.push(two, () => {
        throw error;
      }),
    ).toThrow(error);
    expect(splitter.push(two, () => expect.fail("delivered"))).toBeUndefined();
  });
});

test("the header is written and read", () => {
  const out = new Uint8Array(12).fill(0xaa);
  expect(writeMbap(out, 2, 0xfedc, 247, 253)).toBe(9);
  //                           tx | proto | length | unit
  expect(toHex(out)).toBe("aaaa fedc   0000    00fe     f7 aaaaaa".replaceAll(" ", ""));
  expect(mbapTransaction(out, 2)).toBe(0xfedc);
  expect(mbapUnit(out, 2)).toBe(247);
});
