import type { CreatedKey } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { collect, wholeNumber } from "../frame/options.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";
import { type CommonOptions, commonOf, serialsIn, withCommon } from "./key-options.ts";
import { type ShowOptions, showMany, showOne } from "./shown.ts";

interface CreateOptions extends SiteOption, CommonOptions, ShowOptions {
  readonly uses?: number;
  readonly serial?: readonly string[];
  readonly name?: string;
  readonly unit?: number;
  readonly host?: readonly string[];
  readonly count?: number;
  readonly serials?: string;
  readonly json?: true;
}

export function createKey(context: Context): Command {
  const command = createCommand("create", {
    summary: "Makes a registration key; it is shown once",
    examples: [
      ["modwarden key create --kind client --role Operator", "one use, 24 hours"],
      ["modwarden key create --kind client --role Viewer --expires 7d --qr", "with a QR code of its label"],
      ["modwarden key create --kind device --serial SN1 --serial SN2 --uses 2", "for two devices by serial number"],
      [
        "modwarden key create --kind device --name meter-7 --unit 7 --svg label.svg",
        "for one id, with a printable label",
      ],
      [
        "modwarden key create --kind device --serials serials.txt --expires 30d > keys.csv",
        "one key for each serial number",
      ],
      ["modwarden key create --kind client --role Operator --approval two", "two people have to approve"],
    ],
    more: "Hand over the key and the pin together: enrolment checks the server by the pin.\nWith --count or --serials every key has one line: CSV with a header, or JSON with --json.",
  });
  return withSite(withJson(withCommon(command)))
    .option("--uses <N>", "how many may enrol with it", wholeNumber(1, 10_000))
    .option("--serial <S>", "a serial number it is bound to", collect)
    .option("--name <ID>", "the one id it is for; kept in the registry from now on")
    .option("--unit <N>", "the unit that the device gets", wholeNumber(1, 247))
    .option("--host <NAME>", "a host name or address of a gateway or device that serves", collect)
    .option("--count <N>", "so many keys of this kind", wholeNumber(1, 10_000))
    .option("--serials <FILE>", "a key for each serial number of a file, one a line; - is standard input")
    .option("--qr", "show the label as a QR code too")
    .option("--svg <FILE>", "write a printable sheet of labels with QR codes")
    .action(async (options: CreateOptions) => {
      const { uses, serial, name, unit, host, count, serials } = options;
      const key = {
        ...commonOf(options),
        ...(uses === undefined ? {} : { uses }),
        ...(serial === undefined ? {} : { serials: serial }),
        ...(name === undefined ? {} : { identity: name }),
        ...(unit === undefined ? {} : { unit }),
        ...(host === undefined ? {} : { names: host }),
      };
      if (count === undefined && serials === undefined) {
        const created = await onSite<CreatedKey>(options, "key.create", key);
        const { note } = options;
        const [only, ...others] = serial ?? [];
        showOne(context, created, options, {
          ...(only === undefined || others.length > 0 ? {} : { serial: only }),
          ...(note === undefined ? {} : { note }),
        });
      } else {
        const many = serials === undefined ? { count } : { serials: await serialsIn(context, serials) };
        const created = await onSite<readonly CreatedKey[]>(options, "key.create-many", { options: key, many });
        showMany(context, created, options);
        const [first] = created;
        if (first !== undefined) context.note(`${created.length} keys; the pin of all is ${first.pin}`);
      }
      if (!options.json) context.note("The key is not kept in a readable form: note it now.");
    });
}
