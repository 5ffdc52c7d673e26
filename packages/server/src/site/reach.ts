import type { Reach } from "@modwarden/identity";
import type { Site } from "./load.ts";

/** Where each device of the site file is reached: what its unit means, and to whom. */
export function reachOf(site: Site): readonly Reach[] {
  return site.devices.map(({ id, unit, host, port }) => ({
    device: id,
    unit,
    listeners: site.listeners.filter(({ devices }) => devices.includes(id)).map(({ url }) => url),
    bus: `${host}:${port}`,
  }));
}
