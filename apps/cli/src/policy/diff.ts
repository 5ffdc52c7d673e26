import { existsSync } from "node:fs";
import { type DiffRegion, diffPolicies, type PolicyDocument, readPolicy } from "@modwarden/policy";
import { policyDevices, readSite } from "@modwarden/server";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { readNamedFile } from "../frame/files.ts";
import { DEFAULT_SITE } from "../frame/site.ts";

interface DiffCommandOptions {
  readonly site?: string;
  readonly json?: true;
}

export function policyDiffCommand(context: Context): Command {
  const command = createCommand("diff", {
    summary: "What one policy permits and another does not",
    examples: [
      ["modwarden policy diff policy.yaml new.yaml", "for the devices of ./site.yaml"],
      ["modwarden policy diff old.yaml new.yaml --site site.yaml --json", "for a script"],
    ],
    more: `The rules themselves are compared, no requests are tried: what is not told is decided alike. Without --site it is ./${DEFAULT_SITE}, where there is one, and rules for other places are left out; without a site files can be compared that name no devices, points or labels. Exit 0 when nothing differs, 1 when something does, 2 when a file cannot be used.`,
  });
  return withJson(command)
    .argument("<A>", "a policy file")
    .argument("<B>", "another")
    .option("--site <FILE>", "the site whose devices they name")
    .action(async (fileA: string, fileB: string, { site: siteFile, json }: DiffCommandOptions) => {
      const read = async (file: string): Promise<PolicyDocument> =>
        readPolicy(await readNamedFile(context.terminal, file), file);
      const [a, b] = [await read(fileA), await read(fileB)];
      const place = siteFile ?? (existsSync(DEFAULT_SITE) ? DEFAULT_SITE : undefined);
      const site = place === undefined ? undefined : readSite(place);
      const zone = site?.value.gateway.zone;
      const { same, modes, regions } =
        site === undefined
          ? diffPolicies(a, b, [])
          : diffPolicies(a, b, policyDevices(site.devices, site.profiles), {
              location: {
                site: site.value.site,
                gateway: site.value.gateway.id,
                ...(zone === undefined ? {} : { zone }),
              },
            });
      if (!same) context.endWith(1);
      if (json) {
        context.json({ same, a: fileA, b: fileB, ...(modes === undefined ? {} : { modes }), regions });
        return;
      }
      if (modes !== undefined) context.print(`${fileA} is in ${modes.a} mode, ${fileB} in ${modes.b} mode`);
      for (const [side, file, other] of [["a", fileA, fileB] as const, ["b", fileB, fileA] as const]) {
        const own = regions.filter((region) => region.onlyIn === side);
        if (own.length === 0) continue;
        context.print(context.paint("bold", `only ${file} permits`));
        for (const region of own) for (const line of regionLines(region, file, other)) context.print(line);
      }
      if (same) context.print("no decision differs");
    });
}

function regionLines(region: DiffRegion, file: string, other: string): readonly string[] {
  const { roles, conditions, by, nearest, forbiddenBy, vague } = region;
  const so = vague ? ["in some circumstances; too many to tell which"] : conditions;
  const head = `  ${roles.join(", ")} on ${placeText(region)}: ${whatText(region)}`;
  const reason =
    forbiddenBy === undefined ? nearest.map(ruleText).join("; ") || "no rule" : `rule ${forbiddenBy} forbids it`;
  return [so.length === 0 ? head : `${head}: ${so.join("; ")}`, `      ${file}: ${ruleText(by)} · ${other}: ${reason}`];
}

function ruleText({ rule, says }: DiffRegion["by"]): string {
  return says === "" ? `rule ${rule}` : `rule ${rule} (${says})`;
}

function placeText({ devices, units }: DiffRegion): string {
  const others = units.length === 0 ? [] : [`${devices.length > 0 ? "other " : ""}units ${units.join(", ")}`];
  return [...devices, ...others].join(", ");
}

function whatText({ functions, table, write, addresses, points, files }: DiffRegion): string {
  const codes = `function ${functions.join(", ")}`;
  if (files.length > 0) return `${codes}, files ${files.join(", ")}`;
  if (addresses.length === 0) return codes;
  const everywhere = addresses.length === 1 && addresses[0] === "0-65535";
  const where = `${table ?? "queue"} ${everywhere ? "at every address" : addresses.join(", ")}`;
  const named = points.length > 0 && points.length <= 5;
  return `${write ? "write" : "read"} ${named ? `${points.join(", ")} (${where})` : where} by ${codes}`;
}
