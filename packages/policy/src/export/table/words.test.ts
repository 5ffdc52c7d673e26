import { describe, expect, it } from "vitest";
import type { EntryText, RuleText } from "../../language/text.ts";
import { boiler } from "../../testing/site.ts";
import { conditionsText, limitsText } from "./words.ts";

describe("limits in words", () => {
  it.each<[string, EntryText, string | undefined]>([
    ["", { write: "target" }, "target"],
    ["at least 0.5 °C", { min: 0.5 }, "target"],
    ["at most 80 °C", { max: 80 }, "target"],
    ["at least 0 °C", { min: 0 }, "target"],
    ["at most 100", { max: 100 }, undefined],
    ["no more than 5 °C from the value before", { maxStep: 5 }, "target"],
    ["0 to 80 °C; no more than 5 °C within any 60 s", { min: 0, max: 80, maxStep: 5, perSeconds: 60 }, "target"],
    ["one of 0 (off), 7", { values: [0, 7] }, "mode"],
    ["one of 1, 2", { values: [1, 2] }, undefined],
    ["only bits pump, 2 (mask 0x0005)", { mask: 5 }, "flags"],
    ["only bits 0, 15 (mask 0x8001)", { mask: 0x8001 }, undefined],
  ])("%j", (words, entry, point) => {
    expect(limitsText(entry, point === undefined ? undefined : boiler.point(point))).toBe(words);
  });
});

describe("conditions in words", () => {
  const interlock = { point: "door", maxAgeMs: 2000 };
  it.each<[string, Partial<RuleText>]>([
    ["5 requests in 1 s, 5 at once", { rate: { requests: 5, perSeconds: 1 } }],
    ["each time approved by one other person, within 15m", { approval: { people: 1, ttl: "15m" } }],
    ["each time approved by two other people, within 1h", { approval: { people: 2, ttl: "1h" } }],
    [
      "each time approved by one other person of the role A, B or C, within 1h",
      { approval: { people: 1, ttl: "1h", by: ["A", "B", "C"] } },
    ],
    ["06:00-08:00 or Sat 10:00-12:00 (UTC)", { when: { hours: ["06:00-08:00", "Sat 10:00-12:00"], tz: "UTC" } }],
    ["while door is false, known for at most 2000 ms", { when: { interlock: { ...interlock, equals: false } } }],
    ["while door is not 1, known for at most 2000 ms", { when: { interlock: { ...interlock, not: 1 } } }],
    [
      "while door is at least 0 and is at most 5, known for at most 2000 ms",
      { when: { interlock: { ...interlock, min: 0, max: 5 } } },
    ],
    ["while door is one of 2, 3, known for at most 2000 ms", { when: { interlock: { ...interlock, values: [2, 3] } } }],
    [
      "while door is 0, known for at most 2000 ms; while lamp is 1, known for at most 10 ms",
      {
        when: {
          interlock: [
            { ...interlock, equals: 0 },
            { point: "lamp", equals: 1, maxAgeMs: 10 },
          ],
        },
      },
    ],
  ])("%s", (words, rest) => {
    expect(conditionsText({ id: "r", permit: { roles: "*" }, ...rest }, false)).toBe(words);
  });

  it("only a permit to write needs TLS unless it says otherwise", () => {
    const named = { when: { transports: ["tcp"] } } as const;
    expect(conditionsText({ id: "r", permit: { roles: "*" } }, true)).toBe("over TLS only");
    expect(conditionsText({ id: "r", permit: { roles: "*" } }, false)).toBe("");
    expect(conditionsText({ id: "r", permit: { roles: "*" }, ...named }, true)).toBe("over tcp");
    expect(conditionsText({ id: "r", forbid: { roles: "*" } }, true)).toBe("");
    expect(conditionsText({ id: "r", forbid: { ids: ["hmi-1"] } }, true)).toBe("only hmi-1");
  });
});
