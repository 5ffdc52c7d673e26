import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyTransaction, read } from "../testing/transactions.ts";
import type { JsonValue } from "./json.ts";
import { isPlainRecord } from "./plain.ts";
import { parseRecord, serialiseRecord } from "./record.ts";
import { serialiseTransaction } from "./transaction.ts";

const TIME = "2026-11-21T12:00:00.000000Z";
const lineOf = (seq: number, body: string): Buffer => Buffer.from(`{"seq":${seq},${body}`);
const isRecord = (line: Uint8Array, seq: number): boolean => typeof parseRecord(line, seq) !== "string";
const finding = (fields: { readonly [field: string]: JsonValue }): Buffer =>
  lineOf(7, serialiseRecord(TIME, "finding", fields));

describe("isPlainRecord", () => {
  it("knows the records that a gateway writes all day", () => {
    expect(isPlainRecord(lineOf(0, serialiseTransaction(TIME, read())), 0)).toBe(true);
    expect(
      isPlainRecord(lineOf(123_456_789_012, serialiseRecord(TIME, "system", { event: "start" })), 123_456_789_012),
    ).toBe(true);
    const plain = { none: {}, empty: [], no: null, yes: [true, false], deep: { a: [{ b: -12 }], c: 0 }, text: "x y" };
    expect(isPlainRecord(finding(plain), 7)).toBe(true);
  });

  it.each([
    ["a fraction", { value: 1.5 }],
    ["an escape", { value: 'a "quoted" word' }],
    ["another script", { value: "Größe" }],
    ["a large number", { value: 2 ** 53 }],
    ["a key that is a number", { value: { 5: 1 } }],
    ["deep nesting", { value: [[[[[[[[[[[[[1]]]]]]]]]]]]] }],
    ["many keys", Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`key${index}`, index]))],
  ])("leaves %s to the slow way", (_what, fields) => {
    expect(isPlainRecord(finding(fields), 7)).toBe(false);
    expect(isRecord(finding(fields), 7)).toBe(true);
  });

  it.each([
    ["a key twice", '"a":1,"a":2}'],
    ["a key of the head again", '"kind":"log"}'],
    ["minus zero", '"a":-0}'],
    ["a leading zero", '"a":01}'],
    ["a lone minus", '"a":-}'],
    ["a space", '"a": 1}'],
    ["a comma too many", '"a":1,}'],
    ["no comma", '"a":[1 2]}'],
    ["a word that is none", '"a":nul}'],
    ["text behind its end", '"a":1}}'],
    ["no end", '"a":1'],
    ["a string without end", '"a":"b'],
    ["a key without value", '"a"}'],
    ["no key", "1}"],
    ["a list without end", '"a":[1'],
    ["an object without end", '"a":{"b":1'],
  ])("never takes %s", (_what, rest) => {
    const line = Buffer.from(`{"seq":7,"t":"${TIME}","kind":"finding",${rest}`);
    expect(isRecord(line, 7)).toBe(false);
    expect(isPlainRecord(line, 7)).toBe(false);
  });

  it.each([
    ["another number", `{"seq":8,"t":"${TIME}","kind":"finding"}`],
    ["no number", `{"seq":"","t":"${TIME}","kind":"finding"}`],
    ["a wrong time", '{"seq":7,"t":"2026-11-21 12:00:00.000000Z","kind":"finding"}'],
    ["an unknown kind", `{"seq":7,"t":"${TIME}","kind":"gossip"}`],
    ["nothing", ""],
  ])("never takes %s at the head", (_what, text) => {
    expect(isPlainRecord(Buffer.from(text), 7)).toBe(false);
  });

  it("takes nothing that the slow way would not, whatever is changed in a line", () => {
    const interesting = fc.constantFrom(...Buffer.from('0123456789-.eE"\\,:{}[] tfn\u0000\u007f'));
    const change = fc.record({ at: fc.nat(), byte: fc.oneof(interesting, fc.nat(255)), insert: fc.boolean() });
    fc.assert(
      fc.property(anyTransaction, fc.array(change, { maxLength: 3 }), (transaction, changes) => {
        let line = lineOf(7, serialiseTransaction(TIME, transaction));
        for (const { at, byte, insert } of changes) {
          const place = at % line.length;
          line = Buffer.concat([line.subarray(0, place), Buffer.of(byte), line.subarray(insert ? place : place + 1)]);
        }
        if (isPlainRecord(line, 7)) expect(isRecord(line, 7)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
