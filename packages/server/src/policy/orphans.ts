import type { IdentityService } from "@modwarden/identity";

const ENDED: ReadonlySet<string> = new Set(["revoked", "retired"]);
/** How many of each are named. */
const NAMED = 5;

/** Who would be left without anything: registered or invited in a role that was declared before and is not any more. */
export async function orphanWarnings(
  identity: Pick<IdentityService, "identities" | "keys">,
  before: readonly string[],
  after: readonly string[],
): Promise<readonly string[]> {
  const gone = before.filter((role) => !after.includes(role));
  if (gone.length === 0) return [];
  const identities = await identity.identities.list();
  const keys = await identity.keys.list();
  return gone.flatMap((role) => {
    const holders = identities.filter((one) => one.role === role && !ENDED.has(one.state)).map(({ id }) => id);
    const open = keys.filter((key) => key.state === "open" && key.roles.includes(role)).map(({ id }) => id);
    return [
      ...(holders.length === 0 ? [] : [`the role "${role}" is gone: ${listed(holders, "identity", "identities")}`]),
      ...(open.length === 0 ? [] : [`the role "${role}" is gone: ${listed(open, "open key", "open keys")}`]),
    ];
  });
}

function listed(ids: readonly string[], one: string, many: string): string {
  const named = ids.slice(0, NAMED).join(", ");
  const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : "";
  return `${ids.length} ${ids.length === 1 ? `${one} has` : `${many} have`} it (${named}${more})`;
}
