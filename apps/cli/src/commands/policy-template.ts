import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { writeNewFile } from "../frame/files.ts";
import { oneOf } from "../frame/options.ts";
import { type PolicyTemplateName, policyTemplateNames, policyTemplates } from "../init/policy-templates.ts";

export function policyTemplateCommand(context: Context): Command {
  const command = createCommand("template", {
    summary: "Writes a policy to start from: read-only, the roles of IEC 62351-8, those of SunSpec",
    examples: [
      ["modwarden policy template read-only", "prints it"],
      ["modwarden policy template iec62351-8 --out policy.yaml", "into a file that is not there yet"],
    ],
    more: `The templates are ${policyTemplateNames.join(", ")}. Their tests pass with the site that \`modwarden init\` writes; \`init --template NAME\` writes both.`,
  });
  return withJson(command)
    .argument("<NAME>", policyTemplateNames.join(", "), oneOf(policyTemplateNames))
    .option("--out <FILE>", "write to a file that is not there yet")
    .action((name: PolicyTemplateName, { out, json }: { readonly out?: string; readonly json?: true }) => {
      const text = policyTemplates[name];
      if (out !== undefined) writeNewFile(out, text);
      if (json) context.json(out === undefined ? { template: name, text } : { written: [out] });
      else if (out === undefined) context.terminal.stdout.write(text);
      else context.note(`wrote ${out}`);
    });
}
