import type { Access } from "@modwarden/access";
import { readProfile } from "@modwarden/profile";
import { describe, expect, it } from "vitest";
import { type AskedText, Learner, type Observation, readPolicy } from "../index.ts";
import { seen } from "../testing/past.ts";
import { devices } from "../testing/site.ts";
import { functionEntries } from "./other-entries.ts";
import { readEntries } from "./read-entries.ts";
import { Seen } from "./seen.ts";
import { policyText } from "./write-policy.ts";

function learned(observations: readonly Observation[], site = devices) {
  const learner = new Learner({ from: "a test", devices: site });
  for (const observation of observations) learner.add(observation);
  const { text } = learner.propose();
  const { value } = readPolicy(text, "learned.yaml");
  return { text, tests: value.tests, entries: value.rules.flatMap(({ allow }) => allow ?? []) };
}

const boiler = { as: "Operator", device: "boiler" } as const;
const plain = { as: "Operator", device: "plain" } as const;
const reading = (address: number, quantity: number): AskedText => ({ ...boiler, function: 3, address, quantity });
const writing = (address: number, values: readonly number[]): AskedText => ({
  ...{ ...plain, function: 16, address, values },
});

/** A request for records of files, which no line of a policy file can ask. */
function records(code: 20 | 21, ...parts: readonly (readonly [file: number, address: number])[]): Observation {
  const one = seen({ ...plain, function: 3, address: 0, quantity: 1 });
  const access = { ...(one.question.accesses[0] as Access), table: null, write: code === 21, quantity: 2 };
  const accesses = parts.map(([file, address]) => ({ ...access, file, address }));
  return { ...one, question: { ...one.question, functionCode: code, accesses } };
}

