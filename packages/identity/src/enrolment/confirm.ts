import { reusable } from "@modwarden/store";
import type { Kysely } from "kysely";
import { type Context, correlationCode, iso } from "../context.ts";
import { stateOf } from "../registry/columns.ts";
import type { CertificateRow, IdentityRow, Registry } from "../registry/schema.ts";
import { lockClone } from "../renewal/clone.ts";
import { confirmNext } from "../renewal/confirm-next.ts";
import { type Holder, holderOf } from "../renewal/holder.ts";
import { type HolderRefusal, refuseHolder } from "../renewal/refuse.ts";
import type { Confirmation } from "../types.ts";
import { expireOverdue } from "./unconfirmed.ts";

type Result =
  | { readonly confirmation: Confirmation; readonly changed: boolean }
  | { readonly refusal: Omit<HolderRefusal, "source" | "told">; readonly message?: string };

const SENTENCE =
  "this certificate cannot be confirmed: it is not of this registry, was revoked, or was not confirmed in time";

/**
 * The holder of a certificate has shown that it has it and its private key (TLS proved that). The first time makes the
 * identity active, or lets a renewed certificate take the place of the one before; again changes nothing. Errors:
 * ERR_ENROLMENT_CONFIRM; ERR_RENEWAL_ENDED when it counts and has ended
 */
export async function confirm(
  context: Context,
  fingerprint: string,
  source: string | undefined,
): Promise<Confirmation> {
  const began = context.now().getTime();
  await expireOverdue(context);
  const result = await context.database.transaction().execute(async (transaction) => {
    const holder = await holderOf(transaction, fingerprint, began);
    return await judge(context, transaction, holder, { fingerprint, source });
  });
  if ("refusal" in result) {
    const { refusal } = result;
    // A clone was locked in that transaction: the lines know it before the answer.
    if (refusal.reason === "clone") await context.committed();
    // Who asked for a certificate that counts may know why it does not get on: the next step is another one.
    const code = refusal.reason === "expired" ? "ERR_RENEWAL_ENDED" : "ERR_ENROLMENT_CONFIRM";
    const told = { code, message: result.message ?? SENTENCE } as const;
    return await refuseHolder(context, { ...refusal, source: source ?? "", told });
  }
  if (result.changed) await context.committed();
  return result.confirmation;
}

async function judge(
  context: Context,
  transaction: Kysely<Registry>,
  holder: Holder,
  { fingerprint, source }: { readonly fingerprint: string; readonly source: string | undefined },
): Promise<Result> {
  if (holder.kind === "none") {
    const { reason, id } = holder;
    return { refusal: { reason, fingerprint, ...(id === undefined ? {} : { id }) } };
  }
  const { row, certificate } = holder;
  const who = { id: row.id, fingerprint };
  if (holder.kind === "clone") {
    const correlation = correlationCode(context.random);
    await lockClone(context, transaction, { row, certificate, source, correlation });
    return { refusal: { ...who, reason: "clone", correlation } };
  }
  if (certificate.expires <= context.now().getTime()) {
    const message = `this certificate ended at ${iso(certificate.expires)}: recover the identity with it`;
    return { refusal: { ...who, reason: "expired" }, message };
  }
  const state = stateOf(row.state);
  if (holder.kind === "next") {
    if (state !== "active") return { refusal: { ...who, reason: "suspended" } };
    await confirmNext(context, transaction, row, certificate, source);
    return { confirmation: confirmation(row, certificate, "active"), changed: true };
  }
  if (state === "claimed") {
    await activate(context, transaction, row, fingerprint, source);
    return { confirmation: confirmation(row, certificate, "active"), changed: true };
  }
  return { confirmation: confirmation(row, certificate, state === "suspended" ? state : "active"), changed: false };
}

const makeActive = reusable((database: Kysely<Registry>, id: string, changed: number) =>
  database
    .updateTable("identity")
    .set({ state: "active", public_key: null, csr: null, claim_hmac: null, changed })
    .where("id", "=", id),
);

const makeConfirmed = reusable((database: Kysely<Registry>, fingerprint: string) =>
  database.updateTable("certificate").set({ confirm_by: null }).where("fingerprint", "=", fingerprint),
);

async function activate(
  context: Context,
  transaction: Kysely<Registry>,
  row: IdentityRow,
  fingerprint: string,
  source: string | undefined,
): Promise<void> {
  await makeActive(transaction, row.id, context.now().getTime());
  await makeConfirmed(transaction, fingerprint);
  const { id, role } = row;
  const key = row.key_id === null ? {} : { key: row.key_id };
  const from = source === undefined ? {} : { source };
  const as = role === null ? {} : { role };
  await context.edge(transaction, { kind: "enrolment", event: "confirmed", id, ...key, ...as, ...from, fingerprint });
}

function confirmation(row: IdentityRow, certificate: CertificateRow, state: Confirmation["state"]): Confirmation {
  const { id, role } = row;
  return { id, role, state, fingerprint: certificate.fingerprint, expires: iso(certificate.expires) };
}
