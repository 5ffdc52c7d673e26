import { statSync } from "node:fs";
import { enrolInto } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { readNamedFile } from "../frame/files.ts";

interface EnrolOptions {
  readonly key?: string;
  readonly name: string;
  readonly out: string;
  readonly pin?: string;
  readonly role?: string;
  readonly serial?: string;
  readonly json?: true;
}

/** The registration key in the environment, for those who have no file and no standard input to give. */
const KEY_VARIABLE = "MODWARDEN_KEY";

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
    more: `The pin comes with the key and is how the server is known: nothing secret is sent before it agrees.\nThe key is never an argument: --key names a file, - is standard input, or it stands in ${KEY_VARIABLE}.`,
  });
  return withJson(command)
    .argument("<URL>", "the enrolment endpoint, https://host:port")
    .option("--key <FILE>", "the file that holds the registration key; - is standard input")
    .requiredOption("--name <NAME>", "the id in the registry")
    .requiredOption("--out <DIR>", "where the identity is stored; must not hold one already")
    .option("--pin <P>", "sha256/… of the site's root, as it came with the key")
    .option("--role <ROLE>", "which of several allowed roles")
    .option("--serial <S>", "the serial number that the key is bound to")
    .action(async (url: string, options: EnrolOptions) => {
      const { name, out, pin, role, serial } = options;
      if (pin === undefined) {
        throw new CliError(
          "ERR_ENROLMENT_PIN",
          "--pin is missing: it comes with the key, and without it the server cannot be known",
          2,
        );
      }
      const identity = await enrolInto(out, {
        url,
        key: keyText(context, options.key),
        pin,
        name,
        ...(role === undefined ? {} : { role }),
        ...(serial === undefined ? {} : { serial }),
      });
      const { id, state } = identity;
      if (identity.state === "pending") {
        if (options.json) context.json({ id, role: identity.role, state });
        else
          context.print(
            `${id} waits for approval: \`modwarden identity approve ${id}\` at the site, then enrol continues from ${out}`,
          );
        return;
      }
      const { fingerprint, expires } = identity;
      if (options.json) context.json({ id, role: identity.role, state, fingerprint, expires });
      else
        context.print(
          `${id} is ${state}${identity.role === null ? "" : ` as ${identity.role}`}; its identity is in ${out}, until ${expires}`,
        );
    });
}

function keyText(context: Context, file: string | undefined): string {
  if (file === undefined) {
    const key = process.env[KEY_VARIABLE];
    if (key === undefined || key === "") {
      throw new CliError("ERR_USAGE", `no registration key: name its file with --key, or set ${KEY_VARIABLE}`, 2);
    }
    return key;
  }
  if (file !== "-") warnIfShared(context, file);
  return readNamedFile(file);
}

function warnIfShared(context: Context, file: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) !== 0) context.note(`warning: ${file} can be read by others (chmod 600 ${file})`);
}
