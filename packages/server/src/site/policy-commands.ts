import { z } from "zod";
import type { ApplyRequest } from "../policy/site-policies.ts";
import { acts, reads, type SiteCommands, text } from "./site-command.ts";

/** As many characters as a document may have. */
const MAX_TEXT = 4 * 1024 * 1024;
/** As many as are kept. */
const MAX_LISTED = 100;

const comment = z.string().min(1).max(1000);

const applied: z.ZodType<ApplyRequest> = z.strictObject({
  text: z.string().max(MAX_TEXT),
  file: text,
  comment: comment.exactOptional(),
  skipTests: z.boolean().exactOptional(),
});

const rolledBack: z.ZodType<{ readonly version?: number; readonly comment?: string }> = z.strictObject({
  version: z.int().min(1).exactOptional(),
  comment: comment.exactOptional(),
});

const listed: z.ZodType<{ readonly most?: number }> = z.strictObject({
  most: z.int().min(1).max(MAX_LISTED).exactOptional(),
});

export const policyCommands: SiteCommands = {
  "policy.apply": acts(applied, ({ policies, identity }, request) => policies.apply(request, identity)),
  "policy.rollback": acts(rolledBack, ({ policies, identity }, request) => policies.rollback(request, identity)),
  "policy.history": reads(listed, ({ policies }, { most }) => policies.history(most)),
};
