import type { RuleText } from "../language/text.ts";

/** The gateway whose line asks the policy. */
export interface PolicyLocation {
  readonly site: string;
  readonly gateway: string;
  readonly zone?: string;
}

/**
 * Whether a rule is for this place. Where the place is not known, a permit for certain places does not count and a
 * forbid does: unsure means no.
 */
export function countsHere({ when, forbid }: RuleText, location: PolicyLocation | undefined): boolean {
  const { sites, gateways, zones } = when ?? {};
  if (sites === undefined && gateways === undefined && zones === undefined) return true;
  if (location === undefined) return forbid !== undefined;
  const { site, gateway, zone } = location;
  return (
    (sites?.includes(site) ?? true) &&
    (gateways?.includes(gateway) ?? true) &&
    (zones === undefined || (zone !== undefined && zones.includes(zone)))
  );
}
