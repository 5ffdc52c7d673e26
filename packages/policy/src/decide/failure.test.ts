import { readProfile } from "@modwarden/profile";
import { describe, expect, it } from "vitest";
import { type AskedText, compilePolicy, type Policy, type Question, questionFor, readPolicy } from "../index.ts";
import { outcome, rules } from "../testing/ask.ts";
import { type KnownPlant, momentOf } from "../testing/moment.ts";
import { devices, policyOf } from "../testing/site.ts";

type Asked = Omit<AskedText, "as">;

const outcomes = (decide: ReturnType<typeof rules>, ...questions: readonly Asked[]): readonly string[] =>
  questions.map((question) => outcome(decide({ as: "Operator", device: "boiler", ...question })));
const policy = (...lines: readonly string[]): Policy =>
  policyOf(`policy: 1\nroles: [Operator]\nrules:\n${lines.map((line) => `  - ${line}\n`).join("")}`).policy;
const moment = (parts: Partial<KnownPlant>): Pick<Question, "moment"> => ({
  moment: momentOf({ registers: {}, ...parts }),
});
const permit = (rest: string): string => `{ id: a, permit: { roles: "*" }, devices: [boiler], ${rest} }`;
const mode = { write: "mode", value: 1 } as const;

describe("the access method", () => {
  const url = "modbus+tls://0.0.0.0:802";
  const listeners = `listeners: ["${url}"]`;

  it("is the listener too where the rule names some", () => {
    const decide = rules(permit(`allow: [{ write: mode }], when: { ${listeners} }`));
    expect(
      outcomes(decide, { ...mode, listener: url }, { ...mode, listener: "modbus+tls://0.0.0.0:803" }, mode),
    ).toEqual(["permit", "transport", "transport"]);
  });

  it("of a forbid as of a permit", () => {
    const forbid = `{ id: f, forbid: { roles: "*" }, deny: [{ write: mode }], when: { ${listeners} } }`;
    const decide = rules(permit("allow: [{ write: mode }]"), forbid);
    expect(outcomes(decide, { ...mode, listener: url }, { ...mode, listener: "x" }, mode)).toEqual([
      "forbid",
      "permit",
      "permit",
    ]);
  });

  it("is judged rule by rule where the first one without conditions is for another", () => {
    const [tcp, tls] = ["tcp", "tls"].map(
      (transport) =>
        `{ id: ${transport}, permit: { roles: "*" }, allow: [{ functions: [6] }], when: { transports: [${transport}] } }`,
    ) as [string, string];
    const write = { unit: 2, function: 6, address: 0, value: 1 } as const;
    for (const decide of [rules(tcp, tls), rules(tls, tcp)]) {
      expect(decide({ as: "Operator", ...write })).toMatchObject({ permit: true, rules: ["tls"] });
      expect(decide({ as: "Operator", ...write, transport: "tcp" })).toMatchObject({ permit: true, rules: ["tcp"] });
      expect(outcome(decide({ as: "Operator", ...write, transport: "udp" }))).toBe("transport");
    }
  });
});

describe("hours", () => {
  const hours = "when: { hours: Mon-Fri 06:00-22:00, tz: Europe/Berlin }";
  const [monday, sunday] = ["2026-11-16T09:00:00Z", "2026-11-15T09:00:00Z"];

  it("of a permit and of a forbid are those of the question; without a time none hold", () => {
    const allowed = rules(permit(`allow: [{ write: mode }], ${hours}`));
    expect(outcomes(allowed, { ...mode, at: monday }, { ...mode, at: sunday }, mode)).toEqual([
      "permit",
      "time",
      "time",
    ]);
    const denied = rules(
      permit("allow: [{ write: mode }]"),
      `{ id: f, forbid: { roles: "*" }, deny: [{ write: mode }], ${hours} }`,
    );
    expect(outcomes(denied, { ...mode, at: monday }, { ...mode, at: sunday }, mode)).toEqual([
      "forbid",
      "permit",
      "permit",
    ]);
  });
});

