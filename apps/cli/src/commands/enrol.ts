import { claimInto, enrolInto, isPin } from "@modwarden/identity";
import type { Command } from "commander";
import { documentOf, sentenceOf } from "../enrolment/answer.ts";
import { KEY_VARIABLE, keyText } from "../enrolment/key-text.ts";
import { waitsIn } from "../enrolment/waiting.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { readNamedFile } from "../frame/files.ts";
import { usage } from "../request/place.ts";
import { recoverCommand } from "./recover.ts";
import { renewCommand } from "./renew.ts";

interface EnrolOptions {
  readonly key?: string;
  readonly name?: string;
  readonly out?: string;
  readonly pin?: string;
  readonly role?: string;
  readonly serial?: string;
  readonly ownKey?: string;
  readonly json?: true;
}

const PIN_FORM = 'a pin is "sha256/" and 44 characters of base64, as it came with the key';

export function enrolCommand(context: Context): Command {
  const command = createCommand("enrol", {
    summary: "Registers with a site and stores the identity: a new key pair, its certificate, the chain",
    examples: [
      ["modwarden enrol https://gw1:8443 --key key.txt --pin sha256/… --name hmi-2 --out ./hmi-2", "key from a file"],
      [
        "pass show plant/key | modwarden enrol https://gw1:8443 --key - --pin sha256/… --name hmi-2 --out ./hmi-2",
        "from a pipe",
      ],
    ],
    more: `Where a person has to approve, the same command later fetches the certificate.\nThe pin comes with the key and is how the server is known: nothing secret is sent before it agrees.\nThe key is never an argument: --key names a file, - is standard input, or it stands in ${KEY_VARIABLE}.`,
  });
  // A required option would be required of the subcommands as well, and one behind a subcommand is that one's.
  return withJson(command)
    .enablePositionalOptions()
    .addCommand(renewCommand(context))
    .addCommand(recoverCommand(context))
    .argument("<URL>", "the enrolment endpoint, https://host:port")
    .option("--key <FILE>", "the file that holds the registration key; - is standard input")
    .option("--name <NAME>", "the id in the registry; has to be given")
    .option("--out <DIR>", "where the identity is stored; has to be given, and must not hold one already")
    .option("--pin <P>", "sha256/… of the site's root, as it came with the key")
    .option("--role <ROLE>", "which of several allowed roles")
    .option("--serial <S>", "the serial number that the key is bound to")
    .option("--own-key <FILE>", "the device's own private key (PEM); imported at the site, it needs no --key")
    .action(async (url: string, options: EnrolOptions) => {
      const { name, out, pin, role, serial, ownKey } = options;
      if (name === undefined || out === undefined) return usage("--name and --out have to be given");
      if (pin === undefined) {
        throw new CliError(
          "ERR_ENROLMENT_PIN",
          "--pin is missing: it comes with the key, and without it the server cannot be known",
          2,
        );
      }
      if (!isPin(pin)) throw new CliError("ERR_ENROLMENT_PIN", PIN_FORM, 2);
      const identity = waitsIn(out, { id: name, url, pin })
        ? await claimInto(out)
        : await enrolInto(out, {
            url,
            key: options.key === undefined && ownKey !== undefined ? "" : await keyText(context, options.key),
            pin,
            name,
            ...(role === undefined ? {} : { role }),
            ...(serial === undefined ? {} : { serial }),
            ...(ownKey === undefined ? {} : { keyPair: await readNamedFile(context.terminal, ownKey) }),
          });
      if (options.json) context.json(documentOf(identity));
      else context.print(sentenceOf(identity, out));
    });
}
