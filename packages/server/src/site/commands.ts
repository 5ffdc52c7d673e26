import type { IdentityService } from "@modwarden/identity";
import { z } from "zod";
import { SiteError } from "./error.ts";

/** What the commands of a site work on: a running one, or one that this process holds for the moment. */
export interface SiteServices {
  readonly identity: IdentityService;
  /** Who is registered has changed: resolves when every line judges by it. */
  changed(): Promise<void>;
  status(): Promise<unknown>;
}

const kind = z.enum(["client", "device", "gateway"]);
const text = z.string().min(1).max(200);

const schemas = {
  "key.create": z.strictObject({
    kind,
    roles: z.array(text).max(16),
    uses: z.int().min(1).max(10_000).exactOptional(),
    expiresInMs: z.int().min(1_000).exactOptional(),
    serials: z.array(text).max(1_000).exactOptional(),
    approval: z.enum(["auto", "manual"]).exactOptional(),
  }),
  "key.list": z.strictObject({}),
  "key.revoke": z.strictObject({ id: text }),
  "identity.list": z.strictObject({}),
  "identity.show": z.strictObject({ id: text }),
  "identity.add": z.strictObject({
    id: text,
    kind: z.enum(["client", "device"]),
    role: text.exactOptional(),
    source: text.optional(),
  }),
  "identity.approve": z.strictObject({ id: text }),
  "identity.suspend": z.strictObject({ id: text }),
  "identity.resume": z.strictObject({ id: text }),
  "identity.revoke": z.strictObject({ id: text }),
  "identity.retire": z.strictObject({ id: text }),
  status: z.strictObject({}),
} as const;

type SiteCommand = keyof typeof schemas;

function isCommand(name: string): name is SiteCommand {
  return Object.hasOwn(schemas, name);
}

/** A command that changes nothing. */
export function isReading(command: string): boolean {
  return command.endsWith(".list") || command.endsWith(".show") || command === "status";
}

/** Runs one command of a site. `parameters` come from outside and are checked here. */
export async function runSiteCommand(services: SiteServices, command: string, parameters: unknown): Promise<unknown> {
  if (!isCommand(command)) throw new SiteError("ERR_CONTROL_COMMAND", `no command "${command}"`);
  const parsed = schemas[command].safeParse(parameters ?? {});
  if (!parsed.success) {
    const problem = parsed.error.issues[0];
    throw new SiteError(
      "ERR_CONTROL_PARAMETERS",
      `${command}: ${problem?.path.join(".") ?? ""} ${problem?.message ?? ""}`.trim(),
    );
  }
  const { identity } = services;
  switch (command) {
    case "key.create":
      return identity.keys.create(parsed.data as z.output<(typeof schemas)["key.create"]>);
    case "key.list":
      return identity.keys.list();
    case "key.revoke":
      return identity.keys.revoke(idOf(parsed.data));
    case "identity.list":
      return identity.identities.list();
    case "identity.show":
      return identity.identities.show(idOf(parsed.data));
    case "identity.add":
      return change(services, () => {
        const { id, kind: added, role, source } = parsed.data as z.output<(typeof schemas)["identity.add"]>;
        return identity.identities.add({
          id,
          kind: added,
          role: role ?? null,
          ...(source === undefined ? {} : { source }),
        });
      });
    case "identity.approve":
      return change(services, () => identity.identities.approve(idOf(parsed.data)));
    case "identity.suspend":
      return change(services, () => identity.identities.suspend(idOf(parsed.data)));
    case "identity.resume":
      return change(services, () => identity.identities.resume(idOf(parsed.data)));
    case "identity.revoke":
      return change(services, () => identity.identities.revoke(idOf(parsed.data)));
    case "identity.retire":
      return change(services, () => identity.identities.retire(idOf(parsed.data)));
    case "status":
      return services.status();
  }
}

/** The answer comes after the effect: who reads "revoked" can rely on it. */
async function change(services: SiteServices, act: () => unknown): Promise<unknown> {
  const result = await act();
  await services.changed();
  return result;
}

function idOf(parameters: unknown): string {
  return (parameters as { readonly id: string }).id;
}
