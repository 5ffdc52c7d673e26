import { type PreparedPolicy, preparePolicy } from "../policy/prepare.ts";
import { readSite, type Site } from "./load.ts";

/** A site with its policy file. */
export interface SiteWithPolicy extends Site {
  readonly policy: PreparedPolicy;
}

/** Reads site.yaml and everything it names. Throws `DocumentError` (file:line:column) or `SiteError`. */
export function loadSite(file: string): SiteWithPolicy {
  const site = readSite(file);
  site.requireReceiver();
  return { ...site, policy: preparePolicy(site, site.readPolicyFile(), site.policyFile) };
}
