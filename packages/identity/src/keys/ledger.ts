import { createHmac } from "node:crypto";
import type { Kysely } from "kysely";
import { z } from "zod";
import { type Context, iso } from "../context.ts";
import { encodeBits } from "../crockford.ts";
import { IdentityError } from "../errors.ts";
import { parseList } from "../registry/columns.ts";
import { revokeCertificates } from "../registry/rows.ts";
import type { IdentityRow, KeyRow, Registry } from "../registry/schema.ts";
import type { LedgerConflict, LedgerImport } from "../types.ts";
import { jsonOf } from "./derive.ts";
import { endKey } from "./revoke.ts";

const MAX_ENTRIES = 100_000;

const ledger = z.strictObject({
  "modwarden-ledger": z.literal(1),
  origin: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{8}$/),
  exported: z.iso.datetime(),
  keys: z
    .array(
      z.strictObject({
        /** `<issuer>.<id>` */
        key: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{8}\.[0-9A-HJKMNP-TV-Z]{8}$/),
        used: z.int().min(0).max(1_000_000),
        serials: z.array(z.string().min(1).max(200)).max(1000),
      }),
    )
    .max(MAX_ENTRIES),
});

/** What offline keys were used for here, for the other sites and gateways that trust the same issuers. */
export async function exportLedger(context: Context): Promise<string> {
  const rows = await context.database
    .selectFrom("registration_key")
    .select(["id", "used"])
    .where("form", "=", "offline")
    .orderBy("id")
    .limit(MAX_ENTRIES)
    .execute();
  const users = await context.database
    .selectFrom("identity")
    .innerJoin("registration_key", "registration_key.id", "identity.key_id")
    .select(["identity.key_id", "identity.serial"])
    .where("registration_key.form", "=", "offline")
    .where("identity.serial", "is not", null)
    .execute();
  const serials = Map.groupBy(users, ({ key_id }) => key_id);
  const document: z.output<typeof ledger> = {
    "modwarden-ledger": 1,
    origin: originOf(context),
    exported: iso(context.now().getTime()),
    keys: rows.map(({ id, used }) => ({
      key: id,
      used,
      serials: (serials.get(id) ?? []).flatMap(({ serial }) => serial ?? []),
    })),
  };
  return `${JSON.stringify(document)}\n`;
}

/**
 * Takes another one's ledger. A key that was used more often in sum than it may be, or for one serial number twice, was
 * copied: who enrolled by it here is suspended until a person has looked, and the key is revoked. Error: ERR_KEY_FILE
 */
export async function importLedger(context: Context, text: string): Promise<LedgerImport> {
  const parsed = ledger.safeParse(jsonOf(text));
  if (!parsed.success) throw new IdentityError("ERR_KEY_FILE", "this is no ledger of offline keys");
  const { origin, keys } = parsed.data;
  if (origin === originOf(context)) throw new IdentityError("ERR_KEY_FILE", "this is this registry's own ledger");
  const conflicts = await context.database.transaction().execute(async (transaction) => {
    const found: LedgerConflict[] = [];
    for (const { key, used, serials } of keys) {
      await enterPeer(transaction, { key, origin, used, serials });
      const conflict = await reconcile(context, transaction, key);
      if (conflict !== undefined) found.push(conflict);
    }
    const detail = { origin, keys: keys.length, conflicts: found.length };
    await context.edge(transaction, { kind: "enrolment", event: "ledger-imported", detail });
    return found;
  });
  await context.committed();
  return { origin, keys: keys.length, conflicts };
}

/** Known for good and no secret: which registry a ledger is of. */
function originOf(context: Context): string {
  return encodeBits(createHmac("sha256", context.pepper).update("ledger origin").digest(), 8);
}

/** Uses are given back here and there, but what a peer once said is never taken back: an older file changes nothing. */
async function enterPeer(
  transaction: Kysely<Registry>,
  entry: { readonly key: string; readonly origin: string; readonly used: number; readonly serials: readonly string[] },
): Promise<void> {
  const where = { key_id: entry.key, origin: entry.origin };
  const known = await transaction
    .selectFrom("ledger_peer")
    .selectAll()
    .where("key_id", "=", entry.key)
    .where("origin", "=", entry.origin)
    .executeTakeFirst();
  const serials = [...new Set([...(known === undefined ? [] : parseList(known.serials)), ...entry.serials])];
  const row = { used: Math.max(known?.used ?? 0, entry.used), serials: JSON.stringify(serials.slice(0, 1000)) };
  await transaction
    .insertInto("ledger_peer")
    .values({ ...where, ...row })
    .onConflict((conflict) => conflict.columns(["key_id", "origin"]).doUpdateSet(row))
    .execute();
}

async function reconcile(
  context: Context,
  transaction: Kysely<Registry>,
  id: string,
): Promise<LedgerConflict | undefined> {
  const key = await transaction.selectFrom("registration_key").selectAll().where("id", "=", id).executeTakeFirst();
  if (key === undefined || key.used === 0) return undefined;
  const peers = await transaction.selectFrom("ledger_peer").selectAll().where("key_id", "=", id).execute();
  const holders = await transaction
    .selectFrom("identity")
    .selectAll()
    .where("key_id", "=", id)
    .where("state", "not in", ["revoked", "retired", "issued"])
    .execute();
  const used = peers.reduce((sum, peer) => sum + peer.used, key.used);
  const elsewhere = new Set(peers.flatMap((peer) => parseList(peer.serials)));
  const twice = holders.filter(({ serial }) => serial !== null && elsewhere.has(serial));
  if (used <= key.uses && twice.length === 0) return undefined;
  const locked = used > key.uses ? holders : twice;
  for (const holder of locked) await lock(context, transaction, key, holder);
  const ids = locked.map((holder) => holder.id);
  const detail = { used, uses: key.uses, identities: ids.slice(0, 20).join(", ") };
  await endKey(context, transaction, key, "key-conflict", { event: "key-conflict", detail });
  return { key: id, uses: key.uses, used, suspended: ids };
}

/** Nobody can tell which of the holders is the right one. What was not active yet has nothing to come back to. */
async function lock(context: Context, transaction: Kysely<Registry>, key: KeyRow, holder: IdentityRow): Promise<void> {
  if (holder.state === "suspended") return;
  const now = context.now().getTime();
  const active = holder.state === "active";
  const state = active ? "suspended" : "revoked";
  const clear = active ? {} : { public_key: null, claim_hmac: null };
  await transaction
    .updateTable("identity")
    .set({ state, reason: "key-conflict", changed: now, ...clear })
    .where("id", "=", holder.id)
    .execute();
  if (!active) await revokeCertificates(transaction, holder.id, now, "revoked");
  const about = { id: holder.id, key: key.id, reason: "key-conflict" };
  await context.edge(transaction, { kind: "identity", event: state, ...about });
}
