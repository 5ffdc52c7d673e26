import { requestInto } from "@modwarden/identity";
import type { Command } from "commander";
import { renderUnicodeCompact } from "uqr";
import { createCommand } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { writeSecret } from "../key/shown.ts";
import { type DeviceOptions, deviceOf, withDevice } from "./device-options.ts";
import { keyText } from "./key-text.ts";

interface RequestOptions extends DeviceOptions {
  readonly key?: string;
  readonly name: string;
  readonly out: string;
  readonly pin: string;
  readonly role?: string;
  readonly file?: string;
  readonly qr?: true;
}

export function requestCommand(context: Context): Command {
  const command = createCommand("request", {
    summary: "Writes the request of a device that has no way to the site, to be carried there",
    examples: [
      [
        "modwarden enrol request --key key.txt --name pump-7 --pin sha256/… --out ./pump-7 --file pump-7.request",
        "at the device",
      ],
      ["modwarden enrol sign pump-7.request --out pump-7.bundle", "then at the site"],
      ["modwarden enrol accept pump-7.bundle --out ./pump-7", "and at the device again"],
    ],
    more: "The key pair is made here and stays in the folder. The request holds the registration key: keep it like one, until it is used.",
  });
  return withDevice(command)
    .option("--key <FILE>", "the file that holds the registration key; - is standard input")
    .requiredOption("--name <NAME>", "the id in the registry")
    .requiredOption("--out <DIR>", "where the key pair is kept, and the identity later")
    .requiredOption("--pin <P>", "sha256/… of the site's root, as it came with the key")
    .option("--role <ROLE>", "which of several allowed roles")
    .option("--file <FILE>", "where the request goes (mode 0600); standard output otherwise")
    .option("--qr", "draws it as a QR code instead")
    .action(async (options: RequestOptions) => {
      const { name, out, pin, role, serial, file } = options;
      const key = await keyText(context, options.key);
      const device = await deviceOf(context, options);
      const text = await requestInto(out, {
        ...{ key, pin, name },
        ...(role === undefined ? {} : { role }),
        ...(serial === undefined ? {} : { serial }),
        ...(device === undefined ? {} : { device }),
      });
      if (file !== undefined) {
        writeSecret(file, text);
        context.note(`carry ${file} to the site: \`modwarden enrol sign ${file} --out ${name}.bundle\``);
      }
      if (options.qr) context.print(renderUnicodeCompact(text.trim(), { ecc: "L" }));
      else if (file === undefined) context.print(text.trim());
    });
}
