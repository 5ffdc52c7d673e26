import { reusable } from "@modwarden/store";
import type { Kysely } from "kysely";
import type { KeyRow, Registry } from "../registry/schema.ts";

const addUse = reusable((database: Kysely<Registry>, id: string, nowMs: number) =>
  database
    .updateTable("registration_key")
    .set((expression) => ({ used: expression("used", "+", 1) }))
    .where("id", "=", id)
    .where("revoked", "is", null)
    .where("expires", ">", nowMs)
    .whereRef("used", "<", "uses"),
);

/** Takes one use, unless the key stopped being good in between. */
export async function takeUse(database: Kysely<Registry>, key: KeyRow, nowMs: number): Promise<boolean> {
  await enterLedger(database, key);
  return (await addUse(database, key.id, nowMs)).numAffectedRows === 1n;
}

export async function giveUseBack(database: Kysely<Registry>, id: string): Promise<void> {
  await database
    .updateTable("registration_key")
    .set((expression) => ({ used: expression("used", "-", 1) }))
    .where("id", "=", id)
    .where("used", ">", 0)
    .execute();
}

/** The registry hears of an offline key with its first use, or when it has leaked. */
export async function enterLedger(database: Kysely<Registry>, key: KeyRow): Promise<void> {
  if (key.form !== "offline") return;
  await database
    .insertInto("registration_key")
    .values({ ...key, used: 0 })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
}
