import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AuditRecord, recordKinds } from "../record/record.ts";
import { type Dimension, factsOf, type Said, spanOf } from "./facts.ts";
import { matches } from "./query.ts";
import { valuesIn } from "./registers.ts";
import { type Shape, shapeKey } from "./shape.ts";

const names = ["id", "role", "rule", "permit", "rules", "source", "function", "unit", "table", "address", "quantity"];
const more = ["write", "points", "values", "mask", "and", "or", "subject", "severity", "because", "device", "last"];
/** What the log never writes: fields that are there, and hold anything. */
const anything: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, -1, 1.5, 3, 2 ** 53, "", "x", "holding"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names, ...more), tie("value"), { maxKeys: 6 }),
  ),
})).value;
const fields = [
  "of",
  "from",
  "to",
  "subject",
  "by",
  "who",
  "location",
  "operation",
  "accesses",
  "decision",
  "outcome",
  "finding",
];
const others = [
  "findings",
  "rules",
  "event",
  "id",
  "role",
  "source",
  "device",
  "because",
  "values",
  "before",
  "address",
  "table",
];

describe("a record that says what no record says", () => {
  it("is taken for what can be understood of it", () => {
    const t = fc.constantFrom(
      "2026-11-21T12:00:00.000000Z",
      "2026-13-41T12:00:00.000000Z",
      "2999-01-01T00:00:00.000000Z",
      3,
    );
    const junk = fc.dictionary(fc.constantFrom(...fields, ...others), anything, { maxKeys: 12 });
    fc.assert(
      fc.property(junk, fc.constantFrom(...recordKinds), t, (body, kind, time) => {
        const record = { seq: 5, t: time, kind, ...body } as unknown as AuditRecord;
        const said: [Dimension, Said][] = [];
        const shapes: Shape[] = [];
        factsOf(record, { term: (of, value) => said.push([of, value]), shape: (shape) => shapes.push(shape) });
        expect(said[0]).toEqual(["kind", kind]);
        for (const [, value] of said) expect(value === null || ["string", "number"].includes(typeof value)).toBe(true);
        for (const shape of shapes) expect(shapeKey(shape)).toContain(`${shape.how} ${shape.unit} `);
        for (const { values, before } of valuesIn(record)) expect(values.length).toBe(before.length);
        const span = spanOf(record);
        if (span !== undefined) expect(span.from).toBeLessThanOrEqual(span.to);
        expect(matches({ kind }, record, new Uint8Array())).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
