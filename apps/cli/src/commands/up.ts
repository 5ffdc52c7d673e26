import { join } from "node:path";
import { readSite, startSite } from "@modwarden/server";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { consoleDir } from "../frame/places.ts";
import { printReady } from "../frame/ready.ts";
import { version } from "../frame/version.ts";

export function upCommand(context: Context): Command {
  const command = createCommand("up", {
    summary: "Runs a site until SIGTERM or Ctrl-C",
    examples: [
      ["modwarden up", "the site of ./site.yaml"],
      ["modwarden up /etc/modwarden/site.yaml --json", "ready lines for a script"],
    ],
    more: "On SIGTERM it stops accepting, answers what is under way, seals the log and exits 0.",
  });
  return withJson(command)
    .argument("[site.yaml]", "the site's file", "site.yaml")
    .action(async (file: string, { json }: { readonly json?: true }) => {
      const stopped = context.terminal.untilStopped();
      const site = readSite(file);
      const running = await startSite(site, {
        version,
        consoleDir,
        onReady: (line) => printReady(context, line, json === true),
        onNotice: (text) => context.note(text),
      });
      context.note(`audit log ${join(site.data, "audit")}, first key ${running.logFingerprint}`);
      const ended = await Promise.race([stopped, running.failed]);
      await running.stop();
      if (ended instanceof Error) throw ended;
    });
}
