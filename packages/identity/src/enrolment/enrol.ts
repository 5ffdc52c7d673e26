import type { KeyObject } from "node:crypto";
import { spkiBytes } from "../certificate/read.ts";
import { publicKeyOfRequest } from "../certificate/request.ts";
import { type Context, correlationCode, hmacOf } from "../context.ts";
import { IdentityError, type IdentityErrorCode } from "../errors.ts";
import type { RefusalReason } from "../events.ts";
import { checkRequestContent, contentOf } from "../external/content.ts";
import { judgeKey, type KeyQuestion } from "../keys/judge.ts";
import { takeUse } from "../keys/use.ts";
import { isIdentityId } from "../names.ts";
import { clockOff, keyIdIn, saidIn } from "../refusals/said.ts";
import { newRow } from "../registry/rows.ts";
import type { IdentityRow, KeyRow } from "../registry/schema.ts";
import type { Enrolment, EnrolmentRequest } from "../types.ts";
import { claimedAnswer, enterClaimed } from "./certificates.ts";
import { whatItBecame } from "./claim.ts";
import { checkThrottle, refuse } from "./refuse.ts";
import { enrolmentUnderWay, repeated } from "./repeat.ts";
import { checkRequest, checkSerial, installerOf, roleFor } from "./request.ts";
import { makeRoomFor } from "./room.ts";
import { expireOverdue } from "./unconfirmed.ts";
import { unitFor } from "./units.ts";

/** What was wrong with a request whose key was good. */
const REASONS: Readonly<Partial<Record<IdentityErrorCode, RefusalReason>>> = {
  ERR_ENROLMENT_ROLE: "role",
  ERR_ENROLMENT_CSR: "csr",
  ERR_ENROLMENT_CSR_CONTENT: "csr",
  ERR_ENROLMENT_TAKEN: "taken",
  ERR_ENROLMENT_UNIT: "unit",
  ERR_ENROLMENT_INSTALLER: "installer",
  ERR_AUTHORITY_TIME: "clock",
};

/** What the key and the request come to, before the registry is asked for room. */
interface Accepted {
  readonly request: EnrolmentRequest;
  readonly key: KeyRow;
  readonly publicKey: KeyObject;
  readonly role: string | null;
  readonly installer: string | undefined;
}

/** Registers one name with one key. What is asked is looked at only after the key has proven good. */
export async function enrol(context: Context, request: EnrolmentRequest): Promise<Enrolment> {
  await checkThrottle(context, request.source);
  await expireOverdue(context);
  const underWay = await enrolmentUnderWay(context, request.name);
  const verdict = await judgeKey(context, request.key, questionOf(request));
  const before = underWay === undefined ? undefined : await repeated(context, underWay, verdict, request);
  if (before !== undefined) return before;
  if (!verdict.good) {
    const unknown = verdict.reason === "unknown" ? keyIdIn(request.key) : {};
    const said = { ...unknown, ...saidIn(request, context.now()) };
    return await refuse(context, { ...verdict, source: request.source, said });
  }
  const key = verdict.row;
  try {
    checkRequest(request);
    const publicKey = publicKeyOfRequest(request.csr);
    const role = roleFor(key, request.role);
    const installer = await installerOf(context, request, key.kind);
    if (context.external !== undefined) {
      checkRequestContent(request.csr, contentOf({ id: request.name, kind: key.kind, role, names: key.names }));
    }
    return await register(context, { request, key, publicKey, role, installer });
  } catch (error) {
    throw await reported(context, error, request, key.id);
  }
}

function questionOf({ source, name, serial, csr, device }: EnrolmentRequest): KeyQuestion {
  const { model, unit } = device ?? {};
  return {
    ...{ source, name, csr },
    ...(serial === undefined ? {} : { serial }),
    ...(model === undefined ? {} : { model }),
    ...(typeof unit === "number" ? { unit } : {}),
  };
}

