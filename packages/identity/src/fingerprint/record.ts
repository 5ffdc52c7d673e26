import type { Kysely } from "kysely";
import { z } from "zod";
import { type Context, iso } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { listing, showRow, unknown } from "../registry/identities.ts";
import type { FingerprintRow, IdentityRow, Registry } from "../registry/schema.ts";
import { stepIdentity } from "../registry/steps.ts";
import type { DeviceFingerprint, FingerprintDetails, FingerprintVerdict } from "../types/fingerprint.ts";
import type { IdentityListing } from "../types/identities.ts";
import { completed, differences, namedObjects } from "./compare.ts";

const fingerprint: z.ZodType<DeviceFingerprint> = z.strictObject({
  objects: z.record(z.string(), z.string()).nullable().exactOptional(),
  serverId: z.string().nullable().exactOptional(),
  registers: z.record(z.string(), z.array(z.int()).nullable()).exactOptional(),
});

/**
 * A device was read. The first time is what it is known by from then on; later a difference is drift: an event, and
 * with `bar` the device is suspended. A drift that was told of is not told of again. Error: ERR_IDENTITY_UNKNOWN
 */
export async function recordFingerprint(
  context: Context,
  id: string,
  seen: DeviceFingerprint,
  bar: boolean,
): Promise<FingerprintVerdict> {
  const now = context.now().getTime();
  const verdict = await context.database.transaction().execute(async (transaction): Promise<FingerprintVerdict> => {
    const identity = await deviceRow(transaction, id);
    const row = await printOf(transaction, identity);
    if (row === undefined) {
      await first(context, transaction, identity, seen);
      return { kind: "first", changes: [] };
    }
    const accepted = read(row.accepted);
    const changes = differences(accepted, seen);
    const whole = JSON.stringify(completed(accepted, seen));
    const drifted = changes.length === 0 ? null : JSON.stringify(seen);
    const known = row.drifted !== null && differences(read(row.drifted), seen).length === 0;
    if (whole !== row.accepted || (drifted === null) !== (row.drifted === null) || (drifted !== null && !known)) {
      await transaction
        .updateTable("device_fingerprint")
        .set({ accepted: whole, drifted, drifted_since: drifted === null ? null : known ? row.drifted_since : now })
        .where("identity_id", "=", id)
        .execute();
    }
    if (changes.length === 0) return { kind: "same", changes };
    if (known) return { kind: "known-drift", changes };
    const about = { kind: "identity", id: identity.id, detail: { changes: changes.join("; ") } } as const;
    await context.edge(transaction, { ...about, event: "drifted" });
    if (bar && identity.state === "active") {
      await transaction
        .updateTable("identity")
        .set({ state: "suspended", reason: "drift", changed: now })
        .where("id", "=", identity.id)
        .execute();
      await context.edge(transaction, { kind: "identity", event: "suspended", id: identity.id, reason: "drift" });
    }
    return { kind: "drift", changes };
  });
  await context.committed();
  return verdict;
}

/** What the device was last seen with is what it is known by from now on; one that was barred for it may be reached. */
export async function acceptFingerprint(context: Context, id: string): Promise<IdentityListing> {
  const identity = await context.database.transaction().execute(async (transaction) => {
    const device = await deviceRow(transaction, id);
    const row = await printOf(transaction, device);
    if (row?.drifted === undefined || row.drifted === null) {
      throw new IdentityError("ERR_IDENTITY_STATE", `"${device.id}" is what it was: there is nothing to accept`);
    }
    const accepted = completed(read(row.drifted), read(row.accepted));
    await transaction
      .updateTable("device_fingerprint")
      .set({ accepted: JSON.stringify(accepted), since: context.now().getTime(), drifted: null, drifted_since: null })
      .where("identity_id", "=", id)
      .execute();
    const detail = { accepted: differences(read(row.accepted), accepted).join("; ") };
    await context.edge(transaction, { kind: "identity", event: "fingerprinted", id: device.id, detail });
    return device;
  });
  await context.committed();
  if (identity.state === "suspended" && identity.reason === "drift") return await stepIdentity(context, id, "resume");
  return await showRow(context, identity.id).then(listing);
}

/** Undefined for a device that was never read. Error: ERR_IDENTITY_UNKNOWN */
export async function showFingerprint(context: Context, id: string): Promise<FingerprintDetails | undefined> {
  const { database } = context;
  const row = await printOf(database, await deviceRow(database, id));
  if (row === undefined) return undefined;
  const accepted = read(row.accepted);
  const details = { accepted, since: iso(row.since) };
  if (row.drifted === null || row.drifted_since === null) return details;
  const seen = read(row.drifted);
  return { ...details, drifted: { seen, since: iso(row.drifted_since), changes: differences(accepted, seen) } };
}

async function first(
  context: Context,
  transaction: Kysely<Registry>,
  identity: IdentityRow,
  seen: DeviceFingerprint,
): Promise<void> {
  const now = context.now().getTime();
  await transaction
    .replaceInto("device_fingerprint")
    .values({
      identity_id: identity.id,
      accepted: JSON.stringify(seen),
      since: now,
      drifted: null,
      drifted_since: null,
    })
    .execute();
  const objects = seen.objects ?? {};
  const functions = [
    ...(seen.serverId === undefined || seen.serverId === null ? [] : ["17"]),
    ...(seen.objects === undefined || seen.objects === null ? [] : ["43/14"]),
  ];
  // What the device has said of itself when it enrolled counts for more.
  await transaction
    .updateTable("identity")
    .set({
      model: identity.model ?? objects["5"] ?? objects["1"] ?? null,
      firmware: identity.firmware ?? objects["2"] ?? null,
      ...(identity.capabilities === "{}"
        ? { capabilities: JSON.stringify({ functions, objects: namedObjects(objects) }) }
        : {}),
      changed: now,
    })
    .where("id", "=", identity.id)
    .execute();
  const detail = Object.fromEntries(
    Object.entries(namedObjects(objects)).map(([name, text]) => [name, text.slice(0, 60)]),
  );
  await context.edge(transaction, { kind: "identity", event: "fingerprinted", id: identity.id, detail });
}

/** Of this registration: a device that was retired and is registered anew is another one. */
async function printOf(database: Kysely<Registry>, device: IdentityRow): Promise<FingerprintRow | undefined> {
  return await database
    .selectFrom("device_fingerprint")
    .selectAll()
    .where("identity_id", "=", device.id)
    .where("since", ">=", device.registered)
    .executeTakeFirst();
}

/** Errors: ERR_IDENTITY_UNKNOWN, ERR_IDENTITY_STATE */
async function deviceRow(database: Kysely<Registry>, id: string): Promise<IdentityRow> {
  const row = await database.selectFrom("identity").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined || row.state === "retired") throw unknown(id);
  if (row.kind !== "device") {
    throw new IdentityError(
      "ERR_IDENTITY_STATE",
      `"${row.id}" is a ${row.kind}: only devices are known by what they say`,
    );
  }
  return row;
}

function read(json: string): DeviceFingerprint {
  return fingerprint.parse(JSON.parse(json));
}
