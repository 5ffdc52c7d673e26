import { hoursOf, interlocksOf } from "./check-when.ts";
import { functionReference } from "./function-reference.ts";
import { mergeRanges, type Range, rangeOf } from "./range.ts";
import type { EntryText, FunctionText, PolicyFile, RolesText, RuleText, SubjectsText } from "./text.ts";

/**
 * What a policy says, in one way of writing it: keys sorted, sets sorted, ranges merged. Comments, white space, the
 * order within a set and the file's tests do not change it, because they change no decision.
 */
export function canonicalText(file: PolicyFile): string {
  const { mode, roles, rules } = file;
  return stable({ policy: 1, mode, roles: sorted(roles), rules: rules.map(canonicalRule) });
}

function canonicalRule(rule: RuleText): Record<string, unknown> {
  const { when } = rule;
  return {
    id: rule.id,
    permit: rule.permit && canonicalSubjects(rule.permit),
    forbid: rule.forbid && canonicalSubjects(rule.forbid),
    mode: rule.mode === "shadow" ? rule.mode : undefined,
    units: rule.units && rangesText(rule.units.map(rangeOf)),
    devices: rule.devices && sorted(rule.devices),
    allow: rule.allow?.map(canonicalEntry),
    deny: rule.deny?.map(canonicalEntry),
    when: when && {
      transports: when.transports && sorted(when.transports),
      listeners: when.listeners && sorted(when.listeners),
      sources: when.sources && sorted(when.sources),
      sites: when.sites && sorted(when.sites),
      gateways: when.gateways && sorted(when.gateways),
      zones: when.zones && sorted(when.zones),
      hours: when.hours && sorted(hoursOf(when.hours)),
      tz: when.tz,
      interlock: when.interlock && interlocksOf(when.interlock),
    },
    rate: rule.rate && { ...rule.rate, burst: rule.rate.burst ?? rule.rate.requests },
    approval: rule.approval && { ...rule.approval, by: rule.approval.by && sorted(rule.approval.by) },
  };
}

function canonicalSubjects({ roles, ids, tags, kinds }: SubjectsText): Record<string, unknown> {
  return {
    roles: roles && canonicalRoles(roles),
    ids: ids && sorted(ids),
    tags: tags && sorted(tags),
    kinds: kinds && sorted(kinds),
  };
}

function canonicalEntry(entry: EntryText): Record<string, unknown> {
  return {
    ...entry,
    functions: entry.functions && sorted(entry.functions.map(functionName)),
    addresses: entry.addresses && rangesText(entry.addresses.map(rangeOf)),
    files: entry.files && rangesText(entry.files.map(rangeOf)),
    records: entry.records && rangesText(entry.records.map(rangeOf)),
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
