import type { BatchOptions, KeyOptions } from "@modwarden/identity";
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import type { Context } from "../frame/context.ts";
import { duration } from "../frame/duration.ts";
import { readNamedFile } from "../frame/files.ts";
import { collect, oneOf } from "../frame/options.ts";

/** What every command that makes keys has in common. */
export interface CommonOptions {
  readonly kind: "client" | "device" | "gateway";
  readonly role?: readonly string[];
  readonly expires?: number;
  readonly approval?: "auto" | "manual" | "two";
  readonly model?: string;
  readonly claim?: Readonly<Record<string, string>>;
  readonly source?: readonly string[];
  readonly certificate?: number;
  readonly note?: string;
  readonly json?: true;
}

export function withCommon(command: Command): Command {
  return command
    .requiredOption("--kind <KIND>", "client, device or gateway", oneOf(["client", "device", "gateway"]))
    .option("--role <ROLE>", "a role it may be given; several make a choice", collect)
    .option("--expires <DURATION>", "how long it holds, such as 24h", duration)
    .option("--approval <HOW>", "auto, manual or two (people)", oneOf(["auto", "manual", "two"]))
    .option("--model <MODEL>", "the model it is bound to; kept with what enrols")
    .option("--claim <NAME=VALUE>", "warranty, batch and the like; kept with what enrols", claim)
    .option("--source <CIDR>", "a network it may be used from", collect)
    .option("--certificate <DURATION>", "how long certificates by it hold, such as 90d", duration)
    .option("--note <TEXT>", "for people");
}

/** As the registry takes them. */
export function commonOf(options: CommonOptions): BatchOptions {
  const { kind, role = [], expires, approval, model, claim: claims, source, certificate, note } = options;
  return {
    kind,
    roles: role,
    ...(expires === undefined ? {} : { expiresInMs: expires }),
    ...(approval === undefined ? {} : { approval }),
    ...(model === undefined ? {} : { model }),
    ...(claims === undefined ? {} : { claims }),
    ...(source === undefined ? {} : { sources: source }),
    ...(certificate === undefined ? {} : { certificateLifetimeMs: certificate }),
    ...(note === undefined ? {} : { note }),
  } satisfies KeyOptions;
}

/** One serial number a line; empty lines and those that begin with # are let pass. */
export async function serialsIn(context: Context, file: string): Promise<readonly string[]> {
  const lines = (await readNamedFile(context.terminal, file)).split("\n").map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== "" && !line.startsWith("#")))];
}

function claim(text: string, before: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError("NAME=VALUE is wanted, such as warranty=2031.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
