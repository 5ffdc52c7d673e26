import { createPublicKey } from "node:crypto";
import { keyPem, newKey } from "./authority/key-file.ts";
import { BACKDATE_MS } from "./authority/time.ts";
import { type Context, LEAF_LIFETIME_MS } from "./context.ts";
import { IdentityError } from "./errors.ts";
import { checkId, checkServerName } from "./names.ts";
import { isFree, newRow, revokeCertificates } from "./registry/rows.ts";
import type { CertificateRow } from "./registry/schema.ts";
import type { ServerCertificate, ServerCertificateRequest } from "./types.ts";

/** The enrolment endpoint is no subject: its name in the certificate, and in no registry. */
const ENDPOINT_ID = "enrolment";

/** The last third of a server's certificate. */
const RENEW_BEFORE_MS: number = LEAF_LIFETIME_MS / 3;

/**
 * Whether a server of this site needs another certificate, by when its own ends: in its last third, or when it was made
 * under a clock that was ahead and holds for nobody yet. Milliseconds since 1970.
 */
export function needsServerCertificate(expiresMs: number, nowMs: number): boolean {
  const leftMs = expiresMs - nowMs;
  return leftMs < RENEW_BEFORE_MS || leftMs > LEAF_LIFETIME_MS + BACKDATE_MS;
}

/** A new key and certificate for the site's own gateway. Its earlier certificate is revoked. */
export async function issueServerCertificate(
  context: Context,
  request: ServerCertificateRequest,
): Promise<ServerCertificate> {
  checkId(request.id);
  const now = context.now();
  // A gateway that listens on no TLS is a client only.
  if (request.link === undefined) checkNames(request.names);
  const lifetimeMs = request.lifetimeMs ?? LEAF_LIFETIME_MS;
  const { id, names } = request;
  const made = await issue(context, { id, names, role: null, lifetimeMs });
  const link = request.link && (await issue(context, { id, names: [], role: request.link.role, lifetimeMs }));
  const { issued } = made;
  await context.database.transaction().execute(async (transaction) => {
    const row = await transaction.selectFrom("identity").selectAll().where("id", "=", request.id).executeTakeFirst();
    if (row !== undefined && !isFree(row)) {
      if (row.kind !== request.kind) {
        throw new IdentityError(
          "ERR_IDENTITY_TAKEN",
          `"${request.id}" is registered as a ${row.kind}, not as a gateway`,
        );
      }
      if (row.state !== "active") {
        throw new IdentityError("ERR_IDENTITY_STATE", `the gateway "${request.id}" is ${row.state}`);
      }
    }
    await revokeCertificates(transaction, request.id, now.getTime(), "superseded");
    await transaction.deleteFrom("identity").where("id", "=", request.id).execute();
    for (const certificate of link === undefined ? [issued] : [issued, link.issued]) {
      await transaction
        .insertInto("certificate")
        .values(certificateRow(id, certificate, now))
        .execute();
    }
    await transaction
      .insertInto("identity")
      .values({
        ...newRow(request.id, request.kind, row?.registered ?? now.getTime()),
        state: "active",
        names: JSON.stringify(request.names),
        changed: now.getTime(),
        fingerprint: issued.fingerprint,
        method: "site",
      })
      .execute();
    const { fingerprint } = issued;
    await context.edge(transaction, { kind: "identity", event: "issued", id: request.id, fingerprint });
  });
  await context.committed();
  return { ...answer(made), ...(link === undefined ? {} : { link: { key: link.key, chain: link.issued.chain } }) };
}

export async function issueEndpointCertificate(context: Context, names: readonly string[]): Promise<ServerCertificate> {
  checkNames(names);
  return answer(await issue(context, { id: ENDPOINT_ID, names, role: null, lifetimeMs: LEAF_LIFETIME_MS }));
}

interface Made {
  readonly issued: Awaited<ReturnType<Context["authority"]["issue"]>>;
  readonly key: string;
}

/** With names for a server, without for a client. */
async function issue(
  context: Context,
  request: {
    readonly id: string;
    readonly names: readonly string[];
    readonly role: string | null;
    readonly lifetimeMs: number;
  },
): Promise<Made> {
  for (const name of request.names) checkServerName(name);
  const key = newKey();
  const now = context.now();
  const issued = await context.authority.issue({ ...request, kind: "gateway", publicKey: createPublicKey(key), now });
  return { issued, key: keyPem(key) };
}

function certificateRow(id: string, issued: Made["issued"], now: Date): CertificateRow {
  return {
    fingerprint: issued.fingerprint,
    identity_id: id,
    serial_number: issued.serialNumber,
    chain: issued.chain,
    issued: now.getTime(),
    expires: issued.expires.getTime(),
    confirm_by: null,
    revoked: null,
    reason: null,
  };
}

function answer({ issued, key }: Made): ServerCertificate {
  return { key, chain: issued.chain, fingerprint: issued.fingerprint, expires: issued.expires.toISOString() };
}

function checkNames(names: readonly string[]): void {
  if (names.length === 0) throw new IdentityError("ERR_IDENTITY_INVALID", "a server's certificate needs a name");
}
