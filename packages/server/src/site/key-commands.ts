import type { KeyOptions } from "@modwarden/identity";
import { z } from "zod";
import { requireKnownRoles } from "./known-roles.ts";
import { acts, byId, nothing, reads, type SiteCommands, text } from "./site-command.ts";

const options: z.ZodType<KeyOptions> = z.strictObject({
  kind: z.enum(["client", "device", "gateway"]),
  roles: z.array(text).max(16),
  uses: z.int().min(1).max(10_000).exactOptional(),
  expiresInMs: z.int().min(1_000).exactOptional(),
  serials: z.array(text).max(1_000).exactOptional(),
  approval: z.enum(["auto", "manual", "two"]).exactOptional(),
});

export const keyCommands: SiteCommands = {
  "key.create": acts(options, (services, asked) => {
    requireKnownRoles(services, asked.roles);
    return services.identity.keys.create(asked);
  }),
  "key.list": reads(nothing, ({ identity }) => identity.keys.list()),
  "key.revoke": acts(byId, ({ identity }, { id }) => identity.keys.revoke(id)),
};
