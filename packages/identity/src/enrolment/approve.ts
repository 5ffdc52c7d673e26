import type { Kysely } from "kysely";
import { type Context, correlationCode } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { listing, showRow, unknown } from "../registry/identities.ts";
import type { IdentityRow, Registry } from "../registry/schema.ts";
import type { Approver, IdentityListing } from "../types.ts";
import { checkThrottle } from "./refuse.ts";
import { activeHolder } from "./request.ts";
import { expireWaiting } from "./waiting.ts";

/**
 * One person's yes to what waits for approval; without an approver it is the site's administrator who says it. Where two have to agree, each needs an identity of their own: the
 * administrator at the machine is nobody in particular. Errors: ERR_IDENTITY_UNKNOWN, ERR_IDENTITY_STATE,
 * ERR_IDENTITY_APPROVAL, ERR_ENROLMENT_APPROVER, ERR_ENROLMENT_THROTTLED
 */
export async function approve(context: Context, id: string, approver?: Approver): Promise<IdentityListing> {
  await expireWaiting(context, context.now());
  const by = approver === undefined ? undefined : await personOf(context, approver);
  const at = context.now().getTime();
  const found = await context.database.transaction().execute(async (transaction) => {
    const row = await pending(transaction, id);
    checkPerson(row, by);
    if (by !== undefined) await enter(transaction, { identity_id: row.id, approver: by, at });
    const count = by === undefined ? 1 : (await approversOf(transaction, row.id)).length;
    const person = by === undefined ? {} : { by };
    if (row.approvals_needed > 1) {
      const detail = { approvals: count, needed: row.approvals_needed };
      await context.edge(transaction, { kind: "identity", event: "approval", id: row.id, ...person, detail });
    }
    if (count < row.approvals_needed) return row.id;
    const approved = { state: "approved", changed: at } as const;
    await transaction.updateTable("identity").set(approved).where("id", "=", row.id).execute();
    await context.edge(transaction, { kind: "identity", event: "approved", id: row.id, ...person });
    return row.id;
  });
  await context.committed();
  return listing(await showRow(context, found));
}

/**
 * A no. The id is free at once; the key's use is not given back: whoever holds that key has been turned away. Errors as
 * `approve`
 */
export async function deny(context: Context, id: string, approver?: Approver): Promise<IdentityListing> {
  const by = approver === undefined ? undefined : await personOf(context, approver);
  const changed = context.now().getTime();
  const found = await context.database.transaction().execute(async (transaction) => {
    const row = await pending(transaction, id);
    const denied = {
      state: "revoked",
      reason: "denied",
      public_key: null,
      csr: null,
      claim_hmac: null,
      changed,
    } as const;
    await transaction.updateTable("identity").set(denied).where("id", "=", row.id).execute();
    const person = by === undefined ? {} : { by };
    await context.edge(transaction, { kind: "identity", event: "denied", id: row.id, ...person });
    return row.id;
  });
  await context.committed();
  return listing(await showRow(context, found));
}

/** Who has said yes and is still somebody: whoever was shut out since then does not count. */
async function approversOf(
  database: Kysely<Registry>,
  id: string,
): Promise<readonly { readonly by: string; readonly at: number }[]> {
  return await database
    .selectFrom("approval")
    .innerJoin("identity", "identity.id", "approval.approver")
    .select(["approval.approver as by", "approval.at"])
    .where("approval.identity_id", "=", id)
    .where("identity.state", "=", "active")
    // Whoever has the id by now is somebody else.
    .whereRef("identity.registered", "<=", "approval.at")
    .orderBy("approval.at")
    .execute();
}

async function pending(transaction: Kysely<Registry>, id: string): Promise<IdentityRow> {
  const row = await transaction.selectFrom("identity").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw unknown(id);
  if (row.state === "pending") return row;
  throw new IdentityError(
    "ERR_IDENTITY_STATE",
    `"${row.id}" is ${row.state}: only what is pending is approved or denied`,
  );
}

function checkPerson(row: IdentityRow, by: string | undefined): void {
  if (by === undefined && row.approvals_needed > 1) {
    throw new IdentityError(
      "ERR_IDENTITY_APPROVAL",
      `"${row.id}" needs ${row.approvals_needed} people, each by an identity of their own: modwarden identity approve ${row.id} --identity DIR`,
    );
  }
  if (by !== undefined && by.toLowerCase() === row.installer?.toLowerCase()) {
    throw new IdentityError(
      "ERR_IDENTITY_APPROVAL",
      `"${by}" has asked for "${row.id}": somebody else has to approve it`,
    );
  }
}

async function enter(
  transaction: Kysely<Registry>,
  approval: { readonly identity_id: string; readonly approver: string; readonly at: number },
): Promise<void> {
  // What a former holder of the approver's id has said is not theirs.
  await transaction
    .deleteFrom("approval")
    .where("identity_id", "=", approval.identity_id)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("identity")
            .select("id")
            .whereRef("identity.id", "=", "approval.approver")
            .whereRef("identity.registered", "<=", "approval.at"),
        ),
      ),
    )
    .execute();
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto("approval")
    .values(approval)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 1n) return;
  throw new IdentityError(
    "ERR_IDENTITY_APPROVAL",
    `"${approval.approver}" has approved "${approval.identity_id}" already: another person has to agree`,
  );
}

/** The id of somebody who may approve; anybody else is refused and on record. */
async function personOf(context: Context, approver: Approver): Promise<string> {
  const holder = await holderOf(context, approver);
  const may = context.site.approvers;
  if (holder !== undefined && may.includes(holder.role ?? "")) return holder.id;
  const why =
    may.length === 0
      ? "nobody may approve over the network here: the site file names no role under enrolment.approvers"
      : "this identity may not approve enrolments";
  throw await refusedHolder(context, approver, holder?.id, why);
}

/** Who has shown a certificate, whatever they may do; whoever is not an active identity is refused and on record. */
export async function shownHolder(context: Context, approver: Approver): Promise<Holder> {
  const holder = await holderOf(context, approver);
  if (holder !== undefined) return holder;
  const why = "the certificate that was shown is not that of an active identity";
  throw await refusedHolder(context, approver, undefined, why);
}

interface Holder {
  readonly id: string;
  readonly role: string | null;
}

async function holderOf(context: Context, { presented, source }: Approver): Promise<Holder | undefined> {
  await checkThrottle(context, source);
  return await activeHolder(context, presented);
}

async function refusedHolder(
  context: Context,
  { presented, source }: Approver,
  id: string | undefined,
  why: string,
): Promise<IdentityError> {
  context.throttle.refused(source, context.now().getTime());
  const correlation = correlationCode(context.random);
  const person = id === undefined ? {} : { id };
  const about = { kind: "enrolment", event: "refused", reason: "approver" } as const;
  await context.refusal({ ...about, ...person, fingerprint: presented, source, correlation });
  return new IdentityError("ERR_ENROLMENT_APPROVER", why, { correlation });
}
