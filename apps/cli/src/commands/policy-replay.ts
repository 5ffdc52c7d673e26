import { compilePolicy, Replayer, type ReplayGroup, type ReplayResult, readPolicy } from "@modwarden/policy";
import type { Command } from "commander";
import { lookedAtFolder } from "../audit/looked.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { readNamedFile } from "../frame/files.ts";
import { openPast, type PastOptions, withPast } from "../past/open.ts";
import { withProgress } from "../past/progress.ts";
import { askedOf, slice } from "../past/slice.ts";

interface ReplayOptions extends PastOptions {
  readonly policy: string;
  readonly strict?: true;
  readonly json?: true;
}

/** Groups that a person is shown; --json has all. */
const SHOWN = 20;
const SHOWN_RANGES = 8;

export function policyReplayCommand(context: Context): Command {
  const command = createCommand("replay", {
    summary: "Says what a policy would have decided otherwise in the past",
    examples: [
      ["modwarden policy replay --policy new.yaml --from data/audit", "tried on the log of a site"],
      [
        "modwarden policy replay --policy new.yaml --from plant.pcap --last 30% --strict",
        "exit 1 when it would refuse what was permitted",
      ],
    ],
    more: "In a capture everything was forwarded, which counts as permitted. What depends on something that the past does not show is counted as undecided, and never as either. A policy in shadow mode is tried as if it were in force.",
  });
  return withPast(withJson(command))
    .requiredOption("--policy <FILE>", "the policy file to try")
    .option("--strict", "exit 1 when anything that was permitted would be refused")
    .action(async (options: ReplayOptions) => {
      const document = readPolicy(await readNamedFile(context.terminal, options.policy), options.policy);
      const { past, site, place } = await openPast(options, (line) => context.note(line));
      await lookedAtFolder(context, options.from, site, { action: "replay", query: askedOf(options) });
      const { devices, location } = place();
      const named = document.value.rules.find(({ when }) => when?.sites ?? when?.gateways ?? when?.zones);
      if (location === undefined && named !== undefined) {
        throw new CliError("ERR_USAGE", `rule "${named.id}" is for a certain place: say with --site where this is`, 2);
      }
      const policy = compilePolicy(document, devices, location === undefined ? {} : { location });
      const { hasRollups, unknown } = past;
      const replayer = new Replayer(policy, document, { hasRollups, unknown });
      const seen = slice(() => past.observations(), options);
      for (const observation of withProgress(context, seen, options.json === true)) replayer.add(observation);
      const { result } = replayer;
      if (options.strict && result.denied > 0) context.endWith(1);
      if (options.json) context.json(result);
      else report(context, result, past.passedOver());
    });
}

function report(context: Context, result: ReplayResult, passedOver: string | undefined): void {
  const { transactions, denied, permitted, undecided, unaffected } = result;
  const changes = [
    `${context.paint(denied > 0 ? "red" : "green", `${denied} would be refused`)} that were permitted`,
    `${permitted} would be permitted that were refused`,
    ...(undecided === 0 ? [] : [`${undecided} cannot be known`]),
    ...(unaffected === 0 ? [] : [`${unaffected} are refused whatever the policy says`]),
  ];
  context.print(`${transactions} requests: ${changes.join(", ")}`);
  section(context, "would be refused", result.newlyDenied);
  section(context, "would be permitted", result.newlyPermitted);
  section(context, "cannot be known: it depends on what the past does not show", result.undecidedGroups);
  if (passedOver !== undefined) context.note(`passed over: ${passedOver}`);
}

function section(context: Context, title: string, groups: readonly ReplayGroup[]): void {
  if (groups.length === 0) return;
  context.print("");
  context.print(context.paint("bold", title));
  for (const group of groups.slice(0, SHOWN)) {
    context.print(`  ${lineOf(group)}`);
    context.print(`      ${exampleOf(group)}`);
  }
  if (groups.length > SHOWN) context.print(`  and ${groups.length - SHOWN} more kinds (--json has them)`);
}

function lineOf({
  count,
  role,
  clients,
  device,
  unit,
  table,
  point,
  addresses,
  because,
  ...group
}: ReplayGroup): string {
  const who = `${role ?? "no role"}${clients.length === 0 ? "" : ` (${clients.join(", ")})`}`;
  const more = addresses.length > SHOWN_RANGES ? " and others" : "";
  const object = point ?? (table === null ? "" : `${table} ${addresses.slice(0, SHOWN_RANGES).join(", ")}${more}`);
  const what = [`function ${group.function}`, device ?? `unit ${unit}`, object].filter((part) => part !== "").join(" ");
  return `${count} x ${who}: ${what}${because === undefined ? "" : `: ${because}`}; ${group.first} to ${group.last}`;
}

function exampleOf({ function: code, example: { time, subject, accesses, explanation } }: ReplayGroup): string {
  const asked = accesses.map(({ write, table, file, address, quantity, values }) => {
    if (file !== undefined) return `${write ? "write" : "read"} file ${file}, record ${address}`;
    if (table === null) return `function ${code}`;
    const what = `${table} ${address}${quantity > 1 ? `-${address + quantity - 1}` : ""}`;
    return `${write ? "write" : "read"} ${what}${values === undefined ? "" : ` := ${values.slice(0, 8).join(",")}`}`;
  });
  if (accesses.length === 0)
    return `such as ${time} ${subject ?? "nobody known"}: what exactly was asked is not recorded`;
  const { rules, failed, permit } = explanation;
  const by = rules.length === 0 ? "no rule is about it" : `${permit ? "rule" : "nearest rule"} ${rules.join(", ")}`;
  return `such as ${time} ${subject ?? "nobody known"}, ${asked.join(" and ")}: ${by}${failed === undefined ? "" : `, ${failed}`}`;
}
