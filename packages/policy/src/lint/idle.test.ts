import { describe, expect, it } from "vitest";
import { readPolicy } from "../index.ts";
import { resolveEveryRule } from "../rules/resolve.ts";
import { lintOf, pressSite } from "../testing/lint-site.ts";
import { lintIdle } from "./idle.ts";

const permit = (id: string, functions: string, more = "units: [1]") =>
  `{ id: ${id}, permit: { roles: [Viewer] }, allow: [{ functions: [${functions}] }], ${more} }`;
const forbid = (id: string, when?: string) =>
  `{ id: ${id}, forbid: { roles: "*" }, deny: [{ functions: [3] }]${when === undefined ? "" : `, when: { ${when} }`} }`;
const over = (...transports: readonly string[]) => `when: { transports: [${transports.join(", ")}] }`;

describe("what is idle", () => {
  it("tells a sub-function that the whole function gives already", () => {
    expect(lintOf([permit("all", "8"), permit("one", '"8/1"')])).toEqual([
      'redundant rules.1: all that rule "one" permits is permitted by "all" already',
    ]);
    expect(lintOf([permit("one", '"8/1"'), permit("other", '"8/2"')])).toEqual([]);
  });

  it("names every rule that gives a part of it, and only those", () => {
    const rules = [
      permit("plain", "3", over("tcp")),
      permit("rtu", "3", over("rtu")),
      permit("safe", "3", over("tls")),
    ];
    const site = { ...pressSite, listeners: [] };
    const found = lintOf([...rules, permit("both", "3", over("tcp", "tls"))], { site: { ...site } });
    expect(found.filter((line) => line.startsWith("redundant"))).toEqual([
      'redundant rules.3: all that rule "both" permits is permitted by "plain", "safe" already',
    ]);
  });

  it("names every forbid that takes a part of it, and no other", () => {
    const rules = [
      permit("a", "3", over("tcp", "tls")),
      forbid("far", "zones: [hall-3]"),
      forbid("rtu", "transports: [rtu]"),
      forbid("plain", "transports: [tcp]"),
      forbid("safe", "transports: [tls]"),
    ];
    expect(lintOf(rules).filter((line) => line.startsWith("shadowed"))).toEqual([
      'shadowed rules.0: all that rule "a" permits is forbidden by "plain", "safe": remove one of them',
    ]);
  });
});

describe("what would take too long to find out", () => {
  const bits = (from: number, to: number) =>
    `interlock: [${Array.from({ length: to - from }, (_, at) => `{ point: press.long.${from + at}, equals: true, maxAgeMs: 9 }`).join(", ")}]`;

  it("is not said of rules that share requests with a forbid of very many cases", () => {
    expect(lintOf([permit("a", "3"), forbid("never"), forbid("odd", bits(0, 3))])).toHaveLength(1);
    expect(lintOf([permit("a", "3"), forbid("never"), forbid("odd", bits(0, 13))])).toEqual([]);
  });

  it("is not said of thousands of rules", () => {
    const text = `policy: 1\nroles: [Viewer]\nrules:\n  - ${permit("a", "3", "when: { zones: [hall-3] }")}\n`;
    const document = readPolicy(text, "policy.yaml");
    const [compiled] = resolveEveryRule(document, pressSite.devices);
    const rule = { compiled: compiled!, text: document.value.rules[0]! };
    const found = (count: number): readonly string[] => {
      const codes: string[] = [];
      const { devices } = pressSite;
      const rules = Array.from({ length: count }, () => rule);
      lintIdle(rules, { file: document.value, devices, site: pressSite, find: (code) => codes.push(code) });
      return codes;
    };
    expect(found(1)).toEqual(["never-matches"]);
    expect(found(2_001)).toEqual([]);
  });
});
