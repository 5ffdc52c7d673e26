import { join } from "node:path";
import { SiteError } from "../site/error.ts";
import type { Site } from "../site/load.ts";
import { type PreparedPolicy, preparePolicy, requireTests } from "./prepare.ts";
import type { PolicyVersion } from "./version-entry.ts";
import { type KeptPolicy, type PolicyVersions, sha256, textFile } from "./versions.ts";

/** Which policy a site is to begin with. */
export type Choice =
  /** The newest version. `refused`: why the policy file, which has changed, does not take its place. */
  | {
      readonly kind: "version";
      readonly policy: PreparedPolicy;
      readonly entry: PolicyVersion;
      readonly refused?: { readonly sha256: string; readonly error: unknown };
    }
  /** The policy file: it has changed since it was last looked at, or there has never been a version. */
  | { readonly kind: "file"; readonly policy: PreparedPolicy; readonly tests: "passed" | "failed" };

/**
 * The policy file where it has changed since the newest version and is good, else that version: what stands in a bad
 * file changes nothing. Errors: those of the file where there is no version yet; ERR_POLICY_VERSIONS where there are
 * some and none of them holds.
 */
export async function choosePolicy(site: Site, versions: PolicyVersions): Promise<Choice> {
  const newest = await versions.newest();
  if (newest === undefined) {
    if (!versions.empty) throw nothingHolds(site, versions);
    const policy = preparePolicy(site, site.readPolicyFile(), site.policyFile);
    return { kind: "file", policy, tests: failing(site, policy) === undefined ? "passed" : "failed" };
  }
  const { entry } = newest;
  let text: string | undefined;
  try {
    text = site.readPolicyFile();
    if (sha256(text) === entry.seen) return { kind: "version", policy: prepareKept(site, newest), entry };
    const policy = preparePolicy(site, text, site.policyFile);
    requireTests(site, policy);
    return { kind: "file", policy, tests: "passed" };
  } catch (error) {
    if (text !== undefined && sha256(text) === entry.seen) throw error;
    const refused = { sha256: text === undefined ? "" : sha256(text), error };
    return { kind: "version", policy: prepareKept(site, newest), entry, refused };
  }
}

/** A version that is kept, for the site as it is now. Throws `DocumentError` */
export function prepareKept(site: Site, { entry, text }: KeptPolicy): PreparedPolicy {
  return preparePolicy(site, text, join(site.data, "policy", textFile(entry.version)));
}

/** Why the tests in the file do not pass. Until there is a version to fall back to, that is told and nothing more. */
export function failing(site: Site, policy: PreparedPolicy): unknown {
  try {
    requireTests(site, policy);
    return undefined;
  } catch (error) {
    return error;
  }
}

function nothingHolds(site: Site, versions: PolicyVersions): SiteError {
  const reasons = versions.problems.map(({ reason }) => reason).slice(0, 5);
  return new SiteError(
    "ERR_POLICY_VERSIONS",
    `no version of the policy in ${join(site.data, "policy")} is what was signed (${reasons.join("; ")}): find out who changed them, then put them back, or move the folder away to begin anew with ${site.policyFile}`,
  );
}
