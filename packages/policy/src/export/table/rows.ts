import type { EntryText, PolicyFile, RuleText } from "../../language/text.ts";
import type { PolicyDevice } from "../../rules/device.ts";
import { appliesTo, overlap, type Reach, reachOf } from "./reach.ts";
import { conditionsText, limitsText } from "./words.ts";

/** One thing that one role may or must not do at one device, for who has to sign for it. */
export interface AccessRow {
  readonly role: string;
  /** Id of the device; without a site the units, as "unit 1-4". */
  readonly device: string;
  /** Its address; null without a site. */
  readonly unit: number | null;
  readonly effect: "permit" | "forbid";
  readonly operation: Reach["effect"];
  /** The point, the points at these addresses, or "all". */
  readonly object: string;
  readonly table: string;
  readonly addresses: string;
  readonly functions: string;
  readonly limits: string;
  readonly conditions: string;
  /** Forbids that take away some of it, or all. */
  readonly exceptions: string;
  readonly rule: string;
  /** Of the rule: a rule in shadow mode has no effect. */
  readonly mode: "enforce" | "shadow";
}

interface Found {
  readonly rule: RuleText;
  readonly entry: EntryText;
  readonly reach: Reach;
}

/** What every declared role may do, and what is forbidden to it: role by role, device by device, in the file's order. */
export function accessRows(file: PolicyFile, devices: readonly PolicyDevice[]): readonly AccessRow[] {
  return file.roles.flatMap((role) => {
    const rules = file.rules.filter((rule) => isAbout(rule, role));
    if (devices.length === 0) return withoutSite(role, rules);
    return devices.flatMap((device) => {
      const found = rules.filter((rule) => appliesTo(rule, device)).flatMap((rule) => findings(rule, device));
      return rowsOf(role, device.id, device, found);
    });
  });
}

/** Rules that no device of the site is touched by. */
export function idleRules(file: PolicyFile, devices: readonly PolicyDevice[]): readonly string[] {
  if (devices.length === 0) return [];
  return file.rules.filter((rule) => !devices.some((device) => appliesTo(rule, device))).map(({ id }) => id);
}

function isAbout({ permit, forbid }: RuleText, role: string): boolean {
  const roles = (permit ?? forbid)?.roles ?? "*";
  return roles === "*" || roles.includes(role);
}

function withoutSite(role: string, rules: readonly RuleText[]): readonly AccessRow[] {
  return rules.flatMap((rule) => {
    const units = rule.units?.map(String).join(", ");
    return rowsOf(role, units === undefined ? "every unit" : `unit ${units}`, undefined, findings(rule, undefined));
  });
}

function findings(rule: RuleText, device: PolicyDevice | undefined): readonly Found[] {
  const entries = rule.allow ?? rule.deny ?? [];
  return entries.flatMap((entry) => reachOf(entry, device).map((reach) => ({ rule, entry, reach })));
}

function rowsOf(
  role: string,
  name: string,
  device: PolicyDevice | undefined,
  found: readonly Found[],
): readonly AccessRow[] {
  const forbids = found.filter(({ rule }) => rule.forbid !== undefined && rule.mode !== "shadow");
  return found.map(({ rule, entry, reach }) => {
    const permits = rule.permit !== undefined;
    const hit = permits ? forbids.filter((forbid) => overlap(reach, forbid.reach)) : [];
    return {
      role,
      device: name,
      unit: device?.unit ?? null,
      effect: permits ? "permit" : "forbid",
      operation: reach.effect,
      object: objectText(reach, device),
      table: reach.table ?? "",
      addresses: addressText(entry, reach),
      functions: reach.functions.join(", "),
      limits: reach.effect === "write" ? limitsText(entry, reach.point) : "",
      conditions: conditionsText(rule, reach.writes),
      exceptions: [...new Set(hit.map((forbid) => forbid.rule.id))].join(", "),
      rule: rule.id,
      mode: rule.mode ?? "enforce",
    };
  });
}

/** Names that fit into a cell. */
const MOST_NAMES = 12;

function objectText({ point, table, ranges }: Reach, device: PolicyDevice | undefined): string {
  if (point !== undefined) return point.id;
  if (table === null) return "";
  if (ranges === undefined) return "all";
  const names = (device?.profile?.points ?? [])
    .filter((one) => one.table === table)
    .filter((one) => ranges.some(({ start, end }) => start <= one.address + one.count - 1 && end >= one.address))
    .map(({ id }) => id);
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${names.slice(0, MOST_NAMES).join(", ")} and ${more} more` : names.join(", ");
}

function addressText({ files, records }: EntryText, { ranges, effect }: Reach): string {
  if (files !== undefined && effect === "function") {
    return records === undefined ? `file ${files.join(", ")}` : `file ${files.join(", ")} record ${records.join(", ")}`;
  }
  return (ranges ?? []).map(({ start, end }) => (start === end ? String(start) : `${start}-${end}`)).join(", ");
}
