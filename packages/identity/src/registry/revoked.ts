import { type Kysely, sql } from "kysely";
import { CRL_REASON, type RevokedCertificate } from "../certificate/crl.ts";
import type { Registry } from "./schema.ts";

const REASONS: Readonly<Record<string, number>> = {
  clone: CRL_REASON.keyCompromise,
  superseded: CRL_REASON.superseded,
  retired: CRL_REASON.cessationOfOperation,
  unconfirmed: CRL_REASON.cessationOfOperation,
};

/**
 * What `issuing` (certificates, PEM) issued, was revoked since and has not ended yet, in an order that does not change: what has
 * ended is refused for that. RFC 5280 § 3.3
 */
export async function revokedBy(
  database: Kysely<Registry>,
  issuing: readonly string[],
  nowMs: number,
): Promise<readonly RevokedCertificate[]> {
  const rows = await database
    .selectFrom("certificate")
    .select(["serial_number", "revoked", "reason"])
    .where("revoked", "is not", null)
    .where("expires", ">", nowMs)
    .where((of) => of.or(issuing.map((pem) => of(sql<number>`instr(chain, ${pem})`, ">", 0))))
    .orderBy("revoked")
    .orderBy("serial_number")
    .execute();
  return rows.map(({ serial_number: serialNumber, revoked, reason }) => {
    const code = REASONS[reason ?? ""];
    return { serialNumber, at: new Date(revoked ?? 0), ...(code === undefined ? {} : { reason: code }) };
  });
}
