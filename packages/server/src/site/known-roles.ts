import { SiteError } from "./error.ts";
import type { SiteServices } from "./site-command.ts";

/**
 * Nobody is given a role that the policy in force does not have: it would permit nothing, and most often it is a slip of the pen.
 * MB-TCP-Security v36 R-29. Throws `ERR_ROLE_UNKNOWN`.
 */
export function requireKnownRoles({ policies }: Pick<SiteServices, "policies">, wanted: readonly string[]): void {
  const { roles } = policies.inForce.compiled;
  for (const role of wanted) {
    if (roles.includes(role)) continue;
    throw new SiteError(
      "ERR_ROLE_UNKNOWN",
      `the policy has no role "${role}": it has ${roles.join(", ")}. Name one of these, or add it to \`roles\` in the policy first`,
    );
  }
}
