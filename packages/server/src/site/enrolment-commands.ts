import { carriedRequest } from "@modwarden/identity";
import { z } from "zod";
import { acts, type SiteCommands } from "./site-command.ts";

/** More than the endpoint takes, for a file may have been edited by a person. */
const MAX_CHARACTERS = 65_536;

const request: z.ZodType<{ readonly request: string; readonly confirmWithinMs?: number }> = z.strictObject({
  request: z.string().min(1).max(MAX_CHARACTERS),
  confirmWithinMs: z.int().min(60_000).exactOptional(),
});
const confirmation: z.ZodType<{ readonly confirmation: string }> = z.strictObject({
  confirmation: z.string().min(1).max(MAX_CHARACTERS),
});

/** The site's side of an air gap. */
export const enrolmentCommands: SiteCommands = {
  "enrolment.sign": acts(request, async ({ identity }, asked) => {
    const enrolment = await identity.enrol(carriedRequest(asked.request, asked.confirmWithinMs));
    const { id, role, state } = enrolment;
    if (enrolment.state === "pending") return { id, role, state };
    const { fingerprint, expires, confirmBy, bundle } = enrolment;
    return { id, role, state, fingerprint, expires, confirmBy, bundle };
  }),
  "enrolment.confirm": acts(confirmation, ({ identity }, asked) => identity.confirmCarried(asked.confirmation)),
};
