import { AskedError, questionFor } from "@modwarden/policy";
import type { PolicyView } from "../http/index.ts";
import { policyDevices } from "../policy/prepare.ts";
import type { SitePolicies } from "../policy/site-policies.ts";
import type { Site } from "./load.ts";

/** The policy in force as the API tells it. */
export function policyView(site: Site, policies: SitePolicies): PolicyView {
  const devices = policyDevices(site.devices, site.profiles);
  return {
    current() {
      const { compiled, text } = policies.inForce;
      const { hash, mode, roles } = compiled;
      const history = policies.history().map(({ seen: _, ...shown }) => shown);
      return { version: policies.version?.version ?? 0, hash, mode, roles, text, history };
    },
    explain(asked) {
      const { compiled } = policies.inForce;
      if (asked.as !== null && !compiled.roles.includes(asked.as)) {
        throw new AskedError(`the policy has no role "${asked.as}": it has ${compiled.roles.join(", ")}`);
      }
      return compiled.decide(questionFor(asked, devices));
    },
  };
}
