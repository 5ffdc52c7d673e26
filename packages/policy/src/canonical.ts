import { functionReference } from "./function-reference.ts";
import { mergeRanges, type Range, rangeOf } from "./range.ts";
import type { EntryText, FunctionText, PolicyFile, RolesText, RuleText } from "./schema.ts";

/**
 * What a policy says, in one way of writing it: keys sorted, sets sorted, ranges merged. Comments, white space, the
 * order within a set and the file's tests do not change it, because they change no decision.
 */
export function canonicalText(file: PolicyFile): string {
  const { mode, roles, rules } = file;
  return stable({ policy: 1, mode, roles: sorted(roles), rules: rules.map(canonicalRule) });
}

function canonicalRule(rule: RuleText): Record<string, unknown> {
  return {
    id: rule.id,
    permit: rule.permit && { roles: canonicalRoles(rule.permit.roles) },
    forbid: rule.forbid && { roles: canonicalRoles(rule.forbid.roles) },
    units: rule.units && rangesText(rule.units.map(rangeOf)),
    devices: rule.devices && sorted(rule.devices),
    allow: rule.allow?.map(canonicalEntry),
    deny: rule.deny?.map(canonicalEntry),
    when: rule.when && {
      transports: rule.when.transports && sorted(rule.when.transports),
      sources: rule.when.sources && sorted(rule.when.sources),
    },
  };
}

function canonicalEntry(entry: EntryText): Record<string, unknown> {
  return {
    ...entry,
    functions: entry.functions && sorted(entry.functions.map(functionName)),
    addresses: entry.addresses && rangesText(entry.addresses.map(rangeOf)),
    values: entry.values && [...new Set(entry.values)].sort((left, right) => left - right),
  };
}

function canonicalRoles(roles: RolesText): RolesText {
  return roles === "*" ? roles : sorted(roles);
}

function functionName(text: FunctionText): string {
  const { code, subfunction } = functionReference(text);
  return subfunction === undefined ? String(code) : `${code}/${subfunction}`;
}

function rangesText(ranges: readonly Range[]): readonly string[] {
  return mergeRanges(ranges).map(({ start, end }) => `${start}-${end}`);
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}

/** JSON with sorted keys; what is undefined is left out. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}
