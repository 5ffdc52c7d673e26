import type { IssuerTrust } from "@modwarden/identity";
import { z } from "zod";
import { batchOptions, identityKind } from "./key-options.ts";
import { requireKnownRoles } from "./known-roles.ts";
import { acts, byId, nothing, reads, type SiteCommands, text } from "./site-command.ts";

const trust: z.ZodType<IssuerTrust> = z.strictObject({
  file: z.string().min(1).max(4096),
  kinds: z.array(identityKind).min(1).max(3),
  roles: z.array(text).max(16),
});
const byName: z.ZodType<{ readonly name: string }> = z.strictObject({ name: text });
const derivation: z.ZodType<{ readonly name: string; readonly serials: readonly string[] }> = z.strictObject({
  name: text,
  serials: z.array(text).min(1).max(10_000),
});

/** Where keys come from that the site does not make one by one: issuers who sign them, batches they are derived from. */
export const keySourceCommands: SiteCommands = {
  "key.issuer.trust": acts(trust, (services, asked) => {
    requireKnownRoles(services, asked.roles);
    return services.identity.keys.issuers.trust(asked);
  }),
  "key.issuer.list": reads(nothing, ({ identity }) => identity.keys.issuers.list()),
  "key.issuer.revoke": acts(byId, ({ identity }, { id }) => identity.keys.issuers.revoke(id)),
  "key.batch.create": acts(z.strictObject({ name: text, options: batchOptions }), (services, { name, options }) => {
    requireKnownRoles(services, options.roles);
    return services.identity.keys.batches.create(name, options);
  }),
  "key.batch.derive": reads(derivation, ({ identity }, { name, serials }) =>
    identity.keys.batches.derive(name, serials),
  ),
  "key.batch.export": acts(byName, ({ identity }, { name }) => identity.keys.batches.export(name)),
};
