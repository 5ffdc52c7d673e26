import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { version } from "../frame/version.ts";

export function versionCommand(context: Context): Command {
  const command = createCommand("version", {
    summary: "Shows the version of modwarden and of the Node.js it runs under",
    examples: [["modwarden version", "as text"]],
  });
  return withJson(command).action(({ json }: { json?: true }) => {
    if (json) context.json({ version, node: process.versions.node });
    else context.print(`modwarden ${version} (Node.js ${process.versions.node})`);
  });
}
