import { questionFor } from "@modwarden/policy";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
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
      const { loadSite, policyDevices } = await import("@modwarden/server");
      const { policy, devices, profiles } = loadSite(options.site);
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
      if (options.json) {
        context.json(explanation);
        return;
      }
      const { permit, rules, because, failed, firstUncovered } = explanation;
      context.print(permit ? context.paint("green", "permitted") : context.paint("red", `refused: ${because ?? ""}`));
      if (rules.length > 0) context.print(`${(permit ? "by rule" : "nearest rule").padEnd(12)}  ${rules.join(", ")}`);
      if (failed !== undefined) context.print(`what failed   ${failed}`);
      if (firstUncovered !== undefined) {
        const { table, file, address, point } = firstUncovered;
        const place = file === undefined ? `${table ?? "the function"} ${address}` : `file ${file}, record ${address}`;
        context.print(`not covered   ${point === undefined ? "" : `${point}, `}${place}`);
      }
      context.print(`policy        ${explanation.policy} (${policy.file})`);
      if (because === "approval") {
        context.print(`next          modwarden approval request --for ID ${askedText(options)}`);
      }
    },
  );
}
