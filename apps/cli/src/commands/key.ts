import { formatLabel, parseRegistrationKey } from "@modwarden/identity";
import type { Command } from "commander";
import { renderUnicodeCompact } from "uqr";
import { createCommand, createGroup, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { duration } from "../frame/duration.ts";
import { collect, oneOf, wholeNumber } from "../frame/options.ts";
import { table } from "../frame/table.ts";
import { showKey } from "../key/show.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

interface CreateOptions extends SiteOption {
  readonly kind: "client" | "device" | "gateway";
  readonly role?: readonly string[];
  readonly uses?: number;
  readonly expires?: number;
  readonly serial?: readonly string[];
  readonly approval?: "auto" | "manual";
  readonly qr?: true;
  readonly json?: true;
}

interface Created {
  readonly id: string;
  readonly key: string;
  readonly expires: string;
  readonly pin: string;
}

interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly roles: readonly string[];
  readonly state: string;
  readonly uses: number;
  readonly used: number;
  readonly expires: string;
}

export function keyCommand(context: Context): Command {
  return createGroup(
    "key",
    {
      summary: "Registration keys: make, list and revoke them",
      examples: [
        ["modwarden key create --kind client --role Operator", "one use, 24 hours; shown once, with the pin"],
        ["modwarden key list", "what is left of them"],
      ],
    },
    [createKey(context), listKeys(context), showKey(context), revokeKey(context)],
  );
}

function createKey(context: Context): Command {
  const command = createCommand("create", {
    summary: "Makes a registration key; it is shown once",
    examples: [
      ["modwarden key create --kind client --role Operator", "one use, 24 hours"],
      ["modwarden key create --kind client --role Viewer --expires 7d --qr", "with a QR code of its label"],
      ["modwarden key create --kind device --serial SN1 --serial SN2 --uses 2", "for two devices by serial number"],
    ],
    more: "Hand over the key and the pin together: enrolment checks the server by the pin. A role has to be one of the policy's.",
  });
  return withSite(withJson(command))
    .requiredOption("--kind <KIND>", "client, device or gateway", oneOf(["client", "device", "gateway"]))
    .option("--role <ROLE>", "a role it may be given; several make a choice", collect)
    .option("--uses <N>", "how many may enrol with it", wholeNumber(1, 10_000))
    .option("--expires <DURATION>", "how long it holds, such as 24h", duration)
    .option("--serial <S>", "a serial number it is bound to", collect)
    .option("--approval <HOW>", "auto or manual", oneOf(["auto", "manual"]))
    .option("--qr", "show the label as a QR code too")
    .action(async (options: CreateOptions) => {
      const { kind, role, uses, expires, serial, approval } = options;
      const created = await onSite<Created>(options, "key.create", {
        kind,
        roles: role ?? [],
        ...(uses === undefined ? {} : { uses }),
        ...(expires === undefined ? {} : { expiresInMs: expires }),
        ...(serial === undefined ? {} : { serials: serial }),
        ...(approval === undefined ? {} : { approval }),
      });
      if (options.json) {
        context.json(created);
        return;
      }
      const label = formatLabel(parseRegistrationKey(created.key));
      context.print(`key      ${created.key}`);
      context.print(`label    ${label}`);
      context.print(`pin      ${created.pin}`);
      context.print(`expires  ${created.expires}`);
      if (options.qr) context.print(renderUnicodeCompact(label, { ecc: "M" }));
      context.note("The key is not kept in a readable form: note it now.");
    });
}

function listKeys(context: Context): Command {
  const command = createCommand("list", {
    summary: "Lists registration keys and what is left of them",
    examples: [["modwarden key list --site site.yaml", "of one site"]],
  });
  return withSite(withJson(command)).action(async (options: SiteOption & { readonly json?: true }) => {
    const keys = await onSite<readonly Listed[]>(options, "key.list", {});
    if (options.json) context.json(keys);
    else {
      const rows = keys.map((key) => [
        key.id,
        key.kind,
        key.roles.join(",") || "-",
        key.state,
        `${key.used}/${key.uses}`,
        key.expires,
      ]);
      for (const line of table(["ID", "KIND", "ROLES", "STATE", "USED", "EXPIRES"], rows)) context.print(line);
    }
  });
}

function revokeKey(context: Context): Command {
  const command = createCommand("revoke", {
    summary: "Revokes a registration key",
    examples: [["modwarden key revoke 5M3Y0RKT", "by its id; the id is no secret"]],
  });
  return withSite(withJson(command))
    .argument("<ID>", "the key's id")
    .action(async (id: string, options: SiteOption & { readonly json?: true }) => {
      await onSite(options, "key.revoke", { id });
      if (options.json) context.json({ id, state: "revoked" });
      else context.print(`key ${id} is revoked`);
    });
}
