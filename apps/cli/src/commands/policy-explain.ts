import { questionFor } from "@modwarden/policy";
import { loadSite, policyDevices } from "@modwarden/server";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { oneOf, wholeNumber } from "../frame/options.ts";
import { type SiteOption, withSite } from "../site/site-option.ts";

interface ExplainOptions extends SiteOption {
  readonly as?: string;
  readonly unit: number;
  readonly write?: string;
  readonly read?: string;
  readonly function?: number;
  readonly address?: number;
  readonly quantity?: number;
  readonly values?: string;
  readonly transport?: "tcp" | "tls";
  readonly from?: string;
  readonly json?: true;
}

export function policyExplainCommand(context: Context): Command {
  const command = createCommand("explain", {
    summary: "Says what the policy decides of one request, and why",
    examples: [
      ["modwarden policy explain --as Operator --unit 3 --write setpoint=90", "a point, in its own units"],
      ["modwarden policy explain --as Viewer --unit 1 --read power_total --transport tcp", "over a plain listener"],
      [
        "modwarden policy explain --as Engineer --unit 3 --function 16 --address 100 --values 1,2",
        "by function and address",
      ],
    ],
    more: "Without --as the request has no role. Exits 0 whatever the decision is.",
  });
  return withSite(withJson(command))
    .option("--as <ROLE>", "the role that asks")
    .requiredOption("--unit <N>", "the unit asked", wholeNumber(0, 255))
    .option("--write <POINT=VALUE>", "a point and the value to be written, in engineering units")
    .option("--read <POINT>", "a point to be read")
    .option("--function <N>", "a function code, with --address and --quantity or --values", wholeNumber(1, 127))
    .option("--address <N>", "0-based address", wholeNumber(0, 65_535))
    .option("--quantity <N>", "how many", wholeNumber(1, 2_000))
    .option("--values <LIST>", "raw values to be written, separated by commas")
    .option("--transport <T>", "tls (default) or tcp", oneOf(["tcp", "tls"]))
    .option("--from <ADDRESS>", "the client's address")
    .action((options: ExplainOptions) => {
      const { policy, devices, profiles } = loadSite(options.site);
      const explanation = policy.compiled.decide(questionFor(askedOf(options), policyDevices(devices, profiles)));
      if (options.json) {
        context.json(explanation);
        return;
      }
      const { permit, rules, because, failed, firstUncovered } = explanation;
      context.print(permit ? context.paint("green", "permitted") : context.paint("red", `refused: ${because ?? ""}`));
      if (rules.length > 0) context.print(`${permit ? "by rule" : "nearest rule"}  ${rules.join(", ")}`);
      if (failed !== undefined) context.print(`what failed  ${failed}`);
      if (firstUncovered !== undefined) {
        const { table, address, point } = firstUncovered;
        context.print(`not covered  ${point === undefined ? "" : `${point}, `}${table ?? "the function"} ${address}`);
      }
      context.print(`policy ${explanation.policy} (${policy.file})`);
    });
}

type Asked = Parameters<typeof questionFor>[0];

function askedOf(options: ExplainOptions): Asked {
  const { as, unit, write, read, transport, from } = options;
  const common = {
    as: as ?? null,
    unit,
    ...(transport === undefined ? {} : { transport }),
    ...(from === undefined ? {} : { from }),
  };
  if (write !== undefined) {
    const equals = write.indexOf("=");
    const value = Number(write.slice(equals + 1));
    if (equals < 1 || write.slice(equals + 1).trim() === "" || Number.isNaN(value)) {
      throw new CliError("ERR_USAGE", `--write is POINT=VALUE, such as setpoint=40, not "${write}"`, 2);
    }
    return { ...common, write: write.slice(0, equals), value };
  }
  if (read !== undefined) return { ...common, read };
  if (options.function === undefined || options.address === undefined) {
    throw new CliError(
      "ERR_USAGE",
      "what is asked: --write POINT=VALUE, --read POINT, or --function with --address",
      2,
    );
  }
  const values = options.values?.split(",").map(Number);
  return {
    ...common,
    function: options.function,
    address: options.address,
    ...(options.quantity === undefined ? {} : { quantity: options.quantity }),
    ...(values === undefined ? {} : { values }),
  };
}
