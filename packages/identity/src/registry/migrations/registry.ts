import type { Migration } from "@modwarden/store";
import { sql } from "kysely";

/** Names that differ only by case are one name: nobody tells them apart in a log. */
export const registry: Migration = {
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
};
