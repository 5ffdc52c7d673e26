import { acceptInto } from "@modwarden/identity";
import type { Command } from "commander";
import { renderUnicodeCompact } from "uqr";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { readNamedFile } from "../frame/files.ts";
import { writeSecret } from "../key/shown.ts";

interface AcceptOptions {
  readonly out: string;
  readonly pin?: string;
  readonly file?: string;
  readonly qr?: true;
  readonly json?: true;
}

export function acceptCommand(context: Context): Command {
  const command = createCommand("accept", {
    summary: "Completes an identity with the bundle that was carried back, and gives its confirmation",
    examples: [
      ["modwarden enrol accept pump-7.bundle --out ./pump-7 --file pump-7.confirmation", "at the device"],
      ["modwarden enrol confirm pump-7.confirmation", "then at the site"],
    ],
    more: "The bundle is checked against the pin and the key of the folder. Until the site has the confirmation, or sees the certificate over TLS, it opens no session.",
  });
  return withJson(command)
    .argument("<BUNDLE>", "the file that `enrol sign` wrote; - is standard input")
    .requiredOption("--out <DIR>", "the folder that `enrol request` made, or one that holds the device's key.pem")
    .option("--pin <P>", "where the folder does not hold it: sha256/… of the site's root")
    .option("--file <FILE>", "where the confirmation goes; standard output otherwise")
    .option("--qr", "draws it as a QR code as well")
    .action(async (file: string, options: AcceptOptions) => {
      const { pin, out } = options;
      const text = await readNamedFile(context.terminal, file);
      const { identity, confirmation, confirmBy } = acceptInto(out, text, pin === undefined ? {} : { pin });
      if (options.file !== undefined) writeSecret(options.file, `${confirmation}\n`, 0o644);
      const { id, role, state, fingerprint = null, expires = null } = identity;
      if (options.json) context.json({ id, role, state, fingerprint, expires, confirmBy, confirmation });
      else {
        context.note(`${id} is complete in ${out}; the site takes its confirmation until ${confirmBy}`);
        if (options.file === undefined) context.print(confirmation);
        if (options.qr) context.print(renderUnicodeCompact(confirmation, { ecc: "M" }));
      }
    });
}
