import type { Migration } from "@modwarden/store";
import { sql } from "kysely";

/** Times are milliseconds since 1970; lists and claims are JSON. */
export interface Registry {
  readonly registration_key: KeyRow;
  readonly identity: IdentityRow;
  readonly certificate: CertificateRow;
}

export interface KeyRow {
  readonly id: string;
  /** HMAC-SHA256(pepper, secret), hex: the table alone opens nothing. */
  readonly secret_hmac: string;
  readonly kind: string;
  readonly roles: string;
  readonly names: string;
  readonly uses: number;
  readonly used: number;
  readonly serials: string;
  readonly approval: string;
  readonly model: string | null;
  readonly claims: string;
  readonly sources: string;
  readonly certificate_lifetime_ms: number;
  readonly created: number;
  readonly expires: number;
  readonly revoked: number | null;
}

export interface IdentityRow {
  readonly id: string;
  readonly kind: string;
  readonly role: string | null;
  readonly state: string;
  /** Why it is in its state, where that is not plain: "unconfirmed". */
  readonly reason: string | null;
  readonly serial: string | null;
  readonly model: string | null;
  readonly claims: string;
  readonly names: string;
  /** The network a plain client speaks from. */
  readonly source: string | null;
  readonly key_id: string | null;
  readonly registered: number;
  readonly changed: number;
  /** The current certificate. */
  readonly fingerprint: string | null;
  /** While a certificate is owed: the public key it is for (SPKI, base64) and the claim's HMAC (hex). */
  readonly public_key: string | null;
  readonly claim_hmac: string | null;
  readonly certificate_lifetime_ms: number;
}

export interface CertificateRow {
  readonly fingerprint: string;
  readonly identity_id: string;
  readonly serial_number: string;
  readonly chain: string;
  readonly issued: number;
  readonly expires: number;
  /** Until when it has to be confirmed; null once it is. */
  readonly confirm_by: number | null;
  readonly revoked: number | null;
}

/** Names that differ only by case are one name: nobody tells them apart in a log. */
export const migrations: readonly Migration[] = [
  {
    name: "identity registry",
    async up(database) {
      await sql`create table registration_key (
        id text primary key, secret_hmac text not null, kind text not null, roles text not null, names text not null,
        uses integer not null, used integer not null, serials text not null, approval text not null, model text,
        claims text not null, sources text not null, certificate_lifetime_ms integer not null,
        created integer not null, expires integer not null, revoked integer,
        check (used between 0 and uses)
      ) strict`.execute(database);
      await sql`create table identity (
        id text primary key collate nocase, kind text not null, role text, state text not null, reason text,
        serial text, model text, claims text not null, names text not null, source text,
        key_id text references registration_key (id), registered integer not null, changed integer not null,
        fingerprint text, public_key text, claim_hmac text, certificate_lifetime_ms integer not null
      ) strict`.execute(database);
      await sql`create table certificate (
        fingerprint text primary key, identity_id text not null collate nocase, serial_number text not null unique,
        chain text not null, issued integer not null, expires integer not null, confirm_by integer, revoked integer
      ) strict`.execute(database);
      await sql`create index certificate_identity on certificate (identity_id)`.execute(database);
      await sql`create index certificate_unconfirmed on certificate (confirm_by) where confirm_by is not null`.execute(
        database,
      );
      await sql`create index identity_serial on identity (serial) where serial is not null`.execute(database);
    },
  },
];
