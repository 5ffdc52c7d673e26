import { describe, expect, it } from "vitest";
import {
  type AskedText,
  compilePolicy,
  type Learned,
  Learner,
  type Observation,
  type Policy,
  type PolicyDevice,
  questionFor,
  readPolicy,
  runPolicyTests,
} from "../index.ts";
import { outcome } from "../testing/ask.ts";
import { seen } from "../testing/past.ts";
import { devices } from "../testing/site.ts";
import { Seen } from "./seen.ts";

function learned(observations: readonly Observation[], site: readonly PolicyDevice[] | null = devices): Learned {
  const learner = new Learner({ from: "a test", ...(site === null ? {} : { devices: site }) });
  for (const observation of observations) learner.add(observation);
  return learner.propose();
}

function rulesOf({ text }: Learned) {
  return readPolicy(text, "learned.yaml").value.rules;
}

/** Entries of the one rule that there should be. */
function entriesOf(observations: readonly Observation[]) {
  const rules = rulesOf(learned(observations));
  expect(rules).toHaveLength(1);
  return rules[0]?.allow;
}

const operator = { as: "Operator", device: "boiler" } as const;
const read = (address: number, quantity: number, more: Partial<AskedText> = {}): AskedText => ({
  ...{ ...operator, function: 3, address, quantity, ...more },
});
const write = (address: number, values: readonly number[], more: Partial<AskedText> = {}): AskedText => ({
  ...{ ...operator, function: 16, address, values, ...more },
});

/** The decision, as if the file were in force. */
function asks(policy: Policy, asked: AskedText): string {
  const { shadow, ...rest } = policy.decide(questionFor(asked, devices));
  return shadow === undefined ? outcome(rest) : (shadow.because ?? "refused");
}

describe("reads", () => {
  it("are points where the registers are exactly a few points, else addresses", () => {
    expect(entriesOf([seen(read(1, 2))])).toEqual([{ read: "target" }, { read: "offset" }]);
    expect(entriesOf([seen(read(0, 24))])).toEqual([{ functions: [3], addresses: ["0-23"] }]);
    expect(entriesOf([seen(read(4, 1))])).toEqual([{ functions: [3], addresses: [4] }]);
  });

  it("are joined over a small gap that the profile has, and say so; never over another", () => {
    const { text } = learned([seen(read(29, 2)), seen(read(35, 2)), seen(read(39, 1))]);
    expect(rulesOf({ text } as Learned)[0]?.allow).toEqual([{ functions: [3], addresses: ["29-39"] }]);
    expect(text).toContain("31-34, 37-38");
    const plain = { as: "Operator", device: "plain", function: 3, quantity: 1 } as const;
    expect(entriesOf([seen({ ...plain, address: 10 }), seen({ ...plain, address: 12 })])).toEqual([
      { functions: [3], addresses: [10, 12] },
    ]);
    expect(entriesOf([seen(read(29, 1)), seen(read(39, 1))])).toEqual([{ functions: [3], addresses: [29, 39] }]);
  });

  it("of one role at devices that are asked the same share a rule, which counts them together", () => {
    const { text, rules } = learned([
      seen(read(29, 1), { count: 5, second: 60 }),
      seen({ ...read(29, 1), device: "zero" }, { count: 7, second: 120 }),
      seen({ ...read(29, 1), device: "plain", function: 4 }),
    ]);
    expect(rules).toBe(2);
    expect(rulesOf({ text } as Learned).map(({ id, devices: named }) => [id, named])).toEqual([
      ["operator-reads-boiler-and-zero", ["boiler", "zero"]],
      ["operator-reads-plain", ["plain"]],
    ]);
    expect(text).toContain("12 times, first 2026-11-21 12:01:00Z, last 2026-11-21 12:02:00Z");
  });
});

