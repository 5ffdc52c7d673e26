import {
  type Authenticity,
  isOfflineKey,
  parseKeyIssuer,
  parseOfflineKey,
  parseRegistrationKey,
  type SerialRecord,
  verifyOfflineKey,
} from "@modwarden/identity";
import type { Command } from "commander";
import { keyText } from "../enrolment/key-text.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { readNamedFile } from "../frame/files.ts";
import { table } from "../frame/table.ts";
import { onSite } from "../site/site-option.ts";

interface CheckOptions {
  readonly site?: string;
  readonly issuerKey?: string;
  readonly serial?: string;
  readonly json?: true;
}

export function checkKey(context: Context): Command {
  const command = createCommand("check", {
    summary: "Checks a key: its form, its signature, and with --site whether it is one of the site's",
    examples: [
      ["modwarden key check key.txt", "form and checksum, without any site"],
      ["modwarden key check key.txt --issuer-key factory-3.key.pub", "an offline key by its issuer's public key alone"],
      ["modwarden key check - --site site.yaml --serial SN1", "whether a label is authentic, and its claims"],
      ["modwarden key check --serial SN1 --site site.yaml", "what the site knows of a serial number"],
    ],
    more: "Ends with 1 when it is not authentic, 2 when it is no key.\nNothing is used up.",
  });
  return withJson(command)
    .argument("[FILE]", "the file that holds the key; - is standard input")
    .option("--site <FILE>", "ask this site")
    .option("--issuer-key <FILE>", "the issuer's public file")
    .option("--serial <S>", "the serial number on the device")
    .action(async (file: string | undefined, options: CheckOptions) => {
      if (file === undefined) await checkSerial(context, options);
      else await check(context, await keyText(context, file), options);
    });
}

async function checkSerial(context: Context, { site, serial, json }: CheckOptions): Promise<void> {
  if (serial === undefined || site === undefined) {
    throw new CliError("ERR_USAGE", "name the file of a key, or --serial and --site", 2);
  }
  const records = await onSite<readonly SerialRecord[]>({ site }, "key.serial", { serial });
  if (records.length === 0) context.endWith(1);
  if (json) context.json({ serial, known: records.length > 0, records });
  else if (records.length === 0) context.print(`nothing here has the serial number ${serial}`);
  else {
    const rows = records.map(({ identity, state, key, model, claims }) => [
      identity ?? "-",
      state,
      key ?? "-",
      model ?? "-",
      said(claims),
    ]);
    for (const line of table(["IDENTITY", "STATE", "KEY", "MODEL", "CLAIMS"], rows)) context.print(line);
  }
}

async function check(context: Context, text: string, options: CheckOptions): Promise<void> {
  const form = await checkForm(context, text, options.issuerKey);
  if (options.site === undefined) {
    if (options.json) context.json(form);
    else for (const [name, value] of Object.entries(form)) context.print(`${name.padEnd(13)}${plain(name, value)}`);
    return;
  }
  const { serial } = options;
  const asked = { key: text.trim(), ...(serial === undefined ? {} : { serial }) };
  const answer = await onSite<Authenticity>({ site: options.site }, "key.check", asked);
  if (!answer.authentic) context.endWith(1);
  if (options.json) context.json(answer);
  else if (!answer.authentic) context.print(`not authentic (correlation code ${answer.correlation})`);
  else {
    const used = answer.used ? "something enrolled by it already" : "not used yet";
    context.print(`authentic: ${answer.kind}, key ${answer.key}, model ${answer.model ?? "-"}, ${used}`);
    if (Object.keys(answer.claims).length > 0) context.print(said(answer.claims));
  }
}

/** Without a site: what the text itself shows. Errors: ERR_KEY_MALFORMED, ERR_KEY_ISSUER, ERR_KEY_FILE */
async function checkForm(
  context: Context,
  text: string,
  issuerFile: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  if (!isOfflineKey(text)) return { form: "token", id: parseRegistrationKey(text).id, checksum: "fits" };
  if (issuerFile === undefined) return { form: "offline", signature: "not checked", ...parseOfflineKey(text).claims };
  const issuer = parseKeyIssuer(await readNamedFile(context.terminal, issuerFile));
  const claims = verifyOfflineKey(text, issuer);
  const ended = claims.expires * 1000 <= Date.now();
  if (ended) context.endWith(1);
  return { form: "offline", signature: `of ${issuer.name}`, state: ended ? "expired" : "valid", ...claims };
}

function said(claims: Readonly<Record<string, string>>): string {
  return Object.entries(claims)
    .map(([name, value]) => `${name}: ${value}`)
    .join(", ");
}

/** A signed key counts seconds since 1970; a person reads dates. */
function plain(name: string, value: unknown): string {
  if (typeof value === "number" && (name === "notBefore" || name === "expires")) {
    return new Date(value * 1000).toISOString();
  }
  if (Array.isArray(value)) return value.length === 0 ? "-" : value.join(", ");
  if (typeof value === "object" && value !== null) return said(value as Readonly<Record<string, string>>);
  return String(value);
}
