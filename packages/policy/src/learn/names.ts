import type { ProposedRule } from "./rules.ts";
import type { NamedRule } from "./write-policy.ts";

/** Ids of rules are at most this long. */
const MOST = 128;

/** "operator-settings", and behind it the devices where a role has several rules of one purpose. */
export function named(rules: readonly ProposedRule[]): readonly NamedRule[] {
  const taken = new Set<string>();
  return rules.map((rule) => {
    const { role, purpose } = rule;
    const isOnly = rules.filter((other) => other.role === role && other.purpose === purpose).length === 1;
    const base = `${slug(role)}-${purpose}${isOnly ? "" : `-${target(rule)}`}`.slice(0, MOST - 40);
    const over = taken.has(base) ? `${base}-over-${(rule.transports ?? ["tls"]).join("-")}` : base;
    let id = over;
    for (let number = 2; taken.has(id); number += 1) id = `${over}-${number}`;
    taken.add(id);
    return { ...rule, id };
  });
}

function target({ devices, units }: ProposedRule): string {
  const [first = "", second, ...more] = [...devices.map(slug), ...units.map((unit) => `unit-${unit}`)];
  if (second === undefined) return first;
  return more.length === 0 ? `${first}-and-${second}` : `${first}-and-${more.length + 1}-more`;
}

function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "role"
  );
}
