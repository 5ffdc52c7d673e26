import { realpathSync } from "node:fs";
import { join } from "node:path";
import type { Look, Site } from "@modwarden/server";
import type { Context } from "../frame/context.ts";
import { DEFAULT_SITE } from "../frame/site.ts";

/**
 * Records that a command is about to show of a site's log what `look` says: on disk when it resolves, and to be called
 * before the first record is shown. A bare folder is a copy, which nothing may be written into: nothing is recorded
 * there. Where it cannot be recorded, the command goes on, and standard error says why.
 */
export async function looked(
  context: Context,
  where: { readonly log?: string; readonly site?: string },
  look: Look,
): Promise<void> {
  if (where.log !== undefined) return;
  const { readSite } = await import("@modwarden/server");
  await lookedAt(context, readSite(where.site ?? DEFAULT_SITE), look);
}

/** As `looked`, where the folder was named by itself and may be that of the site. */
export async function lookedAtFolder(context: Context, dir: string, site: Site | undefined, look: Look): Promise<void> {
  if (site !== undefined && isSame(dir, join(site.data, "audit"))) await lookedAt(context, site, look);
}

async function lookedAt(context: Context, site: Site, look: Look): Promise<void> {
  const { recordLook } = await import("@modwarden/server");
  try {
    await recordLook(site, look);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    context.note(`warning: that you look at the log is not on record: ${reason}`);
  }
}

function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    // One of them is not there: then it is not the site's log.
    return false;
  }
}
