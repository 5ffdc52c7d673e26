import type { Command } from "commander";
import { startActors } from "../demo/actors.ts";
import { type DemoSite, startDemoSite } from "../demo/demo-site.ts";
import { playScenario, type StepResult } from "../demo/scenario/play.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { printReady } from "../frame/ready.ts";

interface DemoOptions {
  readonly once?: true;
  readonly json?: true;
  readonly data?: string;
}

export function demoCommand(context: Context): Command {
  const command = createCommand("demo", {
    summary: "Runs a whole site on this machine: plant, gateway, enrolment, console, and two clients",
    examples: [
      ["modwarden demo", "until Ctrl-C; open the console's address it prints"],
      ["modwarden demo --once", "plays the scripted scenario and checks each step"],
      ["modwarden demo --data ./demo", "keeps its files in ./demo"],
    ],
    more: "Everything listens on 127.0.0.1 only. Documented ports are taken where they are free: console 8080, Modbus/TCP Security 8802, plain Modbus 1502, enrolment 8443, the simulated plant 15020.",
  });
  return withJson(command)
    .option("--once", "play the scripted scenario, check it, and exit 0 only if every step agrees")
    .option("--data <DIR>", "where its files go (default: a new temporary folder)")
    .action((options: DemoOptions) => (options.once ? playOnce(context, options) : runDemo(context, options)));
}

async function runDemo(context: Context, options: DemoOptions): Promise<void> {
  const json = options.json === true;
  const stopped = context.terminal.untilStopped();
  const demo = await start(context, options, "rollup");
  const actors = await startActors(demo, (text) => context.note(text)).catch(async (error: unknown) => {
    await demo.stop();
    throw error;
  });
  if (json) context.json({ ready: "all" });
  else for (const line of introduction(demo)) context.print(line);
  const ended = await Promise.race([stopped, demo.running.failed]);
  if (!json) context.note("stopping");
  await actors.stop();
  await demo.stop();
  if (ended instanceof Error) throw ended;
}

async function playOnce(context: Context, options: DemoOptions): Promise<void> {
  const json = options.json === true;
  const demo = await start(context, options, "each");
  if (json) context.json({ ready: "all" });
  let steps: readonly StepResult[] = [];
  try {
    steps = await playScenario(demo, (step) => {
      if (!json) for (const line of stepLines(context, step)) context.print(line);
    });
  } finally {
    await demo.stop();
  }
  const ok = steps.length === 15 && steps.every((step) => step.ok);
  if (json) context.json({ ok, steps });
  else
    context.print(
      `${steps.filter((step) => step.ok).length} of ${steps.length} steps agree. The log is in ${demo.site.data}/audit`,
    );
  if (!ok) context.endWith(1);
}

function start(context: Context, options: DemoOptions, reads: "each" | "rollup"): Promise<DemoSite> {
  return startDemoSite({
    dir: options.data,
    reads,
    onReady: (line) => printReady(context, line, options.json === true),
    onNotice: (text) => context.note(text),
  });
}

function stepLines(context: Context, step: StepResult): string[] {
  const mark = step.ok ? context.paint("green", "agrees ") : context.paint("red", "differs");
  const lines = [`${String(step.id).padStart(2)}  ${mark}  ${step.name}`];
  if (step.expected === step.got) lines.push(context.paint("dim", `             ${step.got}`));
  else lines.push(`             expected  ${step.expected}`, `             got       ${step.got}`);
  return lines;
}

function introduction(demo: DemoSite): string[] {
  const plain = demo.plainUrl;
  return [
    "",
    `Its files are in ${demo.folder.dir}. Open the console's address above, or try in another terminal:`,
    "",
    "  a value of the simulated meter, through the gateway (permitted):",
    `    npx modwarden read ${plain} input 0 --unit 1 --as f32`,
    "  a write that plain Modbus may not do (exception 1, and on record):",
    `    npx modwarden write ${plain} holding 50009 16000 --unit 3 --yes`,
    "  why the policy says so:",
    `    npx modwarden policy explain --site ${demo.folder.siteFile} --as Operator --unit 3 --write setpoint=90`,
    "",
    "Ctrl-C stops it.",
  ];
}
