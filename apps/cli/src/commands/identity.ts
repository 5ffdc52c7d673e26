import type { Command } from "commander";
import { createCommand, createGroup, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { oneOf } from "../frame/options.ts";
import { table } from "../frame/table.ts";
import { noteUnknownRoles, onSite, type SiteOption, withSite } from "../site/site-option.ts";

interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly role: string | null;
  readonly state: string;
  readonly serial: string | null;
  readonly fingerprint: string | null;
  readonly expires: string | null;
}

interface JsonOption extends SiteOption {
  readonly json?: true;
}

const steps = [
  ["approve", "Approves an enrolment that waits for a person"],
  ["suspend", "Shuts an identity out until it is resumed; its open connections are closed"],
  ["resume", "Lets a suspended identity in again"],
  ["revoke", "Shuts an identity out for good; its open connections are closed"],
  ["retire", "Ends an identity and frees its id"],
] as const;

export function identityCommand(context: Context): Command {
  return createGroup(
    "identity",
    {
      summary: "The registry: who may open a session at all, and in which role",
      examples: [
        ["modwarden identity list", "everyone who is registered"],
        ["modwarden identity revoke hmi-2", "shuts one out for good, at once"],
      ],
    },
    [
      listIdentities(context),
      showIdentity(context),
      addIdentity(context),
      ...steps.map(([name, summary]) => stepCommand(context, name, summary)),
    ],
  );
}

function listIdentities(context: Context): Command {
  const command = createCommand("list", {
    summary: "Lists clients, devices and gateways",
    examples: [["modwarden identity list --json", "for a script"]],
  });
  return withSite(withJson(command)).action(async (options: JsonOption) => {
    const identities = await onSite<readonly Listed[]>(options, "identity.list", {});
    if (options.json) context.json(identities);
    else {
      const rows = identities.map(({ id, kind, role, state, expires }) => [
        id,
        kind,
        role ?? "-",
        state,
        expires ?? "-",
      ]);
      for (const line of table(["ID", "KIND", "ROLE", "STATE", "CERTIFICATE UNTIL"], rows)) context.print(line);
    }
  });
}

function showIdentity(context: Context): Command {
  const command = createCommand("show", {
    summary: "Shows everything the registry knows of one identity",
    examples: [["modwarden identity show hmi-2", "its role, state, certificate and key"]],
  });
  return withSite(withJson(command))
    .argument("<ID>", "its id in the registry")
    .action(async (id: string, options: JsonOption) => {
      const details = await onSite<Readonly<Record<string, unknown>>>(options, "identity.show", { id });
      if (options.json) context.json(details);
      else for (const [name, value] of Object.entries(details)) context.print(`${name.padEnd(18)} ${textOf(value)}`);
    });
}

function addIdentity(context: Context): Command {
  const command = createCommand("add", {
    summary: "Enters a client or device that cannot enrol itself",
    examples: [
      ["modwarden identity add legacy-hmi --kind client --role Viewer --source 10.0.0.5/32", "a plain Modbus client"],
      ["modwarden identity add pump-7 --kind device", "a device behind the gateway"],
    ],
    more: "A plain client is let in where a listener of the site file maps its address to this id (`sources`).",
  });
  return withSite(withJson(command))
    .argument("<ID>", "its id in the registry")
    .requiredOption("--kind <KIND>", "client or device", oneOf(["client", "device"]))
    .option("--role <ROLE>", "the role it acts in")
    .option("--source <CIDR>", "the network it speaks from")
    .action(
      async (
        id: string,
        options: JsonOption & { readonly kind: string; readonly role?: string; readonly source?: string },
      ) => {
        const { kind, role, source } = options;
        noteUnknownRoles(context, options, role === undefined ? [] : [role]);
        const added = await onSite<Listed>(options, "identity.add", {
          id,
          kind,
          ...(role === undefined ? {} : { role }),
          ...(source === undefined ? {} : { source }),
        });
        if (options.json) context.json(added);
        else context.print(`${added.id} is ${added.state}${added.role === null ? "" : ` as ${added.role}`}`);
      },
    );
}

function stepCommand(context: Context, name: (typeof steps)[number][0], summary: string): Command {
  const command = createCommand(name, { summary, examples: [[`modwarden identity ${name} hmi-2`, "by its id"]] });
  return withSite(withJson(command))
    .argument("<ID>", "its id in the registry")
    .action(async (id: string, options: JsonOption) => {
      const changed = await onSite<Listed>(options, `identity.${name}`, { id });
      if (options.json) context.json(changed);
      else context.print(`${changed.id} is ${changed.state}`);
    });
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
