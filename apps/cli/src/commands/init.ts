import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { oneOf } from "../frame/options.ts";
import { type PolicyTemplateName, policyTemplateNames, policyTemplates } from "../init/policy-templates.ts";
import { siteTemplate } from "../init/templates.ts";

interface InitOptions {
  readonly template: PolicyTemplateName;
  readonly json?: true;
}

export function initCommand(context: Context): Command {
  const command = createCommand("init", {
    summary: "Writes a commented site.yaml and policy.yaml to start from",
    examples: [
      ["modwarden init", "into this folder"],
      ["modwarden init --template read-only", "with a policy in which nobody writes"],
      ["modwarden init ./plant && modwarden check ./plant/site.yaml", "into another, and checks it"],
    ],
    more: "Nothing that exists is overwritten.",
  });
  return withJson(command)
    .argument("[DIR]", "the folder", ".")
    .option("--template <NAME>", `the policy: ${policyTemplateNames.join(", ")}`, oneOf(policyTemplateNames), "simple")
    .action((dir: string, { json, template }: InitOptions) => {
      const files = [
        [join(dir, "site.yaml"), siteTemplate],
        [join(dir, "policy.yaml"), policyTemplates[template]],
      ] as const;
      for (const [file] of files) {
        if (existsSync(file)) throw new CliError("ERR_INIT_EXISTS", `${file} exists: nothing was written`, 2);
      }
      mkdirSync(dir, { recursive: true });
      for (const [file, text] of files) writeFileSync(file, text, { flag: "wx" });
      if (json) context.json({ written: files.map(([file]) => file) });
      else {
        for (const [file] of files) context.print(`wrote ${file}`);
        for (const line of nextSteps(join(dir, "site.yaml"))) context.note(line);
      }
    });
}

/** The template's devices are where the simulated plant would be, so that it can be tried before it is filled in. */
function nextSteps(site: string): readonly string[] {
  return [
    "Next: fill in devices and clients, or try it as it is, with simulated devices:",
    "  modwarden sim energy-hall --listen modbus+tcp://127.0.0.1:15020",
    `  modwarden check ${site}`,
    `  modwarden up ${site}`,
  ];
}
