import type { Command } from "commander";
import { createGroup } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { addIdentity } from "../identity/add.ts";
import { verdictCommand } from "../identity/approve.ts";
import { showFingerprint } from "../identity/fingerprint.ts";
import { listIdentities } from "../identity/list.ts";
import { recoveriesCommand } from "../identity/recoveries.ts";
import { listRefusals } from "../identity/refusals.ts";
import { setRole } from "../identity/set-role.ts";
import { identityHistory, showIdentity } from "../identity/show.ts";
import { stepCommand, steps } from "../identity/step.ts";
import { tagIdentity } from "../identity/tag.ts";
import { whyRefused } from "../identity/why.ts";

export function identityCommand(context: Context): Command {
  return createGroup(
    "identity",
    {
      summary: "The registry: who may open a session at all, and in which role",
      examples: [
        ["modwarden identity list", "everyone who is registered"],
        ["modwarden identity revoke hmi-2", "shuts one out for good, at once"],
        ["modwarden identity why YAHQXBQ1", "why somebody was refused, by their correlation code"],
      ],
    },
    [
      listIdentities(context),
      showIdentity(context),
      showFingerprint(context),
      identityHistory(context),
      verdictCommand(context, "approve"),
      verdictCommand(context, "deny"),
      whyRefused(context),
      listRefusals(context),
      addIdentity(context),
      recoveriesCommand(context),
      setRole(context),
      tagIdentity(context),
      ...steps.map(([name, summary]) => stepCommand(context, name, summary)),
    ],
  );
}
