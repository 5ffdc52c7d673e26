import { MAX_HOLD_REASON } from "@modwarden/audit";
import { z } from "zod";
import { lookSchema } from "../looks/look.ts";
import { acts, byId, needsRunning, nothing, reads, type SiteCommands } from "./site-command.ts";
import type { HoldRequest } from "./site-holds.ts";

const time = z.iso.datetime({ precision: 6 }).nullable();
const reason = z
  .string()
  .max(MAX_HOLD_REASON)
  .regex(/^[^\p{Cc}]+$/u, "a reason is one line of text");
const holdRequest: z.ZodType<HoldRequest> = z
  .strictObject({ reason, from: time, to: time })
  .refine(({ from, to }) => from === null || to === null || from <= to, { error: "it ends before it begins" });

/** What a site does about its log. */
export const auditCommands: SiteCommands = {
  "audit.hold.add": acts(holdRequest, ({ holds }, request) => holds.add(request)),
  "audit.hold.list": reads(nothing, ({ holds }) => holds.list()),
  "audit.hold.remove": acts(byId, ({ holds }, { id }) => holds.remove(id)),
  "audit.looked": needsRunning(lookSchema, ({ looks }, look) => looks.operator(look)),
};
