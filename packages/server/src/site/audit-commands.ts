import { lookSchema } from "../looks/look.ts";
import { needsRunning, type SiteCommands } from "./site-command.ts";

/** What a running site does about its log. */
export const auditCommands: SiteCommands = {
  "audit.looked": needsRunning(lookSchema, ({ looks }, look) => looks.operator(look)),
};
