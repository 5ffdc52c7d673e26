import type { KeyObject } from "node:crypto";
import type { Kysely } from "kysely";
import { spkiBytes } from "../certificate/read.ts";
import { publicKeyOfRequest } from "../certificate/request.ts";
import { type Context, correlationCode, hmacOf } from "../context.ts";
import { IdentityError, type IdentityErrorCode } from "../errors.ts";
import type { RefusalReason } from "../events.ts";
import { judgeKey } from "../keys/judge.ts";
import { takeUse } from "../keys/use.ts";
import { isIdentityId, isPrintable } from "../names.ts";
import { clockOff, holdsKey, keyIdIn, saidIn } from "../refusals/said.ts";
import { parseList } from "../registry/columns.ts";
import { isFree, makeRoom, newRow } from "../registry/rows.ts";
import type { IdentityRow, KeyRow, Registry } from "../registry/schema.ts";
import type { Enrolment, EnrolmentRequest } from "../types.ts";
import { claimedAnswer, issueClaimed } from "./certificates.ts";
import { checkThrottle, refuse } from "./refuse.ts";
import { expireUnconfirmed } from "./unconfirmed.ts";

const MAX_SERIAL = 200;
/** What was wrong with a request whose key was good. */
const REASONS: Readonly<Partial<Record<IdentityErrorCode, RefusalReason>>> = {
  ERR_ENROLMENT_ROLE: "role",
  ERR_ENROLMENT_CSR: "csr",
  ERR_ENROLMENT_TAKEN: "taken",
  ERR_AUTHORITY_TIME: "clock",
};

/** By which door it came in. */
export type EnrolmentMethod = "api" | "est";

/** Registers one name with one key. What is asked is looked at only after the key has proven good. */
export async function enrol(
  context: Context,
  request: EnrolmentRequest,
  method: EnrolmentMethod = "api",
): Promise<Enrolment> {
  await checkThrottle(context, request.source);
  await expireUnconfirmed(context, context.now());
  const verdict = await judgeKey(context, request.key, request);
  if (!verdict.good) {
    const unknown = verdict.reason === "unknown" ? keyIdIn(request.key) : {};
    const said = { ...unknown, ...saidIn(request, context.now()) };
    return await refuse(context, { ...verdict, source: request.source, said });
  }
  const key = verdict.row;
  try {
    checkRequest(request);
    const publicKey = publicKeyOfRequest(request.csr);
    return await register(context, { ...request, method }, key, publicKey, roleFor(key, request.role));
  } catch (error) {
    throw await reported(context, error, request, key.id);
  }
}

/** The use, the name and the certificate are one transaction: a refusal or a crash uses nothing up. */
async function register(
  context: Context,
  request: EnrolmentRequest & { readonly method: EnrolmentMethod },
  key: KeyRow,
  publicKey: KeyObject,
  role: string | null,
): Promise<Enrolment> {
  const manual = key.approval !== "auto";
  const clock = clockOff(request.deviceTime, context.now());
  const claim = Buffer.from(context.random(32)).toString("base64url");
  const row: IdentityRow = {
    ...newRow(request.name, key.kind, context.now().getTime()),
    role,
    serial: request.serial ?? null,
    model: key.model,
    unit: key.unit,
    claims: key.claims,
    method: request.method,
    names: key.names,
    key_id: key.id,
    public_key: Buffer.from(spkiBytes(publicKey)).toString("base64"),
    claim_hmac: manual ? hmacOf(context.pepper, claim).toString("hex") : null,
    certificate_lifetime_ms: key.certificate_lifetime_ms,
  };
  const certificate = await context.database.transaction().execute(async (transaction) => {
    if (!(await takeUse(transaction, key, context.now().getTime()))) return "gone";
    await makeRoom(transaction, request.name, "ERR_ENROLMENT_TAKEN", context.now().getTime(), key.id);
    await checkSerial(transaction, request.serial);
    await transaction.insertInto("identity").values(row).execute();
    const about = {
      kind: "enrolment",
      id: row.id,
      key: key.id,
      source: request.source,
      ...(role === null ? {} : { role }),
      ...(Object.keys(clock).length === 0 ? {} : { detail: clock }),
    } as const;
    if (manual) {
      await context.edge(transaction, { ...about, event: "pending" });
      return undefined;
    }
    const issued = await issueClaimed(context, transaction, row);
    await context.edge(transaction, { ...about, event: "claimed", fingerprint: issued.fingerprint });
    return issued;
  });
  if (certificate === "gone") {
    const again = await judgeKey(context, request.key, request);
    const reason = again.good ? "used-up" : again.reason;
    const said = saidIn(request, context.now());
    return await refuse(context, { reason, key: key.id, source: request.source, said });
  }
  await context.committed();
  if (certificate === undefined) {
    const anchors = [context.authority.root];
    return { id: row.id, role, state: "pending", claim, anchors, serverTime: context.now().toISOString() };
  }
  return claimedAnswer(context, row, certificate);
}

function checkRequest(request: EnrolmentRequest): void {
  if (!isIdentityId(request.name)) {
    throw new IdentityError("ERR_ENROLMENT_REQUEST", 'a name is 1 to 64 letters, digits, ".", "_" and "-"');
  }
  // It would stand in every list and record.
  if (holdsKey(request.name) || holdsKey(request.serial ?? "")) {
    throw new IdentityError(
      "ERR_ENROLMENT_REQUEST",
      "a registration key stands where the name or serial number belongs",
    );
  }
  const serial = request.serial;
  if (serial !== undefined && (serial.length === 0 || serial.length > MAX_SERIAL || !isPrintable(serial))) {
    throw new IdentityError("ERR_ENROLMENT_REQUEST", `a serial number has 1 to ${MAX_SERIAL} printable characters`);
  }
}

/** One allowed role is taken, of several the request names one; nothing above the key's ceiling. */
function roleFor(key: KeyRow, asked: string | undefined): string | null {
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
async function checkSerial(database: Kysely<Registry>, serial: string | undefined): Promise<void> {
  if (serial === undefined) return;
  const rows = await database.selectFrom("identity").selectAll().where("serial", "=", serial).execute();
  if (rows.some((row) => !isFree(row))) {
    throw new IdentityError("ERR_ENROLMENT_TAKEN", "this serial number is registered already");
  }
}

/** What was refused with a good key is on record too, under the same kind of code. */
async function reported(context: Context, error: unknown, request: EnrolmentRequest, key: string): Promise<unknown> {
  if (!(error instanceof IdentityError) || error.code === "ERR_ENROLMENT_REFUSED") return error;
  const correlation = correlationCode(context.random);
  const { source } = request;
  const { name, ...said } = saidIn(request, context.now());
  // With a good key the name is the identity that this is about, unless it cannot be one.
  const about = name === request.name && isIdentityId(name) ? { id: name } : {};
  const detail = { ...("id" in about || name === undefined ? {} : { name }), ...said, problem: error.message };
  await context.refusal({
    kind: "enrolment",
    event: "refused",
    reason: REASONS[error.code] ?? "request",
    key,
    ...about,
    source,
    correlation,
    detail,
  });
  return new IdentityError(error.code, error.message, { correlation, cause: error });
}
