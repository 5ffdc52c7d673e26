import type { Explanation } from "@modwarden/access";
import { questionFor } from "@modwarden/policy";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { whyNot } from "../frame/files.ts";
import { type AskedOptions, askedOf, askedText, withAsked } from "../policy/asked-options.ts";
import { type CircumstanceOptions, circumstancesOf, withCircumstances } from "../policy/circumstances.ts";
import { type SiteOption, withSite } from "../site/site-option.ts";

interface ExplainOptions extends SiteOption, AskedOptions, CircumstanceOptions {
  readonly as?: string;
  readonly json?: true;
}

export function policyExplainCommand(context: Context): Command {
  const command = createCommand("explain", {
    summary: "Says what the policy decides of one request, and why",
    examples: [
      ["modwarden policy explain --as Operator --unit 3 --write setpoint=90", "a point, in its own units"],
      ["modwarden policy explain --as Viewer --unit 1 --read power_total --transport tcp", "over a plain listener"],
      [
        "modwarden policy explain --as Operator --unit 3 --write setpoint=50 --known setpoint=40 --at 2026-11-23T09:00:00Z",
        "with what is known of the plant, at a time",
      ],
      [
        "modwarden policy explain --as Engineer --unit 3 --function 16 --address 100 --values 1,2",
        "by function and address",
      ],
    ],
    more: "Over TLS unless said otherwise. Without --as the request has no role. Exits 0 whatever the decision is.",
  });
  return withCircumstances(withAsked(withSite(withJson(command)).option("--as <ROLE>", "the role that asks"))).action(
    async (options: ExplainOptions) => {
      const { loadSite, newestPolicyVersion, policyDevices } = await import("@modwarden/server");
      const { policy, devices, profiles, data } = loadSite(options.site);
      const { roles } = policy.compiled;
      if (options.as !== undefined && !roles.includes(options.as)) {
        context.note(`warning: the policy has no role "${options.as}": it has ${roles.join(", ")}`);
      }
      const asked = {
        ...askedOf(options),
        ...circumstancesOf(options, new Date().toISOString()),
        as: options.as ?? null,
      };
      const explanation = policy.compiled.decide(questionFor(asked, policyDevices(devices, profiles)));
      const elsewhere = await inForceNote(newestPolicyVersion(data), explanation.policy);
      if (elsewhere !== undefined) context.note(elsewhere);
      if (options.json) {
        context.json(explanation);
        return;
      }
      const { permit, rules, because, failed, firstUncovered } = explanation;
      context.print(permit ? context.paint("green", "permitted") : context.paint("red", `refused: ${because ?? ""}`));
      if (rules.length > 0) context.print(`${ruleLabel(explanation).padEnd(12)}  ${rules.join(", ")}`);
      if (failed !== undefined) context.print(`what failed   ${failed}`);
      if (firstUncovered !== undefined) {
        const what = firstUncovered.point === undefined ? "" : `${firstUncovered.point}, `;
        context.print(`${because === "forbid" ? "what is hit" : "not covered"}   ${what}${placeOf(firstUncovered)}`);
      }
      context.print(`policy        ${explanation.policy} (${policy.file})`);
      if (because === "approval") {
        context.print(`next          modwarden approval request --for ID ${askedText(options)}`);
      }
    },
  );
}

/** The file is asked, which may be a draft: whoever asks should not take it for what the gateway does. */
async function inForceNote(
  newest: Promise<{ readonly version: number; readonly hash: string } | undefined>,
  asked: string,
): Promise<string | undefined> {
  try {
    const found = await newest;
    if (found === undefined || found.hash === asked) return undefined;
    return `note: the policy file was asked; in force is version ${found.version}, policy ${found.hash}, until \`modwarden policy apply\``;
  } catch (error) {
    return `note: the policy file was asked; which one is in force cannot be read: ${whyNot(error)}`;
  }
}

function ruleLabel({ permit, because }: Explanation): string {
  if (permit) return "by rule";
  return because === "forbid" ? "forbidden by" : "nearest rule";
}

function placeOf({ table, file, address }: NonNullable<Explanation["firstUncovered"]>): string {
  if (file !== undefined) return `file ${file}, record ${address}`;
  return table === null
    ? address === 0
      ? "the function itself"
      : `the function, address ${address}`
    : `${table} ${address}`;
}