describe("writes", () => {
  it("are limited to the values that were written, in the point's units", () => {
    const few = [400, 250, 400].map((raw) => seen(write(1, [raw])));
    expect(entriesOf(few)).toEqual([{ write: "target", values: [25, 40] }]);
    expect(entriesOf([seen(write(3, [4]))])).toEqual([{ write: "inverse", values: [-2] }]);
  });

  it("of many values are limited to their range, and say that it is assumed", () => {
    const many = Array.from({ length: 12 }, (_, index) => seen(write(1, [200 + 10 * index])));
    const result = learned(many);
    expect(rulesOf(result)[0]?.allow).toEqual([{ write: "target", min: 20, max: 31 }]);
    expect(result.text).toContain("12 distinct values seen, range assumed");
    const percent = Array.from({ length: 40 }, (_, index) => seen(write(23, [16_384 - 7 * index])));
    const policy = compilePolicy(readPolicy(learned(percent).text, "learned.yaml"), devices);
    expect(asks(policy, write(23, [16_384]))).toBe("permit");
    expect(asks(policy, write(23, [16_385]))).toBe("max");
    expect(asks(policy, write(23, [16_384 - 7 * 39 - 1]))).toBe("min");
  });

  it("are raw where the point's limits cannot say what was written", () => {
    expect(entriesOf([seen(write(21, [7]))])).toEqual([{ functions: [16], addresses: [21], values: [7] }]);
    // A float that is no number.
    expect(entriesOf([seen(write(6, [0x7fc0, 0]))])).toEqual([
      { functions: [16], addresses: [6], values: [0x7fc0] },
      { functions: [16], addresses: [7], values: [0] },
    ]);
    const text = learned([seen(write(14, [1, 2, 3, 4]))]);
    expect(rulesOf(text)[0]?.allow).toEqual([{ write: "title" }]);
    expect(text.text).toContain("any is permitted");
  });

  it("of coils list the one value they had, and both is no limit", () => {
    const coil = (address: number, value: number) =>
      seen({ as: "Operator", device: "plain", function: 15, address, values: [value, 0] });
    expect(entriesOf([coil(4, 1), coil(4, 0)])).toEqual([
      { functions: [15], addresses: [4] },
      { functions: [15], addresses: [5], values: [0] },
    ]);
  });

  it("of a long row of registers share one limit, and say so", () => {
    const plain = { device: "plain" } as const;
    const row = learned([seen(write(100, [5, 6, 7, 8, 9], plain))]);
    expect(rulesOf(row)[0]?.allow).toEqual([{ functions: [16], addresses: ["100-104"], values: [5, 6, 7, 8, 9] }]);
    expect(row.text).toContain("5 registers in a row share one limit");
    const short = learned([
      seen(write(100, [5, 6, 6], plain)),
      seen({ ...write(100, []), ...plain, function: 6, values: [5] }),
    ]);
    expect(rulesOf(short)[0]?.allow).toEqual([
      { functions: [6, 16], addresses: [100], values: [5] },
      { functions: [16], addresses: ["101-102"], values: [6] },
    ]);
  });

  it("of function 22 are the bits that it touched; those of 23 do not make what it reads writable", () => {
    const mask = { as: "Operator", device: "plain", function: 22, address: 9, and: 0xfff0, or: 1 } as const;
    expect(entriesOf([seen(mask), seen({ ...mask, and: 0xff7f })])).toEqual([
      { functions: [22], addresses: [9], mask: 0x8f },
    ]);
    const both = {
      ...{ as: "Operator", device: "plain", function: 23 },
      ...{ read: { address: 0, quantity: 3 }, write: { address: 2, values: [9] } },
    };
    const policy = compilePolicy(readPolicy(learned([seen(both)]).text, "learned.yaml"), devices);
    expect(asks(policy, both)).toBe("permit");
    for (const value of [0, 1, 9, 65_535]) {
      expect(asks(policy, { ...both, write: { address: 1, values: [value] } })).not.toBe("permit");
    }
    expect(asks(policy, { ...both, read: { address: 3, quantity: 1 } })).toBe("no-permit");
  });

  it("over a plain listener name its transport, and those over TLS none", () => {
    const tcp = { transport: "tcp" } as const;
    const rules = rulesOf(learned([seen(write(0, [1], tcp)), seen(write(1, [50]))]));
    expect(rules.map(({ allow, when }) => [allow?.[0]?.write, when?.transports])).toEqual([
      ["mode", ["tcp"]],
      ["target", undefined],
    ]);
    const same = rulesOf(learned([seen(write(1, [50], tcp)), seen(write(1, [50]))]));
    expect(same.map(({ when }) => when?.transports)).toEqual([["tcp", "tls"]]);
  });
});

