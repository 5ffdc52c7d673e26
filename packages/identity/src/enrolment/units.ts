import type { Kysely } from "kysely";
import { IdentityError } from "../errors.ts";
import { isFree } from "../registry/rows.ts";
import type { Registry } from "../registry/schema.ts";
import type { Reach } from "../types/site.ts";

const FIRST_UNIT = 1;
/** 248 to 254 are reserved. MODBUS over Serial Line V1.02 § 2.2 */
const LAST_UNIT = 247;
/** Over TCP: the device itself. MODBUS Messaging on TCP/IP V1.0b § 4.4.1.2 */
const WHOLE_DEVICE = 255;

export interface UnitRequest {
  readonly id: string;
  readonly kind: string;
  readonly asked: number | "auto" | undefined;
  /** The unit that the registration key is bound to. */
  readonly ofKey: number | null;
  readonly reach: readonly Reach[];
}

/**
 * The unit that an identity is registered with; null when it has none. One that the site file lists has the unit it is
 * listed with, and the file itself is refused where that would mean two devices on one listener or bus. Where a device
 * will be reached that is not listed yet nobody knows, and so it shares its unit with no other. Error:
 * ERR_ENROLMENT_UNIT
 */
export async function unitFor(database: Kysely<Registry>, request: UnitRequest): Promise<number | null> {
  const { id, kind, asked, ofKey, reach } = request;
  if (kind === "client") {
    if (asked !== undefined) throw wrong("a client has no unit: leave it out");
    return null;
  }
  const listed = reach.find(({ device }) => sameId(device, id));
  if (ofKey !== null && listed !== undefined && listed.unit !== ofKey) {
    throw wrong(`the key is for unit ${ofKey}, and the site lists "${listed.device}" with unit ${listed.unit}`);
  }
  const bound = listed?.unit ?? ofKey ?? undefined;
  if (typeof asked === "number" && bound !== undefined && asked !== bound) {
    throw wrong(`"${id}" has the unit ${bound} here, not ${asked}`);
  }
  if (listed !== undefined) return listed.unit;
  const wanted = bound ?? asked;
  if (wanted === undefined) return null;
  const taken = await takenUnits(database, id, reach);
  if (wanted === "auto") return lowestFree(taken);
  if ((wanted < FIRST_UNIT || wanted > LAST_UNIT) && wanted !== WHOLE_DEVICE) {
    throw wrong(
      `a unit is ${FIRST_UNIT} to ${LAST_UNIT}, or ${WHOLE_DEVICE} for the device itself: 0 is the broadcast`,
    );
  }
  const other = taken.get(wanted);
  if (other !== undefined) throw wrong(`the unit ${wanted} is that of "${other}" already`);
  return wanted;
}

/** Every unit that is registered or listed for another one, and whose it is. */
async function takenUnits(
  database: Kysely<Registry>,
  id: string,
  reach: readonly Reach[],
): Promise<ReadonlyMap<number, string>> {
  const rows = await database
    .selectFrom("identity")
    .select(["id", "unit", "state", "reason"])
    .where("unit", "is not", null)
    .execute();
  const taken = new Map<number, string>(reach.map(({ unit, device }) => [unit, device]));
  for (const row of rows) {
    if (row.unit !== null && !sameId(row.id, id) && !isFree(row)) taken.set(row.unit, row.id);
  }
  return taken;
}

function lowestFree(taken: ReadonlyMap<number, string>): number {
  for (let unit = FIRST_UNIT; unit <= LAST_UNIT; unit += 1) if (!taken.has(unit)) return unit;
  throw wrong(`every unit from ${FIRST_UNIT} to ${LAST_UNIT} is taken`);
}

function sameId(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function wrong(why: string): IdentityError {
  return new IdentityError("ERR_ENROLMENT_UNIT", why);
}
