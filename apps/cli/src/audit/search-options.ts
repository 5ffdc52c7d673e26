import { recordKinds, type SearchQuery } from "@modwarden/audit";
import { functionCodes } from "@modwarden/protocol";
import { type Command, InvalidArgumentError } from "commander";
import { CliError } from "../frame/error.ts";
import { oneOf, parseWhole } from "../frame/options.ts";
import { timeText } from "./time-text.ts";

/** What is looked for, as options. */
export interface SearchWords {
  readonly from?: number;
  readonly to?: number;
  readonly subject?: string;
  readonly role?: string;
  readonly source?: string;
  readonly kind?: string;
  readonly event?: string;
  readonly device?: string;
  readonly point?: string;
  readonly table?: NonNullable<SearchQuery["table"]>;
  readonly address?: NonNullable<SearchQuery["addresses"]>;
  readonly function?: number;
  readonly decision?: NonNullable<SearchQuery["decision"]>;
  readonly because?: string;
  readonly rule?: string;
  readonly finding?: string;
  readonly severity?: string;
  readonly text?: string;
}

const tables = ["coil", "discrete", "holding", "input"] as const;

/** A person without a registration, and one without a role: what the log has as null. */
const NOBODY = "-";

export function withSearch(command: Command): Command {
  const time = timeText(Date.now());
  return command
    .option("--from <TIME>", "from then on: 2026-11-21, 2026-11-21T09:14Z, today, -2h", time)
    .option("--to <TIME>", "before then", time)
    .option("--subject <ID>", `who; ${NOBODY} for those who are not registered`)
    .option("--role <ROLE>", `with this role; ${NOBODY} for none`)
    .option("--source <ADDRESS>", "from this address, or address:port")
    .option("--device <ID>", "about this device")
    .option("--point <NAME>", "about this point")
    .option("--table <TABLE>", `in this table: ${tables.join(", ")}`, oneOf(tables))
    .option("--address <A[-B]>", "about one of these registers or bits, from 0", addressRange)
    .option("--function <F>", "this function, by code or name", functionCode)
    .option("--decision <D>", "permitted or refused", oneOf(["permitted", "refused"]))
    .option("--because <REASON>", "refused because of this: max, no-permit, route, ...")
    .option("--rule <ID>", "decided by this rule")
    .option("--finding <RULE>", "with this finding")
    .option("--severity <S>", "with a finding of this severity", oneOf(["info", "low", "medium", "high"]))
    .option("--kind <KIND>", `records of this kind: ${recordKinds.join(", ")}`, oneOf(recordKinds))
    .option("--event <EVENT>", "of this event: revoked, applied, looked, ...")
    .option("--text <TEXT>", "with this text anywhere, a to z as A to Z; no pieces of JSON");
}

export function queryOf({ address, subject, role, ...words }: SearchWords): SearchQuery {
  return {
    ...words,
    ...(address === undefined ? {} : { addresses: address }),
    ...(subject === undefined ? {} : { subject: subject === NOBODY ? null : subject }),
    ...(role === undefined ? {} : { role: role === NOBODY ? null : role }),
  };
}

/** What was asked, for the record of the look. Throws ERR_USAGE (exit 2) for a time that ends before it begins. */
export function askedOf({ from, to, address, ...words }: SearchWords): Record<string, string | number> {
  if (from !== undefined && to !== undefined && to <= from) {
    throw new CliError("ERR_USAGE", "nothing is before --to and not before --from: --to has to be the later one", 2);
  }
  return {
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
    ...words,
    ...(address === undefined ? {} : { address: `${address.first}-${address.last}` }),
  };
}

function addressRange(text: string): { readonly first: number; readonly last: number } {
  const [first, last = first] = text.split("-").map(parseWhole);
  if (first === undefined || last === undefined || last < first || last > 65_535 || text.split("-").length > 2) {
    throw new InvalidArgumentError("An address from 0 to 65535, or two as in 100-109, are wanted.");
  }
  return { first, last };
}

function functionCode(text: string): number {
  const number = parseWhole(text);
  if (number !== undefined && number <= 255) return number;
  const named = functionCodes.find(({ name }) => name === text)?.code;
  if (named === undefined) {
    throw new InvalidArgumentError("A code from 0 to 255, or a name such as read-coils, is wanted.");
  }
  return named;
}
