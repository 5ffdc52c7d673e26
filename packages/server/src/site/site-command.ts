import type { IdentityService } from "@modwarden/identity";
import { z } from "zod";
import type { ApprovalDesk } from "../approvals/desk.ts";
import type { SiteLooks } from "../looks/site-looks.ts";
import type { SitePolicies } from "../policy/site-policies.ts";
import { SiteError } from "./error.ts";
import type { SiteHolds } from "./site-holds.ts";

/** What the commands of a site work on: a running one, or one that this process holds for the moment. */
export interface SiteServices {
  readonly identity: IdentityService;
  /** The policy in force and those before it. */
  readonly policies: SitePolicies;
  /** The legal holds of its log. */
  readonly holds: SiteHolds;
  readonly status: () => Promise<unknown>;
  /** Of a running site; elsewhere nothing gets as far as to ask for it. */
  readonly approvals?: ApprovalDesk;
  /** Of a running site, too. */
  readonly looks?: Pick<SiteLooks, "operator">;
}

/** What only a running site has. */
type RunningServices = Required<Pick<SiteServices, "approvals" | "looks" | "status">>;

/** One command of a site, as the control socket and the command line call it by its name. */
export interface SiteCommand {
  /** It changes nothing: it leaves no trace of a start and a stop. */
  readonly reading: boolean;
  /** It is about what is in the memory of a running site. */
  readonly needsRunning?: true;
  /** `parameters` come from outside and are checked. Error: ERR_CONTROL_PARAMETERS */
  run(services: SiteServices, name: string, parameters: unknown): Promise<unknown>;
}

export type SiteCommands = Readonly<Record<string, SiteCommand>>;

export const text: z.ZodString = z.string().min(1).max(200);
export const nothing: z.ZodType<unknown> = z.strictObject({});
export const byId: z.ZodType<{ readonly id: string }> = z.strictObject({ id: text });

type Run<Parameters> = (services: SiteServices, parameters: Parameters) => unknown;

/** A command that only looks. */
export function reads<Parameters>(schema: z.ZodType<Parameters>, run: Run<Parameters>): SiteCommand {
  return command(schema, true, run);
}

/** A command that changes something. What it changes in the registry is in force before it is answered. */
export function acts<Parameters>(schema: z.ZodType<Parameters>, run: Run<Parameters>): SiteCommand {
  return command(schema, false, run);
}

/** A command about what only a running site has. Error: ERR_SITE_STOPPED */
export function needsRunning<Parameters>(
  schema: z.ZodType<Parameters>,
  run: (services: RunningServices, parameters: Parameters) => unknown,
): SiteCommand {
  const running = command(schema, true, ({ approvals, looks, status }, parameters) => {
    if (approvals === undefined || looks === undefined) throw stopped();
    return run({ approvals, looks, status }, parameters);
  });
  return { ...running, needsRunning: true };
}

export function stopped(): SiteError {
  return new SiteError("ERR_SITE_STOPPED", "the site is not running: start it with `modwarden up`");
}

function command<Parameters>(schema: z.ZodType<Parameters>, reading: boolean, run: Run<Parameters>): SiteCommand {
  return {
    reading,
    async run(services, name, parameters) {
      const parsed = schema.safeParse(parameters ?? {});
      if (parsed.success) return await run(services, parsed.data);
      const problem = parsed.error.issues[0];
      throw new SiteError(
        "ERR_CONTROL_PARAMETERS",
        `${name}: ${problem?.path.join(".") ?? ""} ${problem?.message ?? ""}`,
      );
    },
  };
}
