import type { BlameWanted, Place } from "@modwarden/audit";
import type { Profile } from "@modwarden/profile";
import { SiteError } from "../site/error.ts";

const PLACE = /^(coil|discrete|holding|input):(\d{1,5})(?:-(\d{1,5}))?$/;

/**
 * What somebody asks about: a point by its name, or a place such as `holding:50009` or `holding:50009-50010`. A point is
 * found by the name in the records, and where the profile is known by its place as well. Error: ERR_AUDIT_QUESTION
 */
export function blamedPlace(what: string, profile: Profile | undefined): Pick<BlameWanted, "point" | "place"> {
  const match = PLACE.exec(what);
  if (match === null) {
    if (what.includes(":")) throw wrong(what);
    const point = profile?.point(what);
    if (point === undefined) return { point: what };
    return { point: what, place: { table: point.table, first: point.address, last: point.address + point.count - 1 } };
  }
  const [, table, from, to = from] = match;
  const place = { table: table as Place["table"], first: Number(from), last: Number(to) };
  if (place.last < place.first || place.last > 65_535) throw wrong(what);
  return { place };
}

function wrong(what: string): SiteError {
  return new SiteError(
    "ERR_AUDIT_QUESTION",
    `${what}: the name of a point, or a place such as holding:50009 or coil:3-7, is wanted`,
  );
}
