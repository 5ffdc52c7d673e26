import { loadIdentity } from "@modwarden/identity";
import { approvalWith } from "@modwarden/server";
import type { Command } from "commander";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

/** By whom, and where: the one at the site's control socket, or the holder of an identity over the network. */
export interface ByOptions extends SiteOption {
  readonly identity?: string;
  readonly url?: string;
  readonly json?: true;
}

export function withBy(command: Command): Command {
  return withSite(command)
    .option("--identity <DIR>", "your own identity, over the network: you are recorded as the one who said so")
    .option("--url <URL>", "the enrolment endpoint, where it is not the one that your identity names");
}

/** One step of an approval. Errors: those of the site. */
export async function step<Result>(
  { identity, url, ...options }: ByOptions,
  name: string,
  parameters: object,
): Promise<Result> {
  if (identity === undefined) return await onSite<Result>(options, `approval.${name}`, parameters);
  return (await approvalWith(loadIdentity(identity), name, parameters, url)) as Result;
}
