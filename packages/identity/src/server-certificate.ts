import { createPublicKey } from "node:crypto";
import { keyPem, newKey } from "./authority/key-file.ts";
import { type Context, LEAF_LIFETIME_MS } from "./context.ts";
import { IdentityError } from "./errors.ts";
import { checkId, checkServerName } from "./names.ts";
import { isFree, newRow, revokeCertificates } from "./registry/rows.ts";
import type { ServerCertificate, ServerCertificateRequest } from "./types.ts";

/** The enrolment endpoint is no subject: its name in the certificate, and in no registry. */
const ENDPOINT_ID = "enrolment";

/** A new key and certificate for the site's own gateway. Its earlier certificate is revoked. */
export async function issueServerCertificate(
  context: Context,
  request: ServerCertificateRequest,
): Promise<ServerCertificate> {
  checkId(request.id);
  const now = context.now();
  const { issued, key } = await issue(context, request.id, request.names, request.lifetimeMs ?? LEAF_LIFETIME_MS);
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
    await transaction
      .insertInto("certificate")
      .values({
        fingerprint: issued.fingerprint,
        identity_id: request.id,
        serial_number: issued.serialNumber,
        chain: issued.chain,
        issued: now.getTime(),
        expires: issued.expires.getTime(),
        confirm_by: null,
        revoked: null,
        reason: null,
      })
      .execute();
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
  return answer(issued, key);
}

export async function issueEndpointCertificate(context: Context, names: readonly string[]): Promise<ServerCertificate> {
  const { issued, key } = await issue(context, ENDPOINT_ID, names, LEAF_LIFETIME_MS);
  return answer(issued, key);
}

type Issued = Awaited<ReturnType<Context["authority"]["issue"]>>;

async function issue(
  context: Context,
  id: string,
  names: readonly string[],
  lifetimeMs: number,
): Promise<{ readonly issued: Issued; readonly key: string }> {
  if (names.length === 0) throw new IdentityError("ERR_IDENTITY_INVALID", "a server's certificate needs a name");
  for (const name of names) checkServerName(name);
  const key = newKey();
  const now = context.now();
  const publicKey = createPublicKey(key);
  const issued = await context.authority.issue({ id, kind: "gateway", role: null, names, publicKey, now, lifetimeMs });
  return { issued, key: keyPem(key) };
}

function answer(issued: Issued, key: string): ServerCertificate {
  return { key, chain: issued.chain, fingerprint: issued.fingerprint, expires: issued.expires.toISOString() };
}
