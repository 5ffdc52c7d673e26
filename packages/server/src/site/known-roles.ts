import { SiteError } from "./error.ts";
import type { SiteServices } from "./site-command.ts";

/**
 * Nobody is given a role that the policy does not have: it would permit nothing, and most often it is a slip of the pen.
 * MB-TCP-Security v36 R-29. Throws `ERR_ROLE_UNKNOWN`.
 */
export function requireKnownRoles({ roles }: SiteServices, wanted: readonly string[]): void {
  for (const role of wanted) {
    if (roles.includes(role)) continue;
    throw new SiteError(
      "ERR_ROLE_UNKNOWN",
      `the policy has no role "${role}": it has ${roles.join(", ")}. Name one of these, or add it to \`roles\` in the policy first`,
    );
  }
}
