import type { Context } from "../context.ts";
import { IdentityError } from "../errors.ts";
import type { IdentityEventName } from "../events.ts";
import { endKeysOf } from "../keys/ended.ts";
import type { IdentityListing, IdentityState } from "../types.ts";
import { stateOf } from "./columns.ts";
import { listing, showRow, unknown } from "./identities.ts";
import { revokeCertificates } from "./rows.ts";

export type Step = "suspend" | "resume" | "resume-clone" | "revoke" | "retire";

const STEPS: Readonly<
  Record<
    Step,
    { readonly from: readonly IdentityState[]; readonly to: IdentityState; readonly event: IdentityEventName }
  >
> = {
  suspend: { from: ["active"], to: "suspended", event: "suspended" },
  resume: { from: ["suspended"], to: "active", event: "resumed" },
  "resume-clone": { from: ["suspended"], to: "active", event: "resumed" },
  revoke: {
    from: ["issued", "pending", "approved", "claimed", "active", "suspended"],
    to: "revoked",
    event: "revoked",
  },
  retire: {
    from: ["issued", "pending", "approved", "claimed", "active", "suspended", "revoked"],
    to: "retired",
    event: "retired",
  },
};

/** Moves an identity along one edge. Errors: ERR_IDENTITY_UNKNOWN, ERR_IDENTITY_STATE */
export async function stepIdentity(context: Context, id: string, step: Step): Promise<IdentityListing> {
  const { from, to, event } = STEPS[step];
  const now = context.now().getTime();
  const before = await context.database.transaction().execute(async (transaction) => {
    const row = await transaction.selectFrom("identity").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw unknown(id);
    const state = stateOf(row.state);
    if (!from.includes(state)) {
      throw new IdentityError("ERR_IDENTITY_STATE", `"${row.id}" is ${state}: ${step} is for ${from.join(", ")}`);
    }
    if (step === "resume" && row.reason === "clone") throw held(row.id);
    const final = to === "revoked" || to === "retired";
    await transaction
      .updateTable("identity")
      .set({
        state: to,
        reason: null,
        changed: now,
        ...(final ? { public_key: null, csr: null, claim_hmac: null, next_fingerprint: null } : {}),
      })
      .where("id", "=", id)
      .execute();
    if (final) await revokeCertificates(transaction, id, now, to);
    const fingerprint = row.fingerprint === null ? {} : { fingerprint: row.fingerprint };
    await context.edge(transaction, { kind: "identity", event, id: row.id, ...fingerprint });
    if (final) await endKeysOf(context, transaction, row);
    return row;
  });
  await context.committed();
  return await showRow(context, before.id).then(listing);
}

/** Whoever holds the certificate that counts would be let in again, and that may be the thief. */
function held(id: string): IdentityError {
  return new IdentityError(
    "ERR_IDENTITY_STATE",
    `"${id}" was suspended because two hold it: retire it and enrol it anew, or resume it with --despite-clone when you know who has the certificate that counts`,
  );
}
