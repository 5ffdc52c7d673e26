import type { PolicyFile, RuleText } from "../../language/text.ts";
import type { PolicyDevice } from "../../rules/device.ts";
import { entryText, reachedBy } from "./entry.ts";
import { interlocksText } from "./interlock.ts";
import { method, place, uses, whom } from "./rule.ts";
import { anyOf, cedarString } from "./text.ts";
import { hoursText } from "./time.ts";

/**
 * The rules of a policy as Cedar policies: one for each entry, over one element of a request (`cedarRequests`). Cedar
 * has the same order of things: default deny, and forbid beats permit. The file has been compiled for these devices,
 * so every name in it is one of theirs.
 */
export function cedarPolicies(file: PolicyFile, devices: readonly PolicyDevice[]): string {
  const enforced = file.rules.filter((rule) => rule.mode !== "shadow");
  const texts = [...structural(devices), ...enforced.flatMap((rule) => ruleTexts(rule, file, devices))];
  return texts.join("\n");
}

/** What holds whatever a file says. */
function structural(devices: readonly PolicyDevice[]): readonly string[] {
  const elsewhere = devices.map(
    ({ id, unit }) => `(resource.device == ${cedarString(id)} && resource.unit != ${unit})`,
  );
  return [
    policy("forbid", "part of a point", ['action == Action::"write"', "context has partial && context.partial"]),
    ...(elsewhere.length === 0
      ? []
      : [policy("forbid", "a device at an address that is not its own", ["resource has device", anyOf(elsewhere)])]),
  ];
}

function ruleTexts(rule: RuleText, file: PolicyFile, devices: readonly PolicyDevice[]): readonly string[] {
  const forbids = rule.forbid !== undefined;
  const effect = forbids ? "forbid" : "permit";
  const subjects = (rule.forbid ?? rule.permit)!;
  return (rule.allow ?? rule.deny ?? []).map((entry, index) =>
    policy(effect, `${rule.id} ${index + 1}`, [
      whom(subjects, forbids, file.roles),
      place(rule, forbids),
      entryText(entry, rule, devices),
      method(rule, forbids),
      hoursText(rule) ?? "true",
      interlocksText(rule, reachedBy(rule, devices), devices) ?? "true",
      uses(rule),
    ]),
  );
}

function policy(effect: "permit" | "forbid", id: string, conditions: readonly string[]): string {
  const when = conditions.filter((condition) => condition !== "true").map((condition) => `\nwhen { ${condition} }`);
  return `@id(${cedarString(id)})\n${effect} (principal, action, resource)${when.join("")};\n`;
}
