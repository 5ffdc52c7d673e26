import type { IdentityService } from "@modwarden/identity";
import { SiteError } from "./error.ts";
import type { Site } from "./load.ts";

/**
 * A device that the site file lists is registered as proxied: the gateway reaches only what is registered. One that was
 * suspended or revoked stays so; one that was retired and is listed again is new. Error: ERR_SITE_DEVICE
 */
export async function registerDevices(identity: IdentityService, site: Site): Promise<void> {
  for (const { id } of site.devices) {
    const found = await identity.identities.find(id);
    if (found === undefined || found.state === "retired") {
      await identity.identities.add({ id, kind: "device", role: null });
    } else if (found.kind !== "device") {
      throw new SiteError(
        "ERR_SITE_DEVICE",
        `${site.file}: the device "${id}" has the id of a ${found.kind} in the registry: give one of the two another id`,
      );
    }
  }
}
