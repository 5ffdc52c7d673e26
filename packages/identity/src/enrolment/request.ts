import type { Kysely } from "kysely";
import type { Context } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { isIdentityId, isPrintable } from "../names.ts";
import { holdsKey } from "../refusals/said.ts";
import { parseList } from "../registry/columns.ts";
import { isFree } from "../registry/rows.ts";
import type { KeyRow, Registry } from "../registry/schema.ts";
import type { EnrolmentRequest } from "../types.ts";

const MAX_SERIAL = 200;
/** As keys are written; a hash of as many characters is none. */
const KEY = /mw[kv]1[_.-]/i;

/** Error: ERR_ENROLMENT_REQUEST */
export function checkRequest(request: EnrolmentRequest): void {
  if (!isIdentityId(request.name)) {
    throw new IdentityError("ERR_ENROLMENT_REQUEST", 'a name is 1 to 64 letters, digits, ".", "_" and "-"');
  }
  // It would stand in every list and record.
  if (holdsKey(request.name) || holdsKey(request.serial ?? "") || KEY.test(JSON.stringify(request.device ?? {}))) {
    throw new IdentityError("ERR_ENROLMENT_REQUEST", "a registration key stands where something else belongs");
  }
  const serial = request.serial;
  if (serial !== undefined && (serial.length === 0 || serial.length > MAX_SERIAL || !isPrintable(serial))) {
    throw new IdentityError("ERR_ENROLMENT_REQUEST", `a serial number has 1 to ${MAX_SERIAL} printable characters`);
  }
}

/** One allowed role is taken, of several the request names one; nothing above the key's ceiling. */
export function roleFor(key: KeyRow, asked: string | undefined): string | null {
  const allowed = parseList(key.roles);
  if (asked !== undefined) {
    if (allowed.includes(asked)) return asked;
    throw new IdentityError("ERR_ENROLMENT_ROLE", "the key does not allow this role");
  }
  if (allowed.length > 1) {
    throw new IdentityError("ERR_ENROLMENT_ROLE", `the key allows several roles: name one of ${allowed.join(", ")}`);
  }
  return allowed[0] ?? null;
}

/** A serial number that is in use is a second device with the same label: a copy. */
export async function checkSerial(database: Kysely<Registry>, request: EnrolmentRequest): Promise<void> {
  const { serial, name } = request;
  if (serial === undefined) return;
  const rows = await database.selectFrom("identity").selectAll().where("serial", "=", serial).execute();
  if (rows.some((row) => !isFree(row) && row.id.toLowerCase() !== name.toLowerCase())) {
    throw new IdentityError("ERR_ENROLMENT_TAKEN", "this serial number is registered already");
  }
}

/**
 * Who enrols on the device's behalf: the holder of the certificate that was shown. Undefined when none was. The site
 * may want one of certain roles behind every device or gateway that enrols over the network; clients come by their key
 * alone, or nobody could ever become the first installer. Error: ERR_ENROLMENT_INSTALLER
 */
export async function installerOf(
  context: Context,
  request: EnrolmentRequest,
  kind: string,
): Promise<string | undefined> {
  const wanted = context.site.installers;
  if (request.presented === undefined) {
    if (wanted.length === 0 || kind === "client" || request.method === "air-gap") return undefined;
    throw refused(`a ${kind} is enrolled by an installer here: enrol it with --for and --identity`);
  }
  const holder = await activeHolder(context, request.presented);
  if (holder === undefined) throw refused("the certificate that was shown is not that of an active identity");
  if (wanted.length > 0 && !wanted.includes(holder.role ?? "")) {
    throw refused(`"${holder.id}" may not install here: the roles that may are ${wanted.join(", ")}`);
  }
  return holder.id;
}

/** The active identity whose certificate this is, and holds now. */
export async function activeHolder(
  context: Context,
  fingerprint: string,
): Promise<{ readonly id: string; readonly role: string | null } | undefined> {
  return await context.database
    .selectFrom("identity")
    .innerJoin("certificate", "certificate.fingerprint", "identity.fingerprint")
    .select(["identity.id", "identity.role"])
    .where("identity.fingerprint", "=", fingerprint)
    .where("identity.state", "=", "active")
    .where("certificate.revoked", "is", null)
    .where("certificate.expires", ">", context.now().getTime())
    .executeTakeFirst();
}

function refused(why: string): IdentityError {
  return new IdentityError("ERR_ENROLMENT_INSTALLER", why);
}
