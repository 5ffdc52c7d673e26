import { randomBytes } from "node:crypto";
import { parseSigningKeyIssuer, signOfflineKey } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { readNamedFile } from "../frame/files.ts";
import { collect, wholeNumber } from "../frame/options.ts";
import { type CommonOptions, commonOf, withCommon } from "./key-options.ts";
import { type ShowOptions, showOne } from "./shown.ts";

const DAY_MS: number = 24 * 3_600_000;

interface SignOptions extends CommonOptions, ShowOptions {
  readonly issuer: string;
  readonly pin: string;
  readonly siteName?: string;
  readonly uses?: number;
  readonly serial?: readonly string[];
  readonly name?: string;
  readonly unit?: number;
  readonly json?: true;
}

export function signKey(context: Context): Command {
  const command = createCommand("sign", {
    summary: "Signs a registration key without the site: at a factory, on a laptop",
    examples: [
      ["modwarden key sign --issuer factory-3.key --pin sha256/… --kind device --serial SN1", "for one device"],
      ["modwarden key sign --issuer factory-3.key --pin sha256/… --kind device --role Meter --expires 30d", "as Meter"],
    ],
    more: "It holds for 30 days at most. Several uses need as many serial numbers.\nThe site takes it when it trusts the issuer (`key issuer trust`), and counts its uses.",
  });
  return withJson(withCommon(command))
    .requiredOption("--issuer <FILE>", "the issuer's private file")
    .requiredOption("--pin <P>", "sha256/… of the site that it is for")
    .option("--site-name <NAME>", "the site's name, for people")
    .option("--uses <N>", "how many may enrol with it", wholeNumber(1, 64))
    .option("--serial <S>", "a serial number it is bound to", collect)
    .option("--name <ID>", "the one id that may be registered with it")
    .option("--unit <N>", "the unit that the device gets", wholeNumber(1, 247))
    .option("--qr", "show it as a QR code too")
    .option("--svg <FILE>", "write a printable label with QR codes")
    .action(async (options: SignOptions) => {
      const { pin, siteName, uses, serial, name, unit, certificate, source, note } = options;
      if (source !== undefined || note !== undefined) {
        throw new CliError("ERR_USAGE", "an offline key has no --source and no --note: its site cannot be asked", 2);
      }
      const { certificateLifetimeMs: _, ...common } = commonOf(options);
      const issuer = parseSigningKeyIssuer(await readNamedFile(context.terminal, options.issuer));
      const { key, claims } = signOfflineKey(
        issuer,
        {
          ...common,
          pin,
          ...(siteName === undefined ? {} : { site: siteName }),
          ...(uses === undefined ? {} : { uses }),
          ...(serial === undefined ? {} : { serials: serial }),
          ...(name === undefined ? {} : { identity: name }),
          ...(unit === undefined ? {} : { unit }),
          ...(certificate === undefined ? {} : { certificateDays: Math.max(1, Math.round(certificate / DAY_MS)) }),
        },
        { now: new Date(), random: randomBytes },
      );
      const expires = new Date(claims.expires * 1000).toISOString();
      showOne(context, { id: `${claims.issuer}.${claims.id}`, key, expires, pin }, options);
    });
}
