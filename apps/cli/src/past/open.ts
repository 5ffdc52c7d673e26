import { existsSync } from "node:fs";
import type { PolicyDevice, PolicyLocation } from "@modwarden/policy";
import type { Site } from "@modwarden/server";
import type { Command } from "commander";
import { CliError } from "../frame/error.ts";
import { collect } from "../frame/options.ts";
import { DEFAULT_SITE } from "../frame/site.ts";
import { pastOfCapture } from "./capture.ts";
import { isFolder, pastOfLog, siteOfLog } from "./log.ts";
import type { Past } from "./past.ts";
import { instant, type SliceOptions, share } from "./slice.ts";

export interface PastOptions extends SliceOptions {
  readonly from: string;
  readonly site?: string;
  readonly role?: readonly string[];
}

/** The past that a command works on, and the site that it is about. */
export interface OpenedPast {
  readonly past: Past;
  /** Undefined: no site is given. */
  readonly site: Site | undefined;
  /** The devices, and where it was: of the site; without one what the log names, which is then read for them. */
  place(): Place;
}

interface Place {
  readonly devices: readonly PolicyDevice[];
  readonly location?: PolicyLocation;
}

/** `--from`, `--site`, `--role` and the times, on every command that works on the past. */
export function withPast(command: Command): Command {
  return command
    .requiredOption("--from <LOG|CAPTURE>", "the folder of an audit log, or a capture (pcap)")
    .option("--site <FILE>", `the site whose devices these are; of a log ./${DEFAULT_SITE}, where there is one`)
    .option("--role <ADDRESS=ROLE>", "the role of a client of a capture; may be repeated", collect)
    .option("--first <SHARE>", "only the first 70%, say, of the requests", share)
    .option("--last <SHARE>", "only the last 30%, say", share)
    .option("--since <TIME>", "only from this time on (RFC 3339)", instant)
    .option("--until <TIME>", "only before this time", instant);
}

/** `note` takes what a person should know of what was taken without being named. */
export async function openPast(
  { from, site: named, role }: PastOptions,
  note: (line: string) => void,
): Promise<OpenedPast> {
  const isLog = isFolder(from);
  const file = named ?? (isLog && existsSync(DEFAULT_SITE) ? DEFAULT_SITE : undefined);
  if (isLog && role !== undefined) {
    throw new CliError("ERR_USAGE", "--role is for captures: a log knows the roles of its clients", 2);
  }
  if (named === undefined && file !== undefined) note(`with the devices of ./${file}; --site names another site`);
  // A site takes time to load, and a capture or a log can do without.
  const server = file === undefined ? undefined : await import("@modwarden/server");
  const site = file === undefined ? undefined : server?.readSite(file);
  const past = isLog ? pastOfLog(from) : pastOfCapture({ file: from, site, roles: rolesOf(role ?? []) });
  if (site === undefined || server === undefined) {
    return { past, site, place: () => (isLog ? siteOfLog(from) : { devices: [] }) };
  }
  const { site: name, gateway } = site.value;
  const location = { site: name, gateway: gateway.id, ...(gateway.zone === undefined ? {} : { zone: gateway.zone }) };
  const devices = server.policyDevices(site.devices, site.profiles);
  return { past, site, place: () => ({ devices, location }) };
}

function rolesOf(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    texts.map((text): readonly [string, string] => {
      const equals = text.indexOf("=");
      if (equals < 1 || equals === text.length - 1) {
        throw new CliError("ERR_USAGE", `--role is ADDRESS=ROLE, such as 10.0.0.5=Operator, not "${text}"`, 2);
      }
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}
