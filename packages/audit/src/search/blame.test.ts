import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Happening, type History, history, rollup, seen, state, used, write } from "../testing/history.ts";
import { NOON } from "../testing/logs.ts";
import { type BlameWanted, blame } from "./blame.ts";

function blamed(made: History, more: Partial<BlameWanted> = {}) {
  return blame(made.index, { device: "drive", point: "setpoint", limit: 100, ...more }).writes;
}

describe("blame", () => {
  it("says who wrote a point, from what to what, by which rule, and whether it was seen there", () => {
    const made = history([
      state(0, 50, [1]),
      write(5, 50, [2], { outcome: { before: [1] } }),
      rollup(0, 60, 50, [2]),
      rollup(60, 120, 50, [2]),
      write(130, 50, [3], { subject: "ada", rules: ["night"] }),
      seen(131, 49, [0, 4, 0]),
    ]);
    const [second, first, ...others] = blamed(made);
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      seq: 3,
      subject: { id: "hmi-2", role: "Operator" },
      source: "10.0.0.5:49152",
      before: [1],
      after: [2],
      decision: { permit: true, rules: ["setpoint"], policy: "a1b2" },
      outcome: "confirmed",
      readBack: { seq: 5, values: [2], agrees: true },
    });
    expect(first).not.toHaveProperty("beforeSeq");
    expect(second).toMatchObject({
      subject: { id: "ada" },
      before: [2],
      beforeSeq: 5,
      after: [3],
      readBack: { agrees: false, values: [4] },
    });
    made.index.close();
  });

  it("finds by the place as well, and shows of a longer write what was asked about", () => {
    const more = { access: { points: undefined } } as object;
    const made = history([write(1, 10, [1, 2, 3], { ...more, outcome: { before: [7, null, 9] } }), write(2, 13, [4])]);
    const place = { table: "holding", first: 11, last: 12 } as const;
    const { writes } = blame(made.index, { device: "drive", place, limit: 10 });
    expect(writes).toHaveLength(1);
    expect(writes[0]).toMatchObject({ address: 11, before: [null, 9], after: [2, 3] });
    expect(blamed(made, { place }).map(({ address }) => address)).toEqual([13, 11]);
    expect(blame(made.index, { device: "meter", place, limit: 10 }).writes).toEqual([]);
    made.index.close();
  });

  it("tells outcomes apart, and shows what was refused only when asked", () => {
    const made = history([
      write(1, 5, [1], { outcome: { result: "unknown", exception: 11 } }),
      write(2, 5, [2], { outcome: { exception: 4, from: "device" } }),
      write(3, 5, [3], { permit: false, outcome: { exception: 1 } }),
      write(4, 5, [4], { outcome: { exception: 6 } }),
      write(5, 5, [5]),
    ]);
    const outcomes = (refused: boolean): string[] => blamed(made, { refused }).map(({ outcome }) => outcome);
    expect(outcomes(false)).toEqual(["confirmed", "refused-by-device", "unknown"]);
    expect(outcomes(true)).toEqual(["confirmed", "not-sent", "refused", "refused-by-device", "unknown"]);
    expect(blamed(made, { since: NOON + 1500 })).toHaveLength(2);
    made.index.close();
  });

  it("takes a write that is on record twice for one, and one without an outcome for unknown", () => {
    const pending = (second: number, intent: number): Happening =>
      write(second, 5, [1], { outcome: { result: "pending", intent } });
    const made = history([
      pending(1, 100),
      write(2, 5, [1], { outcome: { intent: 100 } }),
      pending(3, 101),
      write(4, 5, [1], { permit: false, outcome: { intent: 101 } }),
      pending(5, 102),
    ]);
    expect(blamed(made).map(({ seq, outcome }) => [seq, outcome])).toEqual([
      [6, "unknown"],
      [3, "confirmed"],
    ]);
    made.index.close();
  });

  it("names the approval that was used", () => {
    const made = history([
      used(1, "WS1E804R", 5, [1]),
      write(2, 5, [1], { rules: ["two"] }),
      used(3, "OTHER", 5, [2]),
      used(3, "SECOND", 5, [1]),
      write(4, 5, [1], { rules: ["two"] }),
      write(5, 5, [1], { rules: ["one"] }),
    ]);
    expect(blamed(made).map(({ approval }) => approval)).toEqual([undefined, "SECOND", "WS1E804R"]);
    made.index.close();
  });

  it("computes what a mask leaves, and does not claim to know where it cannot", () => {
    const mask = { access: { values: undefined, mask: { and: 0xfffe, or: 1 } } } as object;
    const made = history([
      write(1, 5, [0], { ...mask, outcome: { before: [4] } }),
      write(2, 6, [0], mask),
      seen(3, 5, [5, 8]),
    ]);
    const [unknown, computed] = blamed(made);
    expect(computed).toMatchObject({
      before: [4],
      after: [5],
      readBack: { agrees: true },
      mask: { and: 0xfffe, or: 1 },
    });
    expect(unknown).toMatchObject({ before: [null], after: [null], readBack: { values: [8], agrees: null } });
    made.index.close();
  });

  it("goes on page by page, and what is read after a newer write says nothing of an older one", () => {
    const made = history([...Array.from({ length: 7 }, (_, number) => write(number, 5, [number])), seen(9, 5, [6])]);
    const pages: number[][] = [];
    const seenBack: number[] = [];
    for (let beforeSeq: number | undefined = Number.MAX_SAFE_INTEGER; beforeSeq !== undefined; ) {
      const page: ReturnType<typeof blame> = blame(made.index, {
        device: "drive",
        point: "setpoint",
        limit: 3,
        beforeSeq,
      });
      pages.push(page.writes.map(({ seq }) => seq));
      seenBack.push(...page.writes.filter(({ readBack }) => readBack !== undefined).map(({ seq }) => seq));
      beforeSeq = page.next;
    }
    expect(pages).toEqual([[8, 7, 6], [5, 4, 3], [2]]);
    expect(seenBack).toEqual([8]);
    made.index.close();
  });

  it("gives up looking for what was read after so many records that do not tell", () => {
    const before = (number: number): Happening => rollup(0, 60 + number, 5, [9]);
    const made = history([
      write(30, 5, [1]),
      ...Array.from({ length: 20 }, (_, number) => before(number)),
      rollup(90, 150, 5, [1]),
    ]);
    expect(blamed(made)[0]).not.toHaveProperty("readBack");
    made.index.close();
  });

  it("takes no longer than so many records to find what came of an intent, or which approval was used", () => {
    const pending = (second: number, intent: number): Happening =>
      write(second, 5, [1], { outcome: { result: "pending", intent } });
    const made = history([
      pending(1, 100),
      ...Array.from({ length: 70 }, (_, number) => write(2, 5, [number])),
      write(3, 5, [1], { outcome: { intent: 100 } }),
      used(4, "FIRST", 6, [1]),
      ...Array.from({ length: 20 }, () => used(5, "OTHER", 6, [2])),
      write(6, 6, [1], { rules: ["two"] }),
    ]);
    const [newest] = blamed(made);
    expect(newest).not.toHaveProperty("approval");
    expect(blamed(made).at(-1)).toMatchObject({ seq: 2, outcome: "unknown" });
    made.index.close();
  });

  it("passes over records that are damaged", () => {
    const made = history([write(1, 5, [1]), write(2, 5, [2])]);
    const file = `${made.index.dir}/000000000000.jsonl`;
    writeFileSync(file, readFileSync(file, "utf8").replace('"values":[2]', '"values":[ ]'));
    expect(blamed(made).map(({ seq }) => seq)).toEqual([2]);
    expect(blame(made.index, { device: "drive", point: "setpoint", limit: 10 })).toMatchObject({ damaged: [3] });
    made.index.close();
  });
});
