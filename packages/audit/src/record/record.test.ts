import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../testing/logs.ts";
import { parseRecord, recordKinds, serialiseRecord } from "./record.ts";

const TIME = "2026-11-21T09:14:03.120771Z";
const parse = (text: string, seq = 5) => parseRecord(Buffer.from(text), seq);

describe("serialiseRecord", () => {
  it("keeps the order of the fields and leaves out what is undefined", () => {
    const body = serialiseRecord(TIME, "system", { event: "start", gone: undefined, epoch: 3 });
    expect(body).toBe(`"t":"${TIME}","kind":"system","event":"start","epoch":3}`);
  });

  it("refuses field names that would not stay where they are", () => {
    for (const field of ["seq", "t", "kind", "0", "17"]) {
      expect(codeOf(() => serialiseRecord(TIME, "system", { [field]: 1 }))).toBe("ERR_AUDIT_BAD_RECORD");
    }
  });

  it("reads back as what it was", () => {
    const fields = fc.dictionary(
      fc.string().filter((key) => !/^(\d+|seq|t|kind|__proto__)$/.test(key)),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fields, fc.constantFrom(...recordKinds.filter((kind) => kind !== "transaction")), (value, kind) => {
        const record = parse(`{"seq":5,${serialiseRecord(TIME, kind, value as never)}`);
        expect(record).toEqual(JSON.parse(JSON.stringify({ seq: 5, t: TIME, kind, ...value })));
      }),
    );
  });
});

describe("parseRecord", () => {
  const good = `{"seq":5,"t":"${TIME}","kind":"system","event":"start"}`;

  it("takes what the log writes", () => {
    expect(parse(good)).toEqual({ seq: 5, t: TIME, kind: "system", event: "start" });
  });

  it.each([
    ["another number", good, 6],
    ["no number", good.replace('"seq":5,', ""), 5],
    ["no JSON", good.slice(1), 5],
    ["no object", "[5]", 5],
    ["null", "null", 5],
    ["no object at all", "5", 5],
    ["an unknown kind", good.replace("system", "other"), 5],
    ["another time", good.replace("Z", ""), 5],
    ["white space", good.replace(":5", ": 5"), 5],
    ["white space behind", good.replace('"start"', '"start" '), 5],
    ["a field twice", good.replace('"event"', '"event":1,"event"'), 5],
    ["fields in another order", `{"seq":5,"kind":"system","t":"${TIME}"}`, 5],
    ["an escape that is not needed", good.replace("start", "\\u0073tart"), 5],
  ])("refuses %s", (_what, line, seq) => {
    expect(parse(line, seq)).toBeTypeOf("string");
  });

  it("refuses what is nested deeper than anything that can be written", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(parse(good.replace('"start"', deep))).toBeTypeOf("string");
    expect(parse(good.replace('"seq":5', `"seq":${deep}`))).toBeTypeOf("string");
  });

  it("refuses what is no UTF-8", () => {
    const bytes = Buffer.from(good);
    bytes[bytes.length - 4] = 0xff;
    expect(parseRecord(bytes, 5)).toBeTypeOf("string");
  });
});