describe("what the moment decides", () => {
  const interlocked = "when: { interlock: { point: boiler.door, equals: 0, maxAgeMs: 9 } }";
  const shut = { "boiler discrete 0": { value: 0, ageMs: 0 } };
  const open = { "boiler discrete 0": { value: 1, ageMs: 0 } };

  it("is every condition, in the order step, slew, interlock, approval, rate", () => {
    const { decide, needs } = policy(
      permit(
        `allow: [{ write: target, maxStep: 10, perSeconds: 9 }], ${interlocked}, approval: { people: 1, ttl: 1m }, rate: { requests: 1, perSeconds: 1 }`,
      ),
    );
    const at = "boiler holding 1";
    const question = questionFor({ as: "Operator", device: "boiler", write: "target", value: 45 }, devices);
    const because = (parts: Partial<KnownPlant>): string => outcome(decide({ ...question, ...moment(parts) }));
    const registers = { [at]: { value: 400, ageMs: 0 }, ...shut };
    const extremes = { [at]: { least: 400, most: 400 } };
    const far = { [at]: { least: 100, most: 400 } };
    expect(because({ empty: ["a"] })).toBe("step");
    expect(because({ registers: { ...registers, ...open }, extremes: far, empty: ["a"] })).toBe("slew");
    expect(because({ registers: { ...registers, ...open }, extremes, empty: ["a"] })).toBe("interlock");
    expect(because({ registers, extremes, empty: ["a"] })).toBe("approval");
    expect(because({ registers, extremes, empty: ["a"], approved: ["a"] })).toBe("rate");
    expect(because({ registers, extremes, approved: ["a"] })).toBe("permit");
    expect(outcome(decide(question))).toBe("step");
    expect(needs(question)).toHaveLength(2);
  });

  it("is nothing of a rule that fails for good", () => {
    const { needs, screen } = policy(permit(`allow: [{ write: target, max: 40 }], ${interlocked}`));
    const ask = (value: number): Question =>
      questionFor({ as: "Operator", device: "boiler", write: "target", value }, devices);
    expect([needs(ask(41)), needs(ask(40)).length]).toEqual([[], 1]);
    expect([screen(ask(41))?.because, screen(ask(40))]).toEqual(["max", undefined]);
  });

  it("is asked about too where only part of a point is read", () => {
    const { needs } = policy(permit(`allow: [{ functions: [3] }], ${interlocked}`));
    const half = questionFor({ as: "Operator", device: "boiler", function: 3, address: 4 }, devices);
    expect(needs(half)).toEqual([{ device: "boiler", table: "discrete", address: 0, quantity: 1, maxAgeMs: 9 }]);
  });
});

describe("interlocks of a forbid", () => {
  it("let it pass when one of them is known to be broken", () => {
    const decide = rules(
      permit("allow: [{ write: mode }]"),
      `{ id: f, forbid: { roles: "*" }, deny: [{ write: mode }], when: { interlock: [{ point: boiler.door, equals: 1, maxAgeMs: 9 }, { point: boiler.lamp, equals: 1, maxAgeMs: 9 }] } }`,
    );
    const at = (door: boolean, lamp: boolean): Asked => ({ ...mode, known: { door, lamp } });
    expect(outcomes(decide, at(true, true), at(true, false), at(false, true), at(false, false))).toEqual([
      "forbid",
      "permit",
      "permit",
      "permit",
    ]);
    expect(outcomes(decide, { ...mode, known: { door: true } }, { ...mode, known: { door: false } })).toEqual([
      "forbid",
      "permit",
    ]);
  });
});

describe("part of a point", () => {
  const profile = readProfile(
    `{ profile: 1, device: { vendor: T, model: M, kind: k }, blocks: [{ table: holding, address: 0, count: 9, access: rw }],` +
      ` points: [{ id: wide, table: holding, address: 4, type: u32, access: rw }] }`,
    "thing.yaml",
  );
  const thing = { id: "thing", unit: 7, profile };
  const text = 'policy: 1\nroles: [A]\nrules:\n  - { id: a, permit: { roles: "*" }, allow: [{ functions: [16] }] }\n';
  const { decide } = compilePolicy(readPolicy(text, "policy.yaml"), [thing]);
  const first = (address: number, quantity: number): unknown => {
    const values = Array.from({ length: quantity }, () => 0);
    const explanation = decide(questionFor({ as: "A", unit: 7, function: 16, address, values }, [thing]));
    return explanation.permit ? "permit" : [explanation.because, explanation.firstUncovered?.address];
  };

  it("is refused at the first element of such a point", () => {
    expect([first(2, 3), first(5, 2), first(4, 1)]).toEqual([
      ["partial", 4],
      ["partial", 5],
      ["partial", 4],
    ]);
    expect([first(2, 4), first(4, 2), first(4, 3), first(6, 2)]).toEqual(["permit", "permit", "permit", "permit"]);
  });
});
