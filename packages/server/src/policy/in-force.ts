import { join } from "node:path";
import type { PolicyVersion } from "./version-entry.ts";
import { versionFiles } from "./version-files.ts";
import { PolicyVersions } from "./versions.ts";

/**
 * The newest version of a site's policy of which signature and text hold: what is in force where the site runs.
 * Undefined before the first start. Only reads, so it needs no lock: the index is replaced as a whole.
 */
export async function newestPolicyVersion(data: string): Promise<PolicyVersion | undefined> {
  return (await (await PolicyVersions.open(versionFiles(join(data, "policy")))).newest())?.entry;
}
