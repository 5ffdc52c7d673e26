import { questionFor } from "@modwarden/policy";
import { loadSite, policyDevices } from "@modwarden/server";
import { type Command, InvalidArgumentError } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { oneOf, parseWhole, wholeNumber } from "../frame/options.ts";
import { type SiteOption, withSite } from "../site/site-option.ts";

interface ExplainOptions extends SiteOption {
  readonly as?: string;
  readonly unit: number;
  readonly write?: string;
  readonly read?: string;
  readonly function?: number | `${number}/${number}`;
  readonly and?: number;
  readonly or?: number;
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
    .option("--function <N>", "a function code such as 6 or 43/14, with --address and what else it takes", functionText)
    .option("--address <N>", "0-based address", wholeNumber(0, 65_535))
    .option("--quantity <N>", "how many", wholeNumber(1, 2_000))
    .option("--values <LIST>", "raw values to be written, separated by commas")
    .option("--and <MASK>", "the AND mask of function 22", wholeNumber(0, 0xffff))
    .option("--or <MASK>", "the OR mask of function 22", wholeNumber(0, 0xffff))
    .option("--transport <T>", "tls (default) or tcp", oneOf(["tcp", "tls"]))
    .option("--from <ADDRESS>", "the client's address")
    .action((options: ExplainOptions) => {
      const { policy, devices, profiles } = loadSite(options.site);
      const { roles } = policy.compiled;
      if (options.as !== undefined && !roles.includes(options.as)) {
        context.note(`warning: the policy has no role "${options.as}": it has ${roles.join(", ")}`);
      }
      const explanation = policy.compiled.decide(questionFor(askedOf(options), policyDevices(devices, profiles)));
      if (options.json) {
        context.json(explanation);
        return;
      }
      const { permit, rules, because, failed, firstUncovered } = explanation;
      context.print(permit ? context.paint("green", "permitted") : context.paint("red", `refused: ${because ?? ""}`));
      if (rules.length > 0) context.print(`${(permit ? "by rule" : "nearest rule").padEnd(12)}  ${rules.join(", ")}`);
      if (failed !== undefined) context.print(`what failed   ${failed}`);
      if (firstUncovered !== undefined) {
        const { table, address, point } = firstUncovered;
        context.print(`not covered   ${point === undefined ? "" : `${point}, `}${table ?? "the function"} ${address}`);
      }
      context.print(`policy        ${explanation.policy} (${policy.file})`);
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
  if (options.function === undefined) {
    throw new CliError("ERR_USAGE", "what is asked: --write POINT=VALUE, --read POINT, or --function", 2);
  }
  const { address, quantity, values, and, or } = options;
  return {
    ...common,
    function: options.function,
    ...(address === undefined ? {} : { address }),
    ...(quantity === undefined ? {} : { quantity }),
    ...(values === undefined ? {} : { values: rawValues(values) }),
    ...(and === undefined ? {} : { and }),
    ...(or === undefined ? {} : { or }),
  };
}

function rawValues(list: string): readonly number[] {
  return list.split(",").map((text) => {
    const value = parseWhole(text.trim());
    if (value === undefined)
      throw new CliError("ERR_USAGE", `--values is raw numbers with commas between, not "${list}"`, 2);
    return value;
  });
}

/** A function code, or with its sub-function behind a slash, as policy files write them. */
function functionText(text: string): number | `${number}/${number}` {
  const [, code, subfunction] = /^(\d{1,3})(?:\/(\d{1,5}))?$/.exec(text) ?? [];
  const functionCode = Number(code);
  if (code === undefined || functionCode < 1 || functionCode > 127) {
    throw new InvalidArgumentError("A function code from 1 to 127 is wanted, such as 6, or 43/14.");
  }
  return subfunction === undefined ? functionCode : `${functionCode}/${Number(subfunction)}`;
}
