import type { RefusalQuery } from "@modwarden/identity";
import { z } from "zod";
import { byId, reads, type SiteCommands, text } from "./site-command.ts";

const byCode: z.ZodType<{ readonly code: string }> = z.strictObject({ code: text });
const query: z.ZodType<RefusalQuery> = z.strictObject({
  limit: z.int().min(1).max(1000).exactOptional(),
  key: text.exactOptional(),
  name: text.exactOptional(),
});

/** Who was refused, and why: what the person with a correlation code is told by the administrator. */
export const refusalCommands: SiteCommands = {
  "identity.why": reads(byCode, ({ identity }, { code }) => identity.refusals.why(code)),
  "identity.refusals": reads(query, ({ identity }, asked) => identity.refusals.list(asked)),
  "key.show": reads(byId, ({ identity }, { id }) => identity.keys.show(id)),
};
