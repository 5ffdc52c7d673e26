import { compilePolicy, type Policy, readPolicy } from "@modwarden/policy";
import type { Profile } from "@modwarden/profile";
import type { LineConfiguration, LineSnapshot } from "./configuration.ts";

/** A snapshot's policy, compiled for where this line stands. Throws DocumentError with the place of what is wrong. */
export function policyOf(
  policy: LineSnapshot["policy"],
  { devices, site, gateway, zone }: LineConfiguration,
  profiles: ReadonlyMap<string, Profile>,
): Policy {
  const known = devices.map(({ id, unit }) => {
    const profile = profiles.get(id);
    return { id, unit, ...(profile === undefined ? {} : { profile }) };
  });
  const location = { site, gateway, ...(zone === undefined ? {} : { zone }) };
  return compilePolicy(readPolicy(policy.text, policy.file), known, { location });
}
