import type { KeyDetails } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { table } from "../frame/table.ts";
import { refusalTable } from "../identity/refusals.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

/** A list on one line of a terminal. */
const SHOWN = 8;
const DAY_MS: number = 24 * 3_600_000;

export function showKey(context: Context): Command {
  const command = createCommand("show", {
    summary: "Shows one key: what it allows, who enrolled with it, and who was refused",
    examples: [
      ["modwarden key show 5M3Y0RKT", "by its id; the id is no secret"],
      ["modwarden key show 5M3Y0RKT --json", "for a script"],
    ],
  });
  return withSite(withJson(command))
    .argument("<ID>", "the key's id")
    .action(async (id: string, options: SiteOption & { readonly json?: true }) => {
      const key = await onSite<KeyDetails>(options, "key.show", { id });
      if (options.json) context.json(key);
      else for (const line of linesOf(key)) context.print(line);
    });
}

function linesOf(key: KeyDetails): readonly string[] {
  const ended = key.reason === null ? "" : ` (${key.reason})`;
  const identities = key.identities.map(({ id, state }) => `${id} (${state})`);
  const lines = [
    ["id", key.id],
    ["state", `${key.state}${ended}, ${key.used} of ${key.uses} uses`],
    ["kind", key.kind],
    ["roles", short(key.roles, "none: the NULL role")],
    ["approval", key.approval],
    ["created", key.created],
    ["expires", key.expires],
    ["revoked", key.revoked ?? ""],
    ["for", key.name ?? ""],
    ["serials", short(key.serials, "")],
    ["model", key.model ?? ""],
    ["unit", key.unit === null ? "" : String(key.unit)],
    ["sources", short(key.sources, "")],
    ["names", short(key.names, "")],
    ...Object.entries(key.claims).map(([name, value]) => ["claim", `${name}: ${value}`]),
    ["form", `${key.form}${key.issuer === null ? "" : ` of ${key.issuer}`}`],
    ["note", key.note ?? ""],
    ["certificate", `${Math.round(key.certificateLifetimeMs / DAY_MS)} days`],
    ["enrolled", short(identities, "nobody")],
  ];
  const history = key.history.map(({ time, event, id, source }) => [time, event, id ?? "-", source ?? "-"]);
  return [
    ...lines.flatMap(([name = "", value = ""]) => (value === "" ? [] : [`${name.padEnd(13)}${value}`])),
    ...(history.length === 0 ? [] : ["", ...table(["TIME", "EVENT", "NAME", "FROM"], history)]),
    ...(key.refusals.length === 0 ? [] : ["", "refused:", ...refusalTable(key.refusals)]),
  ];
}

function short(list: readonly string[], none: string): string {
  if (list.length === 0) return none;
  const rest = list.length - SHOWN;
  return `${list.slice(0, SHOWN).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
