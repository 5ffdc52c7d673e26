import type { Presented } from "@modwarden/gateway";
import { IdentityError, type IdentityService } from "@modwarden/identity";

/** Certificates whose confirmation is under way; more than these try again with their next connection. */
const MANY = 64;

/**
 * A certificate that awaits its confirmation was shown at a gateway's door, with proof of its private key: that is its
 * confirmation. Each is confirmed once, however often its holder knocks meanwhile.
 */
export function confirmPresented(
  identity: Pick<IdentityService, "confirm">,
  onError: (error: unknown) => void,
): (presented: Presented) => void {
  const underWay = new Set<string>();
  return ({ fingerprint, source }) => {
    if (underWay.has(fingerprint) || underWay.size >= MANY) return;
    underWay.add(fingerprint);
    identity
      .confirm(fingerprint, source.replace(/:\d+$/, ""))
      .catch((error: unknown) => {
        // It was confirmed, revoked or given up in the meantime: that is on record already.
        if (!(error instanceof IdentityError)) onError(error);
      })
      .finally(() => underWay.delete(fingerprint));
  };
}
