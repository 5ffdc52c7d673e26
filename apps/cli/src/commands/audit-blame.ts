import { blame } from "@modwarden/audit";
import type { BlameView } from "@modwarden/server";
import type { Command } from "commander";
import { looked } from "../audit/looked.ts";
import { type IndexOptions, noteDamage, openIndex, withIndex } from "../audit/open-index.ts";
import { askedDevice } from "../audit/site-profile.ts";
import { timeText } from "../audit/time-text.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { wholeNumber } from "../frame/options.ts";

interface BlameOptions extends IndexOptions {
  readonly since?: number;
  readonly lines: number;
  readonly refused?: true;
  readonly json?: true;
}

export function auditBlameCommand(context: Context): Command {
  const command = createCommand("blame", {
    summary: "Lists who wrote a point or a register, the newest first",
    examples: [
      ["modwarden audit blame drive setpoint", "who wrote the setpoint of the drive, from what to what"],
      ["modwarden audit blame drive holding:50009 --since -7d --refused", "a register, and what was refused as well"],
      ["modwarden audit blame drive setpoint --log copy/audit --json", "from a folder that holds a log"],
    ],
    more:
      "What a point means is known from the site's file; from a bare folder values are raw. `confirmed` is what the " +
      "device has answered; what was read afterwards stands behind it.",
  });
  return withIndex(withJson(command))
    .argument("<device>", "the id of the device")
    .argument("<what>", "a point, or a place: holding:50009, coil:3-7")
    .option("--since <TIME>", "not what was before: 2026-11-21, today, -2h", timeText(Date.now()))
    .option("-n, --lines <N>", "how many writes", wholeNumber(1, 100_000), 20)
    .option("--refused", "also what was refused or never sent")
    .action(async (device: string, what: string, { json, since, lines, refused, ...options }: BlameOptions) => {
      const { blamedPlace, blameView } = await import("@modwarden/server");
      const { profile, unknown } = await askedDevice(device, options, what);
      const wanted = blamedPlace(what, profile);
      const index = await openIndex(context, options);
      try {
        const query = { device, what, ...(since === undefined ? {} : { since: new Date(since).toISOString() }) };
        const times = since === undefined ? {} : { since };
        const found = blame(index, { device, ...wanted, ...times, refused: refused === true, limit: lines });
        await looked(context, options, { action: "blame", query, records: found.writes.length });
        for (const write of found.writes) {
          const view = blameView(write, profile);
          if (json) context.json(view);
          else context.print(blameLine(context, view));
        }
        if (found.writes.length === 0) {
          context.note(`no write of ${device} ${what} is on record`);
          if (unknown !== undefined) context.note(unknown);
        }
        if (found.next !== undefined) context.note("there are more: -n N shows them");
        noteDamage(context, index, found.damaged);
      } finally {
        index.close();
      }
    });
}

/** "1841 2026-11-21T09:14:03.120771Z hmi-2 (Operator) 10.0.0.5:49152: 40 % -> 45 % (raw 6554 -> 7373), rule setpoint, confirmed, read back" */
function blameLine(context: Context, write: BlameView): string {
  const { seq, t, subject, source, table, address, before, after, decision, outcome, approval, readBack } = write;
  const raw = (values: readonly (number | null)[]): string => values.map((value) => value ?? "?").join(" ");
  const said = Object.entries(write.said ?? {}).map(
    ([point, text]) => `${point} ${text.before ?? "?"} -> ${text.after ?? "?"}`,
  );
  const values = `${table} ${address} ${raw(before)} -> ${raw(after)}`;
  const rules = Array.isArray(decision["rules"]) ? decision["rules"].join(", ") : "";
  const parts = [
    said.length === 0 ? values : `${said.join(", ")} (${values})`,
    ...(rules === "" ? [] : [`rule ${rules}`]),
    ...(approval === undefined ? [] : [`approval ${approval}`]),
    `policy ${String(decision["policy"])}`,
    context.paint(outcome === "confirmed" ? "green" : "yellow", outcomeText(write)),
    ...(readBack === undefined ? [] : [readBackText(readBack)]),
  ];
  const who = `${String(subject["id"] ?? "nobody")} (${String(subject["role"] ?? "no role")})`;
  return `${seq} ${t} ${who} ${source}: ${parts.join(", ")}`;
}

function outcomeText({ outcome, exception, decision }: BlameView): string {
  const why = String(decision["failed"] ?? decision["because"] ?? "");
  if (outcome === "refused" && why !== "") return `refused: ${why}`;
  return `${outcome}${exception === undefined ? "" : `, exception ${exception}`}`;
}

function readBackText({ agrees, values, seq }: NonNullable<BlameView["readBack"]>): string {
  if (agrees === true) return `read back in ${seq}`;
  return `later ${values.map((value) => value ?? "?").join(" ")} in ${seq}`;
}
