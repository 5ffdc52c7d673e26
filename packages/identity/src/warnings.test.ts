import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueWarnings, type SentWarning, WARNING_DAYS } from "./warnings.ts";

const DAY = 24 * 3_600_000;
const item = { subject: "certificate:hmi-2", expires: 100 * DAY, days: WARNING_DAYS };
const none: ReadonlyMap<string, SentWarning> = new Map();
const at = (left: number, sent = none): number[] =>
  dueWarnings([item], sent, item.expires - left * DAY).map((due) => due.days);
const after = (days: number, expires = item.expires): ReadonlyMap<string, SentWarning> =>
  new Map([[item.subject, { expires, days }]]);

describe("a warning", () => {
  it("comes at each mark, and once", () => {
    expect([at(31), at(30), at(29, after(30)), at(7, after(30)), at(1, after(7)), at(0.5, after(1))]).toEqual([
      ...[[], [30], [], [7], [1], []],
    ]);
  });

  it("is only the last of those that nobody was there to send, and none when it is too late", () => {
    expect([at(5), at(0.1), at(0), at(-3)]).toEqual([[7], [1], [], []]);
  });

  it("says that something has ended where that is asked for", () => {
    const list = { ...item, days: [10, 0] };
    expect(dueWarnings([list], none, list.expires + DAY)).toEqual([{ item: list, days: 0 }]);
  });

  it("comes again for what was renewed", () => {
    expect(at(30, after(1, 99 * DAY))).toEqual([30]);
  });

  it("is sent for every mark exactly once, whenever it is looked for", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 * 24 }), { maxLength: 60 }), (hours) => {
        let sent = none;
        const got: number[] = [];
        for (const left of hours.toSorted((one, other) => other - one)) {
          for (const { days } of dueWarnings([item], sent, item.expires - left * (DAY / 24))) {
            got.push(days);
            sent = after(days);
          }
        }
        expect(new Set(got).size).toBe(got.length);
        const last = Math.min(...hours.filter((left) => left > 0));
        const owed = WARNING_DAYS.filter((mark) => last <= mark * 24);
        expect(got.at(-1)).toBe(owed.length === 0 ? undefined : Math.min(...owed));
      }),
    );
  });
});
