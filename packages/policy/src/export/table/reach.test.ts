import { describe, expect, it } from "vitest";
import type { EntryText, RuleText } from "../../language/text.ts";
import { devices } from "../../testing/site.ts";
import { appliesTo, overlap, type Reach, reachOf } from "./reach.ts";

const [boiler, plain, zero] = devices;

describe("a rule is about", () => {
  it.each<[string, Partial<RuleText>, readonly string[]]>([
    ["every device but broadcast", { permit: {} }, ["boiler", "plain"]],
    ["broadcast too when it forbids", { forbid: {} }, ["boiler", "plain", "zero"]],
    ["broadcast that it names", { permit: {}, devices: ["zero"] }, ["zero"]],
    ["the units it names", { permit: {}, units: ["0-1"] }, ["boiler", "zero"]],
    ["the devices it names at the units it names", { permit: {}, devices: ["plain"], units: [1] }, []],
  ])("%s", (_, rule, ids) => {
    expect(devices.filter((device) => appliesTo({ id: "r", ...rule }, device)).map(({ id }) => id)).toEqual(ids);
  });
});

/** `effect table functions`, with a mark on what has to name a plain transport. */
function told({ effect, table, functions, writes }: Reach): string {
  return `${effect} ${table ?? "-"} ${functions.join(",")}${writes ? " !" : ""}`;
}

describe("functions reach", () => {
  it.each<[string, EntryText, readonly string[]]>([
    [
      "a table once, however often it is written",
      { functions: [3, 3, 6, 16] },
      ["read holding 3", "write holding 6,16 !"],
    ],
    ["both halves of function 23", { functions: [23] }, ["write holding 23 !", "read holding 23"]],
    ["only the write of function 22", { functions: [22] }, ["write holding 22 !"]],
    ["only the table that is named", { functions: [3, 4, 7], table: "input" }, ["read input 4"]],
    ["no function 22 under a limit of values", { functions: [6, 22], max: 10 }, ["write holding 6 !"]],
    ["no function 22 under a limit of steps", { functions: [6, 22], maxStep: 1 }, ["write holding 6 !"]],
    ["function 22 under a mask", { functions: [6, 22], max: 10, mask: 3 }, ["write holding 6,22 !"]],
    ["a FIFO by its address", { functions: [24, 7], addresses: [5] }, ["function - 24"]],
    ["no FIFO in a table", { functions: [24], table: "holding" }, []],
    ["what only looks", { functions: ["8/0", "43/14", 17] }, ["function - 8/0,43/14,17"]],
    ["what may change something", { functions: ["8/1", "43/13", 8, 43, 90] }, ["function - 8/1,43/13,8,43,90 !"]],
  ])("%s", (_, entry, reached) => {
    expect(reachOf(entry, boiler).map(told)).toEqual(reached);
  });
});

describe("a point entry reaches", () => {
  it.each<[string, EntryText, readonly string[]]>([
    ["a point that is read", { read: "temperature" }, ["temperature: read input 4"]],
    ["a point that is written", { write: "lamp" }, ["lamp: write coil 5,15 !"]],
    ["not function 22 under a limit", { write: "mode", values: [1] }, ["mode: write holding 6,16,23 !"]],
    [
      "all points with the label that are read",
      { read: { label: "command" } },
      ["mode: read holding 3,23", "pump: read coil 1", "door: read discrete 2"],
    ],
    [
      "of those with the label only what can be written",
      { write: { label: "command" } },
      ["mode: write holding 6,16,22,23 !", "pump: write coil 5,15 !"],
    ],
    ["nothing that has no such name", { read: "command" }, []],
    ["nothing where it says neither", {}, []],
  ])("%s", (_, entry, reached) => {
    expect(reachOf(entry, boiler).map((reach) => `${reach.point?.id}: ${told(reach)}`)).toEqual(reached);
  });

  it("has the point's addresses, and reaches nothing without a profile", () => {
    expect(reachOf({ write: "energy" }, zero)[0]?.ranges).toEqual([{ start: 8, end: 11 }]);
    expect(reachOf({ write: "energy" }, plain)).toEqual([]);
    expect(reachOf({ write: "energy" }, undefined)).toEqual([]);
  });
});

describe("two entries overlap", () => {
  it.each<[boolean, EntryText, EntryText]>([
    [true, { functions: [6], addresses: ["0-3"] }, { functions: [6], addresses: [3] }],
    [false, { functions: [6], addresses: ["0-3"] }, { functions: [6], addresses: [4] }],
    [true, { functions: [6], addresses: ["0-3"] }, { functions: [6, 16] }],
    [false, { functions: [6] }, { functions: [16] }],
    [false, { functions: [6] }, { functions: [3] }],
    [false, { functions: [3] }, { functions: [4] }],
    [true, { functions: ["8/1"] }, { functions: [8] }],
    [true, { functions: [8] }, { functions: ["8/1"] }],
    [false, { functions: ["8/1"] }, { functions: ["8/10"] }],
    [true, { write: "mode" }, { functions: [6], addresses: [0] }],
    [false, { write: "mode" }, { functions: [6], addresses: [1] }],
  ])("%s: %j and %j", (answer, one, other) => {
    const [left, right] = [reachOf(one, boiler), reachOf(other, boiler)];
    expect(left.some((reach) => right.some((reached) => overlap(reach, reached)))).toBe(answer);
  });
});
