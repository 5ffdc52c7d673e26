import { SiteError } from "../site/error.ts";
import type { PolicyVersion } from "./version-entry.ts";

/**
 * The version that "back" means: the newest before the text in force came to be, with another text. So a second
 * rollback goes one further back, and not to what the first one left. Error: ERR_POLICY_VERSION_UNKNOWN
 */
export function rollbackTarget(versions: readonly PolicyVersion[]): number {
  const byNumber = new Map(versions.map((entry) => [entry.version, entry]));
  const newest = versions.at(-1);
  let origin = newest;
  for (let at = origin; at?.of !== undefined; at = byNumber.get(at.of)) origin = byNumber.get(at.of) ?? origin;
  const target = versions.findLast(
    (entry) => origin !== undefined && entry.version < origin.version && entry.sha256 !== origin.sha256,
  );
  if (target !== undefined) return target.version;
  throw new SiteError("ERR_POLICY_VERSION_UNKNOWN", "there is no version of the policy before the one in force");
}
