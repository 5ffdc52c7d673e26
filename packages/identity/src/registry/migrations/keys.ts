import type { Migration } from "@modwarden/store";
import { sql } from "kysely";

/**
 * Keys of every form. Serial numbers stand in a table of their own, where one is found in the same time among ten and
 * among a hundred thousand. The row without an id is nobody's key: it is read in place of one that is not there, so that
 * both take the same time.
 */
export const keys: Migration = {
  name: "keys of every form",
  async up(database) {
    await sql`create table key_serial (
      key_id text not null references registration_key (id), serial text not null, struck integer,
      primary key (key_id, serial)
    ) strict, without rowid`.execute(database);
    await sql`alter table registration_key add column serial_rule text not null default 'any'`.execute(database);
    await sql`insert or ignore into key_serial (key_id, serial)
      select registration_key.id, value from registration_key, json_each(registration_key.serials)`.execute(database);
    await sql`update registration_key set serial_rule = 'listed' where serials <> '[]'`.execute(database);
    await sql`alter table registration_key drop column serials`.execute(database);
    await sql`alter table registration_key drop column struck`.execute(database);
    await sql`alter table registration_key add column not_before integer not null default 0`.execute(database);
    await sql`insert into registration_key (
      id, secret_hmac, kind, roles, names, uses, used, approval, claims, sources, certificate_lifetime_ms, created,
      expires, revoked, form
    ) values ('', '', 'client', '[]', '[]', 1, 0, 'auto', '{}', '[]', 1, 0, 0, 0, 'decoy')`.execute(database);
    await sql`create index registration_key_public on registration_key (public_key) where public_key is not null`.execute(
      database,
    );
    await sql`create index registration_key_issuer on registration_key (issuer) where issuer is not null`.execute(
      database,
    );
    await sql`create index registration_key_expires on registration_key (expires) where revoked is null`.execute(
      database,
    );
    await sql`create index key_serial_serial on key_serial (serial)`.execute(database);
    await sql`create index identity_key on identity (key_id) where key_id is not null`.execute(database);
    // One for every event, with a key or without: what an index costs must not tell an unknown key from a known one.
    await sql`drop index event_key`.execute(database);
    await sql`create index event_key on event (key_id)`.execute(database);
    await sql`create table key_issuer (
      id text primary key, name text not null, public_key text not null, kinds text not null, roles text not null,
      created integer not null, revoked integer
    ) strict`.execute(database);
    await sql`create table ledger_peer (
      key_id text not null, origin text not null, used integer not null, serials text not null,
      primary key (key_id, origin)
    ) strict, without rowid`.execute(database);
  },
};