describe("reads that are proposed", () => {
  it("have a point that lies wholly in a small gap, and say that nobody asked for it by itself", () => {
    const { text, entries } = learned([seen(reading(1, 1)), seen(reading(3, 1))]);
    expect(entries).toEqual([{ read: "target" }, { read: "offset" }, { read: "inverse" }]);
    expect(text).toMatch(/not asked by itself; joined over 2, .*\n.*read: offset/);
  });

  it("count each point by what touched it, however often the same was asked", () => {
    const { text } = learned([
      seen(reading(1, 1), { count: 5 }),
      seen(reading(1, 1), { count: 6 }),
      seen(reading(18, 1), { count: 7 }),
    ]);
    expect(text).toMatch(/# 11 times, .*\n.*read: target/);
    expect(text).toMatch(/# 7 times, .*\n.*read: flags/);
  });

  it("are addresses where they begin within a point", () => {
    expect(learned([seen(reading(5, 1))]).entries).toEqual([{ functions: [3], addresses: [5] }]);
  });

  it("have no test of what lies next to the last register that there can be", () => {
    const { entries, tests } = learned([seen({ ...plain, function: 4, address: 65_535, quantity: 1 })]);
    expect(entries).toEqual([{ functions: [4], addresses: [65_535] }]);
    expect(tests?.map(({ expect: wanted }) => wanted)).toEqual(["permit"]);
  });

  it("are none where nothing was read", () => {
    const all = new Seen();
    all.add(seen(writing(0, [1])), undefined);
    expect([...all.functions.values()].flatMap((one) => readEntries(one, undefined))).toEqual([]);
  });
});

describe("writes that are proposed", () => {
  it("of a coil that had both values have no limit, and a test of one that is permitted only", () => {
    const coil = (value: number) => seen({ ...boiler, function: 5, address: 0, value });
    const { entries, tests } = learned([coil(0), coil(1)]);
    expect(entries).toEqual([{ write: "pump" }]);
    expect(tests).toEqual([{ as: "Operator", device: "boiler", write: "pump", value: 0, expect: "permit" }]);
  });

  it("share an entry where registers that are apart had the same values", () => {
    const { text, entries } = learned([seen(writing(100, [5])), seen(writing(200, [5]))]);
    expect(entries).toEqual([{ functions: [16], addresses: [100, 200], values: [5] }]);
    expect(text).toMatch(/# 2 times, .*\n.*addresses: \[100, 200\]/);
  });

  it("of a long row with many values share a range, and say that it is assumed", () => {
    const { text, entries } = learned([seen(writing(100, [9, 8, 7, 6, 5, 4, 3, 2, 1]))]);
    expect(entries).toEqual([{ functions: [16], addresses: ["100-108"], min: 1, max: 9 }]);
    expect(text).toContain("9 registers in a row share one limit: 9 distinct values seen, range assumed");
  });

  it("name a point by its own name, not by another that stands for the same registers", () => {
    const profile = readProfile(
      `
profile: 1
device: { vendor: Test, model: Alias, kind: meter }
blocks:
  - { table: holding, address: 0, count: 2, access: rw }
points:
  - { id: second, table: holding, address: 0, type: s16, access: rw, alias: true }
  - { id: first, table: holding, address: 0, type: u16, access: rw }
`,
      "alias.yaml",
    );
    const site = [...devices.filter(({ id }) => id !== "plain"), { id: "plain", unit: 2, profile }];
    expect(learned([seen(writing(0, [5]))], site).entries).toEqual([{ write: "first", values: [5] }]);
  });

  it("of function 22 share an entry where they touched the same bits", () => {
    const mask = (address: number) => seen({ ...plain, function: 22, address, and: 0xfff0, or: 1 });
    expect(learned([mask(4), mask(5), mask(9)]).entries).toEqual([
      { functions: [22], addresses: ["4-5", 9], mask: 0x000f },
    ]);
  });

  it("of function 23 need no entry for reading what it may write anyway", () => {
    const both = { ...plain, function: 23, read: { address: 2, quantity: 1 }, write: { address: 2, values: [9] } };
    expect(learned([seen(both)]).entries).toEqual([{ functions: [23], addresses: [2], values: [9] }]);
  });
});

describe("records of files that are proposed", () => {
  it("share an entry where several files were asked for the same ones", () => {
    const { text, entries } = learned([records(20, [1, 0], [1, 2], [2, 0]), records(20, [2, 2]), records(20, [4, 7])]);
    expect(entries).toEqual([
      { functions: [20], files: ["1-2"], records: ["0-3"] },
      { functions: [20], files: [4], records: ["7-8"] },
    ]);
    expect(text).not.toContain("is not limited");
    expect(learned([records(21, [1, 0])]).text).toContain("what function 21 writes into a record is not limited");
  });

  it("are several entries where there are more files than one may have", () => {
    const files = Array.from({ length: 257 }, (_, index) => [2 * index + 1, 0] as const);
    const all = new Seen();
    all.add(records(20, ...files), undefined);
    const entries = [...all.functions.values()].flatMap(functionEntries);
    expect(entries.map(({ entry }) => entry.files?.length)).toEqual([256, 1]);
  });
});

describe("the text of a proposal", () => {
  it("keeps tests of whatever form as they are", () => {
    const tests = [
      { as: "Viewer", unit: 7, function: "43/14", expect: "deny", because: "no-permit" },
      { as: "Viewer", unit: 7, function: 16, address: 3, values: [1, 2], expect: "deny" },
    ] as const;
    const text = policyText({ header: [], roles: ["Viewer"], rules: [], tests, notCovered: [] });
    expect(readPolicy(text, "policy.yaml").value.tests).toEqual(tests);
  });

  it("lists the first kinds of what is not covered, and counts the others", () => {
    const kinds = Array.from({ length: 63 }, (_, index) => ({
      ...{ who: `w${index}`, what: "function 3", why: "refused" },
      tally: { count: 2, firstMs: 0, lastMs: 0 },
    }));
    const text = policyText({ header: [], roles: [], rules: [], tests: [], notCovered: kinds });
    expect(text).toContain("#   w59,");
    expect(text).not.toContain("#   w60,");
    expect(text).toContain("and 3 more kinds, 6 requests");
  });

  it("names the first few addresses of a role", () => {
    const from = (count: number) =>
      Array.from({ length: count }, (_, index) => {
        const one = seen(reading(1, 1));
        return { ...one, question: { ...one.question, source: `10.0.0.${index + 1}:4000` } };
      });
    expect(learned(from(5)).text).toContain("10.0.0.4, 10.0.0.5.\n");
    expect(learned(from(6)).text).toContain("10.0.0.4, 10.0.0.5 and others.\n");
  });
});
