import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { duration } from "../frame/duration.ts";
import { readNamedFile } from "../frame/files.ts";
import { writeSecret } from "../key/shown.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

interface SignOptions extends SiteOption {
  readonly out: string;
  readonly confirmWithin?: number;
  readonly json?: true;
}

interface Signed {
  readonly id: string;
  readonly role: string | null;
  readonly state: string;
  readonly confirmBy?: string;
  readonly bundle?: string;
}

export function signCommand(context: Context): Command {
  const command = createCommand("sign", {
    summary: "Enrols at the site what was carried to it, and writes the bundle to carry back",
    examples: [
      ["modwarden enrol sign pump-7.request --out pump-7.bundle", "the device's request in, a signed bundle out"],
      ["modwarden enrol sign - --out pump-7.bundle --confirm-within 7d", "from a QR reader, with a week for the way"],
    ],
    more: "The same rules as over the network. Where a person has to approve, the same command later writes the bundle. The request holds the registration key: remove it when the bundle is there.",
  });
  return withSite(withJson(command))
    .argument("<REQUEST>", "the file that `enrol request` wrote; - is standard input")
    .requiredOption("--out <BUNDLE>", "the file to write; it holds no secret")
    .option("--confirm-within <TIME>", "how long the confirmation is waited for: 24h unless said otherwise", duration)
    .action(async (file: string, options: SignOptions) => {
      const request = await readNamedFile(context.terminal, file);
      const within = options.confirmWithin === undefined ? {} : { confirmWithinMs: options.confirmWithin };
      const signed = await onSite<Signed>(options, "enrolment.sign", { request, ...within });
      const { bundle, ...rest } = signed;
      if (bundle !== undefined) writeSecret(options.out, bundle, 0o644);
      if (options.json) context.json(rest);
      else if (bundle === undefined) {
        context.print(
          `${signed.id} waits for approval: \`modwarden identity approve ${signed.id}\`, then the same command once more`,
        );
      } else {
        context.print(
          `${options.out} is for ${signed.id}: \`modwarden enrol accept\` there, and its confirmation back until ${signed.confirmBy ?? "?"}`,
        );
      }
    });
}
