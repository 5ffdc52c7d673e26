import type { IdentityService } from "@modwarden/identity";
import type { IdentityView, KeyView, RefusalView, RegistryView } from "../http/index.ts";

/** What the console shows of the rest is a number. */
const SHOWN = 1000;

/** The registry as the console sees it. */
export function registryView(identity: IdentityService): RegistryView {
  return {
    async identities() {
      const all = await identity.identities.list();
      const identities = all
        .slice(0, SHOWN)
        .map(
          ({ id, kind, role, state, serial, expires }): IdentityView => ({ id, kind, role, state, serial, expires }),
        );
      return { total: all.length, identities };
    },
    async keys() {
      const listed = await identity.keys.list({ limit: SHOWN });
      const keys = listed.map(
        (key): KeyView => ({
          id: key.id,
          kind: key.kind,
          roles: key.roles,
          state: key.state,
          uses: key.uses,
          used: key.used,
          name: key.name,
          approval: key.approval,
          expires: key.expires,
          expiresInDays: key.expiresInDays,
        }),
      );
      return { total: await identity.keys.count(), keys };
    },
    async refusals(limit) {
      const listed = await identity.refusals.list({ limit });
      return listed.map(
        ({ edge, time, reason, correlation, source, key, name }): RefusalView => ({
          edge,
          time,
          reason,
          correlation,
          source,
          key,
          name,
        }),
      );
    },
  };
}
