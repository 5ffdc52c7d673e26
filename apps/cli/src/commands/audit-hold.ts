import type { Command } from "commander";
import { timeText } from "../audit/time-text.ts";
import { createCommand, createGroup, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { DEFAULT_SITE } from "../frame/site.ts";
import { table } from "../frame/table.ts";
import { onSite, withSite } from "../site/site-option.ts";

interface Hold {
  readonly id: string;
  readonly reason: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly t: string;
}

interface HoldOptions {
  readonly site: string;
  readonly json?: true;
}

interface AddOptions extends HoldOptions {
  readonly reason: string;
  readonly from?: number;
  readonly to?: number;
}

export function auditHoldCommand(context: Context): Command {
  return createGroup(
    "hold",
    {
      summary: "Legal holds: records that must not be removed, whatever the site keeps",
      examples: [
        ['modwarden audit hold add --reason "case 4711" --from 2026-11-01 --to 2026-11-21', "of three weeks"],
        ["modwarden audit hold list", "what is on hold"],
        ["modwarden audit hold remove hold-1", "lifts one"],
      ],
    },
    [addCommand(context), listCommand(context), removeCommand(context)],
  );
}

function addCommand(context: Context): Command {
  const command = createCommand("add", {
    summary: "Keeps the records of a time until the hold is lifted",
    examples: [
      ['modwarden audit hold add --reason "case 4711" --from 2026-11-01', `of ./${DEFAULT_SITE}, from then on`],
      ['modwarden audit hold add --reason "recall of the authority"', "everything that there is, and that comes"],
    ],
    more: "It is on record in the log. What was removed before cannot be brought back; whole segments are kept.",
  });
  const time = timeText(Date.now());
  return withSite(withJson(command))
    .requiredOption("--reason <TEXT>", "why")
    .option("--from <TIME>", "records of that time or later", time)
    .option("--to <TIME>", "records up to that time", time)
    .action(async ({ site, json, reason, from, to }: AddOptions) => {
      const request = { reason, from: recordTime(from), to: recordTime(to) };
      const hold = await onSite<Hold>({ site }, "audit.hold.add", request);
      if (json) context.json(hold);
      else context.print(`${hold.id} holds ${stretchOf(hold)}`);
    });
}

function listCommand(context: Context): Command {
  const command = createCommand("list", {
    summary: "Shows what is on hold",
    examples: [["modwarden audit hold list --json", "for scripts"]],
  });
  return withSite(withJson(command)).action(async ({ site, json }: HoldOptions) => {
    const holds = await onSite<readonly Hold[]>({ site }, "audit.hold.list", {});
    if (json) context.json(holds);
    else if (holds.length === 0) context.print("nothing is on hold");
    else {
      const rows = holds.map((hold) => [hold.id, hold.t, stretchOf(hold), hold.reason]);
      for (const line of table(["id", "since", "holds", "reason"], rows)) context.print(line);
    }
  });
}

function removeCommand(context: Context): Command {
  const command = createCommand("remove", {
    summary: "Lifts a hold: what is old enough is removed soon after",
    examples: [["modwarden audit hold remove hold-1", "it is on record in the log who held what, and until when"]],
  });
  return withSite(withJson(command))
    .argument("<ID>", "of the hold")
    .action(async (id: string, { site, json }: HoldOptions) => {
      const hold = await onSite<Hold>({ site }, "audit.hold.remove", { id });
      if (json) context.json(hold);
      else context.print(`${hold.id} is lifted: it held ${stretchOf(hold)}`);
    });
}

/** As records have it. */
function recordTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString().replace("Z", "000Z");
}

function stretchOf({ from, to }: Hold): string {
  if (from === null && to === null) return "everything";
  return [from === null ? "" : `from ${from}`, to === null ? "" : `to ${to}`].join(" ").trim();
}
