import type { Point } from "@modwarden/profile";
import { hoursOf, interlocksOf } from "../../language/check-when.ts";
import type { EntryText, InterlockText, RuleText } from "../../language/text.ts";

/** The limits of an entry in words, in the units of the point. Empty: there are none. */
export function limitsText(entry: EntryText, point?: Point): string {
  const { min, max, values, mask, maxStep, perSeconds } = entry;
  const unit = point?.unit === undefined ? "" : ` ${point.unit}`;
  const parts: string[] = [];
  if (min !== undefined && max !== undefined) parts.push(`${min} to ${max}${unit}`);
  else if (min !== undefined) parts.push(`at least ${min}${unit}`);
  else if (max !== undefined) parts.push(`at most ${max}${unit}`);
  if (values !== undefined) parts.push(`one of ${values.map((value) => named(value, point)).join(", ")}${unit}`);
  if (mask !== undefined) parts.push(`only bits ${bitsText(mask, point)}`);
  if (maxStep !== undefined) {
    const span = perSeconds === undefined ? "from the value before" : `within any ${perSeconds} s`;
    parts.push(`no more than ${maxStep}${unit} ${span}`);
  }
  return parts.join("; ");
}

function named(value: number, point: Point | undefined): string {
  const name = point?.enum.get(value);
  return name === undefined ? String(value) : `${value} (${name})`;
}

function bitsText(mask: number, point: Point | undefined): string {
  const bits = Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => ((mask >> bit) & 1) === 1);
  const names = bits.map((bit) => point?.bits.get(bit) ?? String(bit));
  return `${names.join(", ")} (mask 0x${mask.toString(16).padStart(4, "0")})`;
}

/** Everything besides role and object that has to hold, in words. Empty: nothing. */
export function conditionsText(rule: RuleText, writes: boolean): string {
  const { ids, tags, kinds } = rule.permit ?? rule.forbid ?? {};
  const { transports, listeners, sources, sites, gateways, zones, hours, tz, interlock } = rule.when ?? {};
  const { rate, approval } = rule;
  const unnamed = writes && rule.permit !== undefined ? "over TLS only" : undefined;
  const parts = [
    ids && `only ${ids.join(", ")}`,
    tags && `only with the tag ${either(tags)}`,
    kinds && `only of the kind ${either(kinds)}`,
    transports === undefined ? unnamed : `over ${either(transports)}`,
    listeners && `at ${either(listeners)}`,
    sources && `from ${either(sources)}`,
    sites && `at the site ${either(sites)}`,
    gateways && `through the gateway ${either(gateways)}`,
    zones && `in the zone ${either(zones)}`,
    hours && `${hoursOf(hours).join(" or ")} (${tz})`,
    ...interlocksOf(interlock).map(interlockText),
    rate && `${rate.requests} requests in ${rate.perSeconds} s, ${rate.burst ?? rate.requests} at once`,
    approval && approvalText(approval),
  ];
  return parts.filter((part) => part !== undefined).join("; ");
}

function interlockText({ point, equals, not, min, max, values, maxAgeMs }: InterlockText): string {
  const wanted = [
    equals === undefined ? undefined : `is ${equals}`,
    not === undefined ? undefined : `is not ${not}`,
    min === undefined ? undefined : `is at least ${min}`,
    max === undefined ? undefined : `is at most ${max}`,
    values && `is one of ${values.join(", ")}`,
  ];
  return `while ${point} ${wanted.filter((part) => part !== undefined).join(" and ")}, known for at most ${maxAgeMs} ms`;
}

function approvalText({ people, ttl, by }: NonNullable<RuleText["approval"]>): string {
  const who = by === undefined ? "" : ` of the role ${either(by)}`;
  return `each time approved by ${people === 1 ? "one other person" : "two other people"}${who}, within ${ttl}`;
}

function either(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
