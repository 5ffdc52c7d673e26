import type { IssuedCertificate } from "../authority/authority.ts";
import type { LeafContent } from "../certificate/issue.ts";
import type { PublicKey } from "../certificate/read.ts";
import { type Context, correlationCode } from "../context.ts";
import { IdentityError } from "../errors.ts";
import type { ExternalAuthority } from "./authority.ts";
import { checkRequestContent } from "./content.ts";
import { issuedBy } from "./issued.ts";

interface Asked {
  /** PEM. */
  readonly csr: string;
  readonly wanted: LeafContent & { readonly publicKey: PublicKey };
  /** The address of whoever waits for it. */
  readonly source: string;
}

/**
 * What the company's authority issues for a request, checked against the registry; undefined while there is nothing
 * that counts. Why not is on record. No transaction is open meanwhile: an authority may take its time.
 */
export async function certifyElsewhere(
  context: Context,
  external: ExternalAuthority,
  asked: Asked,
): Promise<IssuedCertificate | undefined> {
  const { csr, wanted } = asked;
  if (external.pauses(csr)) return undefined;
  try {
    // The role may have been changed since, and what was registered under the site's own authority has no request.
    checkRequestContent(csr, wanted);
  } catch (error) {
    external.done(csr, "refused");
    return await failed(context, asked, error);
  }
  const certified = await external.certify(csr);
  if (certified.kind === "waits") return undefined;
  if (certified.kind === "failed") return await failed(context, asked, certified.error);
  try {
    const issued = issuedBy(certified.answer, wanted, external.anchors, context.now());
    await checkNew(context, issued, wanted.id);
    return issued;
  } catch (error) {
    external.done(csr, "refused");
    return await failed(context, asked, error);
  }
}

/** One that has ended here already, or has another's serial number, is none; who asked twice at once may have entered it. */
async function checkNew(context: Context, issued: IssuedCertificate, id: string): Promise<void> {
  const known = await context.database
    .selectFrom("certificate")
    .select(["fingerprint", "identity_id", "revoked"])
    .where(({ or, eb }) =>
      or([eb("fingerprint", "=", issued.fingerprint), eb("serial_number", "=", issued.serialNumber)]),
    )
    .executeTakeFirst();
  if (known === undefined) return;
  const { fingerprint, identity_id: of, revoked } = known;
  if (fingerprint === issued.fingerprint && of === id && revoked === null) return;
  const message = `the company's authority: the serial number ${issued.serialNumber} stands in the registry already`;
  throw new IdentityError("ERR_AUTHORITY_IMPORT", message);
}

async function failed(context: Context, { wanted, source }: Asked, error: unknown): Promise<undefined> {
  if (!(error instanceof IdentityError)) throw error;
  const correlation = correlationCode(context.random);
  const about = { kind: "enrolment", event: "refused", reason: "authority" } as const;
  const detail = { problem: error.message };
  await context.refusal({ ...about, id: wanted.id, source, correlation, detail });
  return undefined;
}
