import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../testing/logs.ts";
import { BLOCK_RECORDS, countBits, keepBits, noBits, offsetsOf } from "./bits.ts";
import { addPosting, packPosting } from "./posting.ts";
import { mayHold, TextFilter } from "./text-filter.ts";
import { packTimes, type Span, unpackTimes } from "./times.ts";

const offsets = fc.oneof(
  fc.uniqueArray(fc.nat(BLOCK_RECORDS - 1), { maxLength: 40 }),
  // Many of them, far apart: as distances they would be longer than as bits.
  fc
    .integer({ min: 1, max: 9 })
    .map((step) => Array.from({ length: Math.floor(BLOCK_RECORDS / step) }, (_, at) => at * step)),
  fc.constant([
    ...Array.from({ length: 500 }, (_, at) => at),
    ...Array.from({ length: 11 }, (_, at) => 700 + 300 * at),
  ]),
);

describe("what the index keeps of a block", () => {
  it("gives back the records that have a term, and notices that it is another's or was changed", () => {
    fc.assert(
      fc.property(offsets, fc.nat(1000), fc.nat(1000), fc.nat(10_000), (list, term, block, at) => {
        const ascending = list.toSorted((one, other) => one - other);
        const packed = packPosting(term, block, ascending);
        const bits = noBits();
        addPosting(bits, term, block, packed);
        expect(offsetsOf(bits)).toEqual(ascending);
        expect(countBits(bits)).toBe(ascending.length);
        expect(packed.length).toBeLessThan(520);
        expect(codeOf(() => addPosting(noBits(), term + 1, block, packed))).toBe("ERR_AUDIT_INDEX");
        packed[at % packed.length]! ^= 1;
        expect(codeOf(() => addPosting(noBits(), term, block, packed))).toBe("ERR_AUDIT_INDEX");
        expect(codeOf(() => addPosting(noBits(), term, block, packed.subarray(0, 3)))).toBe("ERR_AUDIT_INDEX");
        expect(keepBits(bits, noBits())).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it("gives back every time, moments, spans and none", () => {
    const moment = fc.integer({ min: 0, max: 4e15 });
    const span: fc.Arbitrary<Span | undefined> = fc.option(
      fc.tuple(moment, moment).map(([one, other]) => ({ from: Math.min(one, other), to: Math.max(one, other) })),
      { nil: undefined },
    );
    fc.assert(
      fc.property(fc.array(span, { maxLength: 50 }), (spans) => {
        expect(unpackTimes(3, packTimes(3, spans))).toEqual(spans);
      }),
    );
    expect(codeOf(() => unpackTimes(3, new Uint8Array()))).toBe("ERR_AUDIT_INDEX");
  });

  it("never rules out a text that is there", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), fc.nat(60), (line, from, to) => {
        const filter = new TextFilter();
        filter.add(line.map((byte) => byte & 0x3f));
        const part = line.map((byte) => byte & 0x3f).subarray(from, to);
        expect(mayHold(1, filter.pack(1), part)).toBe(true);
      }),
    );
    const filter = new TextFilter();
    filter.add(Buffer.from("setpoint"));
    expect(mayHold(1, filter.pack(1), Buffer.from("control"))).toBe(false);
  });
});
