import { didYouMean, type Path } from "@modwarden/document";
import { functionReference, halvesOf } from "../language/function-reference.ts";
import { inNetwork, parseNetwork } from "../language/network.ts";
import { inRanges, rangeOf } from "../language/range.ts";
import type { RuleText } from "../language/text.ts";
import type { LintContext, LintListener, LintSite } from "./finding.ts";

/** Where and over what a rule would have to count, and does not at this site. */
export function lintPlaces(rule: RuleText, path: Path, context: LintContext): void {
  const { site } = context;
  if (site === undefined) return;
  lintUnits(rule, path, site, context);
  lintLocation(rule, path, site, context);
  const listeners = lintListeners(rule, path, site, context);
  if (listeners.length === 0) return;
  lintSources(rule, path, listeners, context);
  lintReach(rule, path, listeners, site, context);
}

function lintUnits({ units, devices }: RuleText, path: Path, site: LintSite, { find }: LintContext): void {
  for (const [index, unit] of (units ?? []).entries()) {
    const at = [...path, "units", index];
    if (site.devices.some((device) => inRanges([rangeOf(unit)], device.unit))) continue;
    if (unit === 0 && devices === undefined) {
      find("broadcast-without-device", at, "no device claims unit 0, so a broadcast goes nowhere: remove 0");
    } else {
      find("unit-without-device", at, `no device of the site is at unit ${unit}: correct it, or remove it`);
    }
  }
}

function lintLocation({ when }: RuleText, path: Path, { location }: LintSite, { find }: LintContext): void {
  const places = [
    ["sites", when?.sites, location.site],
    ["gateways", when?.gateways, location.gateway],
    ["zones", when?.zones, location.zone],
  ] as const;
  for (const [key, wanted, here] of places) {
    if (wanted === undefined || (here !== undefined && wanted.includes(here))) continue;
    const is = here === undefined ? "this gateway has none" : `this is "${here}"${didYouMean(here, wanted)}`;
    find(
      "elsewhere",
      [...path, "when", key],
      `the rule counts for ${key} ${wanted.join(", ")}, and ${is}: it never counts here`,
    );
  }
}

/** The listeners on which the rule can count. */
function lintListeners(rule: RuleText, path: Path, site: LintSite, { find }: LintContext): readonly LintListener[] {
  const { transports, listeners } = rule.when ?? {};
  const urls = site.listeners.map(({ url }) => url);
  for (const [index, url] of (listeners ?? []).entries()) {
    if (urls.includes(url)) continue;
    const has = `the site listens on ${urls.join(", ")}${didYouMean(url, urls)}`;
    find("listener-unknown", [...path, "when", "listeners", index], `there is no listener ${url}: ${has}`);
  }
  for (const [index, transport] of (transports ?? []).entries()) {
    if (site.listeners.some((one) => one.transport === transport)) continue;
    const has = [...new Set(site.listeners.map((one) => one.transport))].join(", ");
    const at = [...path, "when", "transports", index];
    find("transport-without-listener", at, `no listener of the site speaks ${transport}: there is ${has}`);
  }
  if (rule.permit !== undefined && transports === undefined && writes(rule)) {
    const plain = site.listeners.filter((one) => one.transport !== "tls");
    if (plain.length === site.listeners.length) {
      find(
        "write-without-transport",
        [...path, "allow"],
        "the site has no TLS listener, and over a plain one a write counts only where the rule names it: add when: { transports: [tcp] }",
      );
    }
  }
  return site.listeners.filter(
    ({ url, transport }) =>
      (listeners?.includes(url) ?? true) && (transports?.some((one) => one === transport) ?? true),
  );
}

function writes({ allow }: RuleText): boolean {
  return (allow ?? []).some(
    (entry) =>
      entry.write !== undefined ||
      entry.functions?.some((text) => halvesOf(functionReference(text).code).some((half) => half.write)),
  );
}

/** On a plain listener only addresses with an identity get through. */
function lintSources({ when }: RuleText, path: Path, listeners: readonly LintListener[], { find }: LintContext): void {
  if (when?.sources === undefined || listeners.some(({ transport }) => transport === "tls")) return;
  const mapped = listeners.flatMap(({ sources }) => sources);
  for (const [index, source] of when.sources.entries()) {
    if (mapped.some((one) => overlap(one, source))) continue;
    const at = [...path, "when", "sources", index];
    find(
      "source-unmapped",
      at,
      `no client of ${source} gets through: the listeners have ${mapped.join(", ") || "none"}`,
    );
  }
}

function overlap(left: string, right: string): boolean {
  const [one, other] = [parseNetwork(left), parseNetwork(right)];
  if (one === undefined || other === undefined) return false;
  return inNetwork(one, other.groups) || inNetwork(other, one.groups);
}

function lintReach(
  { devices }: RuleText,
  path: Path,
  listeners: readonly LintListener[],
  site: LintSite,
  { find }: LintContext,
): void {
  for (const [index, id] of (devices ?? []).entries()) {
    if (!site.devices.some((device) => device.id === id)) continue;
    if (listeners.some((listener) => listener.devices.includes(id))) continue;
    const urls = listeners.map(({ url }) => url).join(", ");
    find(
      "device-unreachable",
      [...path, "devices", index],
      `device "${id}" is not behind ${urls}, where the rule counts`,
    );
  }
}
