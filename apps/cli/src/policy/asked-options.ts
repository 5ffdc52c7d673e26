import type { AskedText } from "@modwarden/policy";
import { type Command, InvalidArgumentError } from "commander";
import { CliError } from "../frame/error.ts";
import { oneOf, parseWhole, wholeNumber } from "../frame/options.ts";

/** One request to a device, as the command line describes it. */
export interface AskedOptions {
  readonly device?: string;
  readonly unit?: number;
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
}

/** What the request is, without who asks. */
export type AskedRequest = { readonly [Key in Exclude<keyof AskedText, "as">]?: NonNullable<AskedText[Key]> };

/** The options that say which request is meant. */
export function withAsked(command: Command): Command {
  return command
    .option("--device <ID>", "the device asked, as the site file names it")
    .option("--unit <N>", "the unit asked", wholeNumber(0, 255))
    .option("--write <POINT=VALUE>", "a point and the value to be written, in engineering units")
    .option("--read <POINT>", "a point to be read")
    .option("--function <N>", "a function code such as 6 or 43/14, with --address and what else it takes", functionText)
    .option("--address <N>", "0-based address", wholeNumber(0, 65_535))
    .option("--quantity <N>", "how many", wholeNumber(1, 2_000))
    .option("--values <LIST>", "raw values to be written, separated by commas")
    .option("--and <MASK>", "the AND mask of function 22", wholeNumber(0, 0xffff))
    .option("--or <MASK>", "the OR mask of function 22", wholeNumber(0, 0xffff))
    .option("--transport <T>", "tls or tcp", oneOf(["tcp", "tls"]))
    .option("--from <ADDRESS>", "the client's address");
}

/** Errors: ERR_USAGE where nothing is asked, or what is asked cannot be read */
export function askedOf(options: AskedOptions): AskedRequest {
  const { device, unit, write, read, transport, from } = options;
  if (device === undefined && unit === undefined) {
    throw new CliError("ERR_USAGE", "who is asked: --device ID, or --unit N", 2);
  }
  const common = {
    ...(device === undefined ? {} : { device }),
    ...(unit === undefined ? {} : { unit }),
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

/** The same options again, for a command that a person is told to use next. */
export function askedText(options: AskedOptions): string {
  const names = ["device", "unit", "write", "read", "function", "address", "quantity", "values", "and", "or"] as const;
  return [...names, "transport" as const, "from" as const]
    .flatMap((name) => (options[name] === undefined ? [] : [`--${name} ${options[name]}`]))
    .join(" ");
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
