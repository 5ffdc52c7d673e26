import { reusable } from "@modwarden/store";
import type { Kysely } from "kysely";
import type { RefusalReason } from "../events.ts";
import { stateOf } from "../registry/columns.ts";
import type { CertificateRow, IdentityRow, Registry } from "../registry/schema.ts";

interface Held {
  readonly row: IdentityRow;
  readonly certificate: CertificateRow;
}

/**
 * Whose a certificate is. `current`: the one that counts, whether it has ended or not, whatever state its identity is
 * in. `next`: the renewed one, not confirmed. `clone`: one that its identity has already replaced.
 */
export type Holder =
  | (Held & { readonly kind: "current" | "next" | "clone" })
  | { readonly kind: "none"; readonly reason: RefusalReason; readonly id?: string };

const certificateBy = reusable((database: Kysely<Registry>, fingerprint: string) =>
  database.selectFrom("certificate").selectAll().where("fingerprint", "=", fingerprint),
);

const identityBy = reusable((database: Kysely<Registry>, id: string) =>
  database.selectFrom("identity").selectAll().where("id", "=", id),
);

/**
 * Whose certificate this is, by its fingerprint alone: it is SHA-256 over the whole of what this registry's authority
 * has issued, so nothing that was not issued here is ever found. `beganMs` is when the request came.
 */
export async function holderOf(database: Kysely<Registry>, fingerprint: string, beganMs: number): Promise<Holder> {
  const [certificate] = (await certificateBy(database, fingerprint)).rows;
  if (certificate === undefined) return { kind: "none", reason: "unknown" };
  const [row] = (await identityBy(database, certificate.identity_id)).rows;
  // The gateway's own certificates never leave the site: nobody renews them from outside.
  if (row === undefined || row.method === "site") return { kind: "none", reason: "unknown" };
  const { id } = row;
  if (certificate.revoked === null) {
    if (row.fingerprint === fingerprint) return { kind: "current", row, certificate };
    if (row.next_fingerprint === fingerprint) return { kind: "next", row, certificate };
    return { kind: "none", reason: "unknown", id };
  }
  switch (certificate.reason) {
    case "superseded":
      return superseded({ row, certificate }, certificate.revoked, beganMs);
    case "unconfirmed":
      return { kind: "none", reason: "not-confirmed", id };
    case "clone":
      return { kind: "none", reason: "clone", id };
    default:
      return { kind: "none", reason: "revoked", id };
  }
}

function superseded({ row, certificate }: Held, revokedMs: number, beganMs: number): Holder {
  const { id } = row;
  const state = stateOf(row.state);
  if (state === "suspended" && row.reason === "clone") return { kind: "none", reason: "clone", id };
  // A name can have had an earlier owner, and a request can have been on its way while its holder, who had given it up,
  // went on with another: neither says that two hold this identity.
  const another = certificate.issued < row.registered;
  const overtaken = revokedMs > beganMs;
  if (another || overtaken || (state !== "active" && state !== "suspended")) {
    return { kind: "none", reason: "revoked", id };
  }
  return { kind: "clone", row, certificate };
}
