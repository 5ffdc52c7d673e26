import type { SiteFacts } from "@modwarden/identity";
import type { SitePolicies } from "../policy/site-policies.ts";
import type { Site } from "./load.ts";
import { reachOf } from "./reach.ts";

/** What the registry has to know of its site. `port`: where the enrolment endpoint listens, once it does. */
export function siteFacts(
  site: Site,
  policies: Pick<SitePolicies, "inForce">,
  port: () => number | undefined,
): SiteFacts {
  const { value } = site;
  const reach = reachOf(site);
  return {
    site: value.site,
    gateway: value.gateway.id,
    policy: () => {
      const { document, compiled } = policies.inForce;
      return { version: document.value.policy, hash: compiled.hash };
    },
    url: () => enrolmentUrl(site, port()),
    reach: () => reach,
    approvers: value.enrolment?.approvers ?? [],
    installers: value.enrolment?.installers ?? [],
  };
}

/** How a client reaches the endpoint: by the gateway's first name, for an address to listen at may be every address. */
function enrolmentUrl(site: Site, port: number | undefined): string | undefined {
  const listen = site.value.enrolment?.listen;
  if (listen === undefined) return undefined;
  const url = new URL(listen);
  const name = site.value.gateway.names[0];
  if (name !== undefined) url.hostname = name.includes(":") ? `[${name}]` : name;
  if (port !== undefined) url.port = String(port);
  return url.origin;
}
