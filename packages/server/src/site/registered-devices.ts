import type { IdentityService } from "@modwarden/identity";
import { SiteError } from "./error.ts";
import type { Site } from "./load.ts";

/** A device that the site file lists is registered as proxied: the gateway reaches only what is. Error: ERR_SITE_DEVICE */
export async function registerDevices(identity: IdentityService, site: Site): Promise<void> {
  const devices = site.value.gateway.devices.map(({ id, unit, at }) => ({ id, unit, address: at }));
  const [other] = await identity.identities.registerDevices(devices);
  if (other === undefined) return;
  throw new SiteError(
    "ERR_SITE_DEVICE",
    `${site.file}: the device "${other.id}" has the id of a ${other.kind} in the registry: give one of the two another id`,
  );
}
