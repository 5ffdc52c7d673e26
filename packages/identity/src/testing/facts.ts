import { NO_SITE } from "../context.ts";
import type { SiteFacts } from "../types.ts";

/** A site as a test wants it. */
export function facts(some: Partial<SiteFacts> = {}): SiteFacts {
  return { ...NO_SITE, site: "demo", gateway: "gw1", policy: () => ({ version: 1, hash: "ab12" }), ...some };
}
