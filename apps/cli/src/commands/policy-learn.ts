import { writeFileSync } from "node:fs";
import { Learner } from "@modwarden/policy";
import type { Command } from "commander";
import { lookedAtFolder } from "../audit/looked.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { whyNot } from "../frame/files.ts";
import { openPast, type PastOptions, withPast } from "../past/open.ts";
import { withProgress } from "../past/progress.ts";
import { askedOf, slice } from "../past/slice.ts";

interface LearnOptions extends PastOptions {
  readonly out?: string;
  readonly json?: true;
}

export function policyLearnCommand(context: Context): Command {
  const command = createCommand("learn", {
    summary: "Proposes the least policy that permits what was seen, as a file to edit",
    examples: [
      ["modwarden policy learn --from data/audit --out policy.yaml", "from the log of a site"],
      ["modwarden policy learn --from plant.pcap --site site.yaml --role 10.0.0.5=Operator", "from a capture"],
      ["modwarden policy learn --from plant.pcap --first 70% --out policy.yaml", "and keep the rest to try it on"],
    ],
    more: "What was refused, answered with an exception or not at all is not learned; it is listed at the end of the file. In a capture nobody has a name: each client address gets a role of its own unless --role gives it one. Without --out the file goes to standard output.",
  });
  return withPast(withJson(command))
    .option("--out <FILE>", "where to write it; nothing is overwritten")
    .action(async (options: LearnOptions) => {
      const { past, site, place } = await openPast(options, (line) => context.note(line));
      await lookedAtFolder(context, options.from, site, { action: "learn", query: askedOf(options) });
      const learner = new Learner({ from: past.name, ...(site === undefined ? {} : { devices: place().devices }) });
      const seen = slice(() => past.observations(), options);
      for (const observation of withProgress(context, seen, options.json === true)) learner.add(observation);
      const { text, rules, learned, notCovered } = learner.propose();
      const left = notCovered.reduce((sum, { tally }) => sum + tally.count, 0);
      if (options.out !== undefined) write(options.out, text);
      if (options.json) {
        const out = options.out ?? null;
        context.json({ out, rules, learned, notCovered: left, ...(out === null ? { policy: text } : {}) });
        return;
      }
      if (options.out === undefined) context.terminal.stdout.write(text);
      const where = options.out === undefined ? "" : ` in ${options.out}`;
      context.note(`${rules} rules${where}, which permit ${learned} requests; ${left} are not covered`);
      if (learned === 0) context.note("nothing that could be learned was seen: this policy permits nothing");
      const passed = past.passedOver();
      if (passed !== undefined) context.note(`passed over: ${passed}`);
    });
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (cause) {
    throw new CliError("ERR_FILE", `cannot write ${file}: ${whyNot(cause)}`, 2, { cause });
  }
}
