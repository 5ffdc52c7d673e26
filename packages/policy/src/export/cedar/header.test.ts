import { expect, it } from "vitest";
import { readPolicy } from "../../index.ts";
import { cedarHeader } from "./header.ts";

const rule = (id: string, mode: string) =>
  `  - { id: ${id}, mode: ${mode}, permit: { roles: "*" }, allow: [{ functions: [3] }] }\n`;
const fileOf = (...rules: readonly string[]) =>
  readPolicy(`policy: 1\nroles: [Viewer]\nrules:\n${rules.join("")}`, "policy.yaml").value;
const header = { policy: "0123456789abcdef", mode: "enforce", time: "2026-11-21T09:14:03Z" } as const;

it("names the site in a comment that its name cannot end", () => {
  const text = cedarHeader(fileOf(rule("a", "enforce")), { ...header, site: "plant\npermit(" });
  expect(text).toContain('mode enforce, site "plant\\u{a}permit(", 2026-11-21T09:14:03Z\n');
  expect(text.split("\n").every((line) => line === "" || line.startsWith("// "))).toBe(true);
});

it("speaks of shadow mode only where there is some", () => {
  const enforced = cedarHeader(fileOf(rule("a", "enforce")), header);
  expect(enforced).toContain("site none given");
  expect(enforced).not.toMatch(/in shadow mode/);
  const shadow = fileOf(rule("a", "shadow"), rule("b", "enforce"), rule("c", "shadow"));
  const text = cedarHeader(shadow, { ...header, mode: "shadow" });
  expect(text).toContain("// The policy is in shadow mode: what this refuses is forwarded all the same.\n");
  expect(text).toContain('// Rules in shadow mode have no effect and are left out: "a", "c"\n');
});