/** The use, the name, the unit and the certificate are one transaction: a refusal or a crash uses nothing up. */
async function register(context: Context, accepted: Accepted): Promise<Enrolment> {
  const { request, key } = accepted;
  const now = context.now();
  const claim = Buffer.from(context.random(32)).toString("base64url");
  const result = await context.database.transaction().execute(async (transaction) => {
    if (!(await takeUse(transaction, key, now.getTime()))) return "gone";
    await makeRoomFor(transaction, request.name, key, now.getTime());
    await checkSerial(transaction, request);
    const { device } = request;
    const unit = await unitFor(transaction, {
      ...{ id: request.name, kind: key.kind, asked: device?.unit, ofKey: key.unit, reach: context.site.reach() },
    });
    const row = { ...rowOf(context, accepted), unit };
    const about = eventOf(row, accepted, now);
    const approved = row.approvals_needed === 0;
    if (!approved || context.external !== undefined) {
      const claim_hmac = hmacOf(context.pepper, claim).toString("hex");
      const waiting: IdentityRow = { ...row, claim_hmac, state: approved ? "approved" : "pending" };
      await transaction.insertInto("identity").values(waiting).execute();
      await context.edge(transaction, { ...about, event: approved ? "requested" : "pending" });
      return { row: waiting, certificate: undefined };
    }
    const certificate = await enterClaimed(context, transaction, row);
    await context.edge(transaction, { ...about, event: "claimed", fingerprint: certificate.fingerprint });
    return { row, certificate };
  });
  if (result === "gone") {
    const again = await judgeKey(context, request.key, questionOf(request));
    const reason = again.good ? "used-up" : again.reason;
    const said = saidIn(request, context.now());
    return await refuse(context, { reason, key: key.id, source: request.source, said });
  }
  await context.committed();
  const { row, certificate } = result;
  if (certificate !== undefined) return await claimedAnswer(context, row, certificate);
  return await whatItBecame(context, row, { claim, source: request.source });
}

const APPROVALS: Readonly<Record<string, number>> = { auto: 0, manual: 1, two: 2 };

/** What the key says counts more than what the request says of itself. */
function rowOf(context: Context, { request, key, publicKey, role, installer }: Accepted): IdentityRow {
  const { device } = request;
  return {
    ...newRow(request.name, key.kind, context.now().getTime()),
    role,
    serial: request.serial ?? null,
    model: key.model ?? device?.model ?? null,
    claims: key.claims,
    names: key.names,
    key_id: key.id,
    public_key: Buffer.from(spkiBytes(publicKey)).toString("base64"),
    csr: context.external === undefined ? null : request.csr,
    certificate_lifetime_ms: key.certificate_lifetime_ms,
    address: device?.address ?? null,
    firmware: device?.firmware ?? null,
    capabilities: JSON.stringify(device?.capabilities ?? {}),
    configuration: JSON.stringify(device?.configuration ?? {}),
    method: installer === undefined ? (request.method ?? "api") : "installer",
    installer: installer ?? null,
    approvals_needed: APPROVALS[key.approval] ?? 2,
    confirm_within_ms: request.confirmWithinMs ?? null,
  };
}

function eventOf(row: IdentityRow, { request, installer }: Accepted, now: Date) {
  const detail = { ...(row.unit === null ? {} : { unit: row.unit }), ...clockOff(request.deviceTime, now) };
  return {
    kind: "enrolment",
    id: row.id,
    ...(row.key_id === null ? {} : { key: row.key_id }),
    source: request.source,
    ...(row.role === null ? {} : { role: row.role }),
    ...(installer === undefined ? {} : { by: installer }),
    ...(Object.keys(detail).length === 0 ? {} : { detail }),
  } as const;
}

/** What was refused with a good key is on record too, under the same kind of code. */
async function reported(context: Context, error: unknown, request: EnrolmentRequest, key: string): Promise<unknown> {
  if (!(error instanceof IdentityError) || error.code === "ERR_ENROLMENT_REFUSED") return error;
  // Our own clients make the request anew with what they are told: nobody has been refused.
  if (error.code === "ERR_ENROLMENT_CSR_CONTENT" && (request.method ?? "api") === "api") return error;
  const correlation = correlationCode(context.random);
  const { source } = request;
  // Whoever has a good key and asks wrongly for ever fills the log as well as anybody.
  context.throttle.refused(source, context.now().getTime());
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
  const wanted = error.wanted === undefined ? {} : { wanted: error.wanted };
  return new IdentityError(error.code, error.message, { correlation, cause: error, ...wanted });
}
