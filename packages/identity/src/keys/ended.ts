import { createHash, X509Certificate } from "node:crypto";
import type { Kysely } from "kysely";
import { spkiBytes } from "../certificate/read.ts";
import type { Context } from "../context.ts";
import type { IdentityRow, KeyRow, Registry } from "../registry/schema.ts";
import { endKey } from "./revoke.ts";
import { strikeSerial } from "./serials.ts";

/** More certificates than this come together only in years. */
const MOST_CERTIFICATES = 64;

/**
 * An identity has been revoked or retired: what could bring it back dies with it, in the same transaction. That is every
 * key for its id, for its serial number alone or for a key pair it had, and the key it enrolled by; where that one serves
 * other serial numbers too, only this one is struck from it. One that has expired dies as well: a clock can go back.
 * Offline keys that were never used here are unknown here: `judgeOfflineKey` looks for what has ended.
 */
export async function endKeysOf(
  context: Context,
  transaction: Kysely<Registry>,
  identity: Pick<IdentityRow, "id" | "key_id" | "serial" | "public_key">,
): Promise<void> {
  const { id, serial } = identity;
  const publicKeys = await publicKeysOf(transaction, identity);
  const related = await transaction
    .selectFrom("registration_key")
    .selectAll()
    .where("revoked", "is", null)
    .where("form", "<>", "decoy")
    .where((either) =>
      either.or([
        either("identity_id", "=", id),
        either("id", "=", identity.key_id ?? ""),
        either("public_key", "in", publicKeys),
        // A batch proves every serial number, whether it has heard of this one or not.
        ...(serial === null ? [] : [either("serial_rule", "=", "required")]),
        either(
          "id",
          "in",
          either
            .selectFrom("key_serial")
            .select("key_id")
            .where("serial", "=", serial ?? ""),
        ),
      ]),
    )
    .execute();
  for (const key of related) {
    const tied = key.identity_id?.toLowerCase() === id.toLowerCase();
    // A derived key proves every serial number of its batch, however many uses are left.
    if (!tied && serial !== null && servesOthers(key)) await strike(context, transaction, key, serial, id);
    // Uses of one key for several can be given back by others that came by it.
    else if (key.used < key.uses || key.uses > 1) await endKey(context, transaction, key, "identity-ended", { id });
  }
}

/** SHA-256 of every SubjectPublicKeyInfo it had, hex. */
async function publicKeysOf(
  transaction: Kysely<Registry>,
  { id, public_key }: Pick<IdentityRow, "id" | "public_key">,
): Promise<readonly string[]> {
  const certificates = await transaction
    .selectFrom("certificate")
    .select("chain")
    .where("identity_id", "=", id)
    .orderBy("issued", "desc")
    .limit(MOST_CERTIFICATES)
    .execute();
  const held = certificates.map(({ chain }) => spkiBytes(new X509Certificate(chain).publicKey));
  const owed = public_key === null ? [] : [Buffer.from(public_key, "base64")];
  return [...held, ...owed].map((bytes) => createHash("sha256").update(bytes).digest("hex"));
}

function servesOthers(key: KeyRow): boolean {
  return key.serial_rule === "required" || (key.serial_rule === "listed" && key.uses > 1);
}

async function strike(
  context: Context,
  transaction: Kysely<Registry>,
  key: KeyRow,
  serial: string,
  id: string,
): Promise<void> {
  if (!(await strikeSerial(transaction, key.id, serial, context.now().getTime()))) return;
  await context.edge(transaction, {
    kind: "enrolment",
    event: "key-serial-struck",
    key: key.id,
    id,
    detail: { serial },
  });
}
