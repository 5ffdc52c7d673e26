import type { Access } from "@modwarden/access";
import { describe, expect, it } from "vitest";
import type { Observation, Question } from "../index.ts";
import { seen } from "../testing/past.ts";
import { devices } from "../testing/site.ts";
import { hostOf, NotCoveredList, whyNot } from "./not-covered.ts";

const read = seen({ as: "Operator", device: "plain", function: 3, address: 1, quantity: 2 });
const write = seen({ as: "Operator", device: "plain", function: 16, address: 1, values: [7] });
const site = new Map(devices.map((device) => [device.id, device]));

function asking(of: Observation, change: Partial<Question>, access: Partial<Access> = {}): Observation {
  const accesses = of.question.accesses.map((one) => ({ ...one, ...access }));
  return { ...of, question: { ...of.question, accesses, ...change } };
}

describe("why something is not learned", () => {
  it("is said of what was not answered, or of what nobody recorded", () => {
    const counted = asking(read, { accesses: [] });
    const refused = { permitted: false, outcome: "exception" } as const;
    for (const [observation, words] of [
      [counted, "what exactly was asked is not recorded"],
      [{ ...counted, ...refused }, "refused: no reason recorded; what exactly was asked is not recorded"],
      [{ ...counted, ...refused, because: "rate" }, "refused: rate; what exactly was asked is not recorded"],
      [{ ...read, ...refused }, "refused: no reason recorded"],
      [{ ...read, outcome: "exception" }, "answered with exception unknown"],
      [{ ...read, outcome: "exception", exception: 2 }, "answered with exception 2"],
      [{ ...read, outcome: "unanswered" }, "not answered"],
    ] as const) {
      expect(whyNot(observation, site)).toBe(words);
    }
    expect(whyNot(read, site)).toBeUndefined();
    expect(whyNot(write, site)).toBeUndefined();
  });

  it.each([
    ...["", "*", "r".repeat(129)].map((role) => ({ change: { role }, words: "no role can have this name" })),
    { change: { role: null }, words: "whoever has no role is permitted nothing" },
    { change: { device: "nowhere" }, words: "it is no device of the site" },
    { change: { unit: 3 }, words: "the site's plain is unit 2, not 3" },
    ...[0, 128, 3.5].map((functionCode) => ({ change: { functionCode }, words: "there is no such function" })),
    ...[8, 43].map((functionCode) => ({ change: { functionCode }, words: "its sub-function is not known" })),
  ])("is that $words: $change", ({ change, words }) => {
    expect(whyNot(asking(read, change), site)).toBe(words);
  });

  it.each([-1, 256, 1.5])("is that no unit is %d, where there is no site that knows better", (unit) => {
    expect(whyNot(asking(read, { device: null, unit }), undefined)).toBe("there is no such unit");
    expect(whyNot(asking(read, { device: null, unit: 255 }), undefined)).toBeUndefined();
  });

  it.each([
    { functionCode: 3, access: { quantity: 0 } },
    { functionCode: 3, access: { address: -1 } },
    { functionCode: 3, access: { address: 65_535 } },
    { functionCode: 20, access: { table: null } },
    { functionCode: 20, access: { table: null, file: 0 } },
    { functionCode: 20, access: { table: null, file: 1, address: 9_999 } },
    { functionCode: 24, access: { table: null } },
    { functionCode: 7, access: { table: null } },
  ])("is that there are no such registers or records: function $functionCode, $access", ({ functionCode, access }) => {
    expect(whyNot(asking(read, { functionCode }, access), site)).toBe("there are no such registers or records");
  });

  it("is that the values of a write are not known, all or in part", () => {
    expect(whyNot(asking(write, {}, { quantity: 2 }), site)).toBe("its values are not known");
  });
});

describe("the list", () => {
  it("names a device, else the unit, and at which server it is", () => {
    const list = new NotCoveredList();
    const elsewhere = asking(read, { device: null, unit: 7, source: "[fe80::1]:40000" });
    list.add({ ...read, count: 9 }, "x");
    list.add({ ...elsewhere, count: 5 }, "x");
    list.add({ ...elsewhere, server: "10.0.0.9:502", count: 3 }, "x");
    list.add({ ...asking(read, { functionCode: 43, subfunction: 14, subject: null }), count: 2 }, "x");
    expect(list.list.map(({ who, what }) => `${who}, ${what}`)).toEqual([
      "Operator, function 3 of plain",
      "Operator at [fe80::1], function 3 of unit 7",
      "Operator at [fe80::1], function 3 of unit 7 at 10.0.0.9:502",
      "no role, function 43/14 of plain",
    ]);
  });

  it("has a bound, and counts all that is beyond it as one kind", () => {
    const list = new NotCoveredList();
    for (let number = 0; number < 1_005; number += 1) list.add(read, `reason ${number}`);
    expect(list.list).toHaveLength(1_001);
    expect(list.count).toBe(1_005);
    expect(list.list[0]).toMatchObject({ who: "others", tally: { count: 5 } });
  });

  it.each([
    ["10.0.0.1:502", "10.0.0.1"],
    ["10.0.0.1", "10.0.0.1"],
    ["[fe80::1]:502", "[fe80::1]"],
    ["[fe80::1]", "[fe80::1]"],
    ["fe80::1", "fe80::1"],
  ])("knows the host of %s", (source, host) => {
    expect(hostOf(source)).toBe(host);
  });
});
