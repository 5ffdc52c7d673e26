import type { Context } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { stateOf } from "../registry/columns.ts";
import type { Confirmation } from "../types.ts";
import { expireUnconfirmed } from "./unconfirmed.ts";

/**
 * The holder of a certificate has shown that it has it and its private key (TLS proved that). The first time makes the
 * identity active; again changes nothing. Error: ERR_ENROLMENT_CONFIRM
 */
export async function confirm(
  context: Context,
  fingerprint: string,
  source: string | undefined,
): Promise<Confirmation> {
  await expireUnconfirmed(context, context.now());
  const now = context.now().getTime();
  const { identity, certificate, first } = await context.database.transaction().execute(async (transaction) => {
    const held = await transaction
      .selectFrom("certificate")
      .selectAll()
      .where("fingerprint", "=", fingerprint)
      .where("revoked", "is", null)
      .where("expires", ">", now)
      .executeTakeFirst();
    const owner = await transaction
      .selectFrom("identity")
      .selectAll()
      .where("fingerprint", "=", fingerprint)
      .where("state", "in", ["claimed", "active", "suspended"])
      .executeTakeFirst();
    if (held === undefined || owner === undefined) {
      throw new IdentityError(
        "ERR_ENROLMENT_CONFIRM",
        "this certificate cannot be confirmed: it is not of this registry, was revoked, or was not confirmed in time",
      );
    }
    const claimed = owner.state === "claimed";
    if (claimed) {
      await transaction
        .updateTable("identity")
        .set({ state: "active", public_key: null, claim_hmac: null, changed: now })
        .where("id", "=", owner.id)
        .execute();
      await transaction
        .updateTable("certificate")
        .set({ confirm_by: null })
        .where("fingerprint", "=", fingerprint)
        .execute();
      const { id, role } = owner;
      const key = owner.key_id === null ? {} : { key: owner.key_id };
      const from = source === undefined ? {} : { source };
      const as = role === null ? {} : { role };
      await context.edge(transaction, { kind: "enrolment", event: "confirmed", id, ...key, ...from, fingerprint });
      await context.edge(transaction, { kind: "identity", event: "activated", id, ...as, fingerprint });
    }
    return { identity: owner, certificate: held, first: claimed };
  });
  const { id, role } = identity;
  if (first) await context.committed();
  const state = !first && stateOf(identity.state) === "suspended" ? "suspended" : "active";
  return { id, role, state, fingerprint, expires: new Date(certificate.expires).toISOString() };
}
