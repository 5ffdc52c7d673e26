import type { NewIdentity, TagChange } from "@modwarden/identity";
import { z } from "zod";
import { requireKnownRoles } from "./known-roles.ts";
import { acts, byId, nothing, reads, type SiteCommands, text } from "./site-command.ts";

const newIdentity: z.ZodType<NewIdentity> = z
  .strictObject({
    id: text,
    kind: z.enum(["client", "device"]),
    role: text.exactOptional(),
    source: text.exactOptional(),
  })
  .transform(({ role, ...rest }) => ({ ...rest, role: role ?? null }));

const asked: z.ZodType<{ readonly id: string; readonly most?: number }> = z.strictObject({
  id: text,
  most: z.int().min(1).max(1000).exactOptional(),
});

const resumed: z.ZodType<{ readonly id: string; readonly despiteClone?: boolean }> = z.strictObject({
  id: text,
  despiteClone: z.boolean().exactOptional(),
});

const recoveries: z.ZodType<{ readonly id: string; readonly limit?: number }> = z.strictObject({
  id: text,
  limit: z.int().min(0).max(1000).exactOptional(),
});

const newRole: z.ZodType<{ readonly id: string; readonly role: string | null }> = z.strictObject({
  id: text,
  role: text.nullable(),
});

const tags: z.ZodType<readonly string[]> = z.array(text).max(64);
const retagged: z.ZodType<TagChange & { readonly id: string }> = z.strictObject({
  id: text,
  add: tags.exactOptional(),
  remove: tags.exactOptional(),
});

export const identityCommands: SiteCommands = {
  "identity.list": reads(nothing, ({ identity }) => identity.identities.list()),
  "identity.show": reads(byId, ({ identity }, { id }) => identity.identities.show(id)),
  "identity.history": reads(asked, ({ identity }, { id, most }) => identity.identities.history(id, most)),
  "identity.add": acts(newIdentity, (services, added) => {
    requireKnownRoles(services, added.role === null ? [] : [added.role]);
    return services.identity.identities.add(added);
  }),
  "identity.approve": acts(byId, ({ identity }, { id }) => identity.identities.approve(id)),
  "identity.deny": acts(byId, ({ identity }, { id }) => identity.identities.deny(id)),
  "identity.set-role": acts(newRole, (services, { id, role }) => {
    requireKnownRoles(services, role === null ? [] : [role]);
    return services.identity.identities.setRole(id, role);
  }),
  "identity.tag": acts(retagged, ({ identity }, { id, ...change }) => identity.identities.setTags(id, change)),
  "identity.accept-fingerprint": acts(byId, ({ identity }, { id }) => identity.fingerprints.accept(id)),
  "identity.fingerprint.show": reads(
    byId,
    async ({ identity }, { id }) => (await identity.fingerprints.show(id)) ?? null,
  ),
  "identity.suspend": acts(byId, ({ identity }, { id }) => identity.identities.suspend(id)),
  "identity.resume": acts(resumed, ({ identity }, { id, ...options }) => identity.identities.resume(id, options)),
  "identity.resetRecoveries": acts(recoveries, ({ identity }, { id, limit }) =>
    identity.identities.resetRecoveries(id, limit),
  ),
  "identity.revoke": acts(byId, ({ identity }, { id }) => identity.identities.revoke(id)),
  "identity.retire": acts(byId, ({ identity }, { id }) => identity.identities.retire(id)),
};
