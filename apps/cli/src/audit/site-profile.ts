import { existsSync } from "node:fs";
import type { Profile } from "@modwarden/profile";
import { DEFAULT_SITE } from "../frame/site.ts";

/** What a device's registers mean, where there is a site that says it: a copy of a log may come without one. */
export async function profileOf(
  device: string,
  { log, site }: { readonly log?: string; readonly site?: string },
): Promise<Profile | undefined> {
  if (log !== undefined && site === undefined) return undefined;
  const file = site ?? DEFAULT_SITE;
  if (site === undefined && !existsSync(file)) return undefined;
  const { readSite } = await import("@modwarden/server");
  return readSite(file).profiles.get(device);
}
