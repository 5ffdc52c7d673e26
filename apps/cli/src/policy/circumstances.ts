import type { AskedText } from "@modwarden/policy";
import { type Command, InvalidArgumentError } from "commander";
import { CliError } from "../frame/error.ts";
import { collect, oneOf } from "../frame/options.ts";

/** What else a decision may depend on: who asks, when, where, and what is known of the plant. */
export interface CircumstanceOptions {
  readonly id?: string;
  readonly tag?: readonly string[];
  readonly kind?: "client" | "device" | "gateway";
  readonly listener?: string;
  readonly at?: string;
  readonly known?: readonly string[];
  readonly approved?: true;
}

type Circumstances = {
  readonly [Key in "id" | "tags" | "kind" | "listener" | "at" | "known" | "approved"]?: NonNullable<AskedText[Key]>;
};

export function withCircumstances(command: Command): Command {
  return command
    .option("--id <ID>", "the identity that asks, where a rule names some")
    .option("--tag <TAG>", "a tag of it; may be repeated", collect)
    .option("--kind <KIND>", "client, device or gateway", oneOf(["client", "device", "gateway"]))
    .option("--listener <URL>", "the listener, as the site file has it")
    .option("--at <TIME>", "when, such as 2026-11-21T09:14:03Z; default now", timeText)
    .option("--known <POINT=VALUE>", "what a point holds, VALUE@SECONDS how old that is; may be repeated", collect)
    .option("--approved", "as if people had approved it");
}

/** `now`: RFC 3339. Error: ERR_USAGE */
export function circumstancesOf(options: CircumstanceOptions, now: string): Circumstances {
  const { id, tag, kind, listener, at, known, approved } = options;
  return {
    ...(id === undefined ? {} : { id }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(kind === undefined ? {} : { kind }),
    ...(listener === undefined ? {} : { listener }),
    at: at ?? now,
    ...(known === undefined ? {} : { known: Object.fromEntries(known.map(knownPoint)) }),
    ...(approved === undefined ? {} : { approved }),
  };
}

/** "setpoint=40", "pump.running=true", "setpoint=40@5" */
function knownPoint(text: string): readonly [string, { readonly value: number | boolean; readonly ageMs: number }] {
  const [, point, said = "", seconds = "0"] = /^([^=]+)=([^@]+)(?:@(\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  const value = said === "true" ? true : said === "false" ? false : Number(said);
  if (point === undefined || said.trim() === "" || !Number.isFinite(Number(value))) {
    throw new CliError(
      "ERR_USAGE",
      `--known is POINT=VALUE, such as setpoint=40, pump.running=true or setpoint=40@5, not "${text}"`,
      2,
    );
  }
  return [point, { value, ageMs: Math.round(Number(seconds) * 1000) }];
}

/** RFC 3339, as in the tests of a policy file. */
function timeText(text: string): string {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  if (!isTime || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError("A time such as 2026-11-21T09:14:03Z, or with its offset, is wanted.");
  }
  return text;
}
