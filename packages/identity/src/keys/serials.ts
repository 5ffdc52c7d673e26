import { reusable } from "@modwarden/store";
import { type Kysely, sql } from "kysely";
import type { Registry } from "../registry/schema.ts";

/** Binds serial numbers to a key; JSON carries any number of them in one statement. */
export async function bindSerials(
  database: Kysely<Registry>,
  keyId: string,
  serials: readonly string[],
): Promise<void> {
  if (serials.length === 0) return;
  await sql`insert or ignore into key_serial (key_id, serial)
    select ${keyId}, value from json_each(${JSON.stringify(serials)})`.execute(database);
}

/** The first `most` of a key's serial numbers that are not struck. */
export async function serialsOf(database: Kysely<Registry>, keyId: string, most: number): Promise<readonly string[]> {
  const rows = await database
    .selectFrom("key_serial")
    .select("serial")
    .where("key_id", "=", keyId)
    .where("struck", "is", null)
    .orderBy("serial")
    .limit(most)
    .execute();
  return rows.map((row) => row.serial);
}

/** This serial number does not open the key any more, whether it was listed or proven. Returns whether that is new. */
export async function strikeSerial(
  database: Kysely<Registry>,
  keyId: string,
  serial: string,
  nowMs: number,
): Promise<boolean> {
  const result = await database
    .insertInto("key_serial")
    .values({ key_id: keyId, serial, struck: nowMs })
    .onConflict((conflict) =>
      conflict.columns(["key_id", "serial"]).doUpdateSet({ struck: nowMs }).where("key_serial.struck", "is", null),
    )
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

const countSerial = reusable((database: Kysely<Registry>, keyId: string, serial: string) =>
  database
    .selectFrom("key_serial")
    .select(({ fn }) => [fn.countAll<number>().as("listed"), fn.count<number>("struck").as("struck")])
    .where("key_id", "=", keyId)
    .where("serial", "=", serial),
);

/** Whether a serial number is listed with a key, and struck; always one row, whatever it finds. */
export async function lookUpSerial(
  database: Kysely<Registry>,
  keyId: string,
  serial: string,
): Promise<{ readonly listed: boolean; readonly struck: boolean }> {
  const [found] = (await countSerial(database, keyId, serial)).rows;
  return { listed: (found?.listed ?? 0) > 0, struck: (found?.struck ?? 0) > 0 };
}