describe("what is not learned", () => {
  const notCovered = (observation: Observation, site?: null) => learned([observation], site).notCovered;

  it("is what was refused, answered with an exception, or not answered; it is listed with its count", () => {
    for (const change of [
      { permitted: false, because: "max", outcome: "exception", count: 3 },
      { outcome: "exception", exception: 2, count: 3 },
      { outcome: "unanswered", count: 3 },
    ] as const) {
      const result = learned([seen(write(1, [50]), change)]);
      expect(result).toMatchObject({ rules: 0, learned: 0, notCovered: [{ tally: { count: 3 } }] });
      expect(result.text).toContain("3 times");
    }
  });

  it("is what no policy could permit", () => {
    expect(notCovered(seen(read(0, 1, { as: null })))).toHaveLength(1);
    expect(notCovered(seen(write(4, [1])))).toHaveLength(1);
    const counted = seen(read(0, 1), { permitted: false, because: "rate" });
    expect(notCovered({ ...counted, question: { ...counted.question, accesses: [] } })).toHaveLength(1);
    const elsewhere = seen({ as: "Operator", unit: 7, function: 3, address: 0 });
    expect(notCovered(elsewhere)).toHaveLength(1);
    expect(notCovered(elsewhere, null)).toEqual([]);
  });

  it("is what a gateway asked itself, and that is not even listed", () => {
    expect(learned([seen(read(0, 1), { own: true })])).toMatchObject({ learned: 0, notCovered: [] });
  });

  it("is what comes when there is no room for more", () => {
    const kept = new Seen(1000);
    const block = seen({ as: "Operator", unit: 9, function: 16, address: 0, values: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
    let number = 0;
    while (kept.add({ ...block, question: { ...block.question, role: `r${number}` } }, undefined)) number += 1;
    expect(number).toBeGreaterThan(50);
    expect(number).toBeLessThanOrEqual(100);
  });
});

describe("the file", () => {
  it("has tests that pass, of what is permitted and of what is next to it", () => {
    const { text } = learned([
      ...[10, 30].map((raw) => seen(write(1, [raw]))),
      ...[seen(read(29, 3)), seen({ ...operator, function: 5, address: 1, value: 1, transport: "tcp" })],
      seen({ as: "Viewer", device: "plain", function: "43/14" }),
    ]);
    const document = readPolicy(text, "learned.yaml");
    expect(document.value.mode).toBe("shadow");
    const result = runPolicyTests(document, compilePolicy(document, devices), devices);
    expect(result.failed).toBe(0);
    expect(new Set(result.cases.map(({ expect: wanted }) => wanted))).toEqual(new Set(["permit", "deny"]));
  });

  it("is the same in whatever order things were seen", () => {
    const all = [seen(write(1, [10])), seen(read(29, 3)), seen(read(0, 1, { as: "Viewer" })), seen(write(0, [1]))];
    expect(learned(all.toReversed()).text).toBe(learned(all).text);
  });

  it("holds whatever names clients have", () => {
    const odd = ["a: b", "x\n  - id: evil", "yes", "]", "\u2028\u202e", "#", "'\"\\", "1-4", "\ud800"];
    const { text } = learned(
      odd.map((role) => {
        const one = seen(read(29, 3));
        return { ...one, question: { ...one.question, role, source: `10.0.0.1\n${role}` } };
      }),
      null,
    );
    const { roles, rules } = readPolicy(text, "learned.yaml").value;
    expect(new Set(roles)).toEqual(new Set(odd));
    expect(rules).toHaveLength(odd.length);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is there is what is tested
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u2028\u202e]/);
  });

  it("has no rule that is of devices and of units at once: both would have to hold", () => {
    const known = seen({ as: "Operator", device: "plain", function: 4, address: 3 });
    const nameless = seen({ as: "Operator", unit: 7, function: 4, address: 3 });
    const rules = rulesOf(learned([known, nameless], null));
    expect(rules.map(({ devices: named, units }) => [named, units])).toEqual([
      [["plain"], undefined],
      [undefined, [7]],
    ]);
  });

  it("names broadcast by itself, and says when one unit is several servers", () => {
    const broadcast = seen({ as: "Operator", unit: 5, function: 6, address: 1, value: 1 });
    const question = { ...broadcast.question, unit: 0, device: null };
    const zero = { ...question, accesses: question.accesses.map((access) => ({ ...access, unit: 0, device: null })) };
    expect(rulesOf(learned([{ ...broadcast, question: zero }], null))[0]?.units).toEqual([0]);
    const two = ["10.0.0.1:502", "10.0.0.2:502"].map((server) => ({ ...broadcast, server }));
    expect(learned(two, null).text).toContain("Unit 5 is 2 servers");
  });
});
