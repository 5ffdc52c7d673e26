import { rangeOf } from "../../language/range.ts";
import type { RuleText, SubjectsText } from "../../language/text.ts";
import { networkText } from "./source.ts";
import { allOf, anyOf, cedarSet, cedarString, within } from "./text.ts";

/** What an element's authorisation sees, as the schema names it. */
export const IS_READ = 'action == Action::"read"';

/** Whom a rule is about. A permit without roles is for every declared one; a forbid for everyone. */
export function whom(subjects: SubjectsText, forbids: boolean, declared: readonly string[]): string {
  const { roles, ids, tags, kinds } = subjects;
  const everyone = roles === undefined || roles === "*";
  const named = everyone ? declared : roles;
  return allOf([
    everyone && forbids ? undefined : `principal has role && ${cedarSet(named)}.contains(principal.role)`,
    ids && `[${ids.map((id) => `Subject::${cedarString(id)}`).join(", ")}].contains(principal)`,
    tags && `principal.tags.containsAny(${cedarSet(tags)})`,
    kinds && `principal has kind && ${cedarSet(kinds)}.contains(principal.kind)`,
  ]);
}

/** Where. Broadcast is never implied: unit 0 is listed, or the rule names the device that has it. */
export function place(rule: RuleText, forbids: boolean): string {
  const { units, devices } = rule;
  return allOf([
    devices && `resource has device && ${cedarSet(devices)}.contains(resource.device)`,
    units && within("resource.unit", units.map(rangeOf)),
    units === undefined && devices === undefined && !forbids ? "resource.unit != 0" : undefined,
  ]);
}

/** On which ways of access. A write that does not come over TLS needs a permit that names its transport. */
export function method(rule: RuleText, forbids: boolean): string {
  const { transports, sources, listeners, sites, gateways, zones } = rule.when ?? {};
  const unnamed = forbids ? undefined : `(${IS_READ} || context.transport == "tls")`;
  return allOf([
    transports === undefined ? unnamed : `${cedarSet(transports)}.contains(context.transport)`,
    sources &&
      `context has source && ${anyOf(sources.map((network) => `context.source.isInRange(ip(${cedarString(networkText(network))}))`))}`,
    oneOf("listener", listeners),
    location([oneOf("site", sites), oneOf("gateway", gateways), oneOf("zone", zones)], forbids),
  ]);
}

/** Where the place is not known a permit for certain places does not count, and a forbid does. */
function location(parts: readonly (string | undefined)[], forbids: boolean): string | undefined {
  if (parts.every((part) => part === undefined)) return undefined;
  return forbids ? `(!(context has site) || (${allOf(parts)}))` : allOf(parts);
}

/** What using a permit takes: a token of the rule's bucket, people's approval. */
export function uses({ id, rate, approval }: RuleText): string {
  return allOf([
    rate && `context has tokens && context.tokens.contains(${cedarString(id)})`,
    approval && `context has approved && context.approved.contains(${cedarString(id)})`,
  ]);
}

function oneOf(fact: string, names: readonly string[] | undefined): string | undefined {
  return names && `context has ${fact} && ${cedarSet(names)}.contains(context.${fact})`;
}
