import { existsSync } from "node:fs";
import { didYouMean } from "@modwarden/document";
import type { Profile } from "@modwarden/profile";
import type { Site } from "@modwarden/server";
import { DEFAULT_SITE } from "../frame/site.ts";

export interface AskedDevice {
  /** What its registers mean, where the site says it. */
  readonly profile?: Profile;
  /** For whoever finds nothing: the site has no such device, or its profile no such point. */
  readonly unknown?: string;
}

/** What is known of a device where there is a site that says it: a copy of a log may come without one. */
export async function askedDevice(
  device: string,
  { log, site }: { readonly log?: string; readonly site?: string },
  point?: string,
): Promise<AskedDevice> {
  if (log !== undefined && site === undefined) return {};
  const file = site ?? DEFAULT_SITE;
  if (site === undefined && !existsSync(file)) return {};
  const { readSite } = await import("@modwarden/server");
  const read = readSite(file);
  const profile = read.profiles.get(device);
  const unknown = unknownName(read, device, point);
  return { ...(profile && { profile }), ...(unknown !== undefined && { unknown }) };
}

/** A log may have records of a device that the site does not have any more: so this is said only where nothing is found. */
function unknownName({ devices, profiles }: Site, device: string, point: string | undefined): string | undefined {
  const ids = devices.map(({ id }) => id);
  if (!ids.includes(device)) return `the site has no device ${device}${didYouMean(device, ids)}`;
  const profile = profiles.get(device);
  if (profile === undefined || point === undefined || point.includes(":")) return undefined;
  if (profile.point(point) !== undefined) return undefined;
  return `${device} has no point ${point}${didYouMean(
    point,
    profile.points.map(({ id }) => id),
  )}`;
}
