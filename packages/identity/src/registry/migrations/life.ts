import type { Migration } from "@modwarden/store";
import { sql } from "kysely";

const COLUMNS = [
  "registration_key add column revoked_reason text",
  "registration_key add column form text not null default 'token'",
  "registration_key add column identity_id text collate nocase",
  "registration_key add column unit integer",
  "registration_key add column note text",
  "registration_key add column public_key text",
  "registration_key add column struck text not null default '[]'",
  "registration_key add column issuer text",
  "identity add column unit integer",
  "identity add column address text",
  "identity add column firmware text",
  "identity add column capabilities text not null default '{}'",
  "identity add column configuration text not null default '{}'",
  "identity add column method text not null default 'api'",
  "identity add column installer text",
  "identity add column next_fingerprint text",
  "identity add column join_counter integer not null default 0",
  "identity add column recoveries integer not null default 0",
  "identity add column recovery_limit integer not null default 3",
  "identity add column approvals_needed integer not null default 1",
  "certificate add column reason text",
] as const;

/** The whole life of an identity: what it registered, who approved it, how it renews, and every edge of it. */
export const life: Migration = {
  name: "life of an identity",
  async up(database) {
    for (const column of COLUMNS) await sql`alter table ${sql.raw(column)}`.execute(database);
    await sql`create table approval (
      identity_id text not null collate nocase, approver text not null, at integer not null,
      primary key (identity_id, approver)
    ) strict, without rowid`.execute(database);
    await sql`create table event (
      edge integer primary key autoincrement, at integer not null, kind text not null, event text not null,
      identity_id text collate nocase, key_id text, correlation text, fields text not null
    ) strict`.execute(database);
    await sql`create index event_identity on event (identity_id) where identity_id is not null`.execute(database);
    await sql`create index event_key on event (key_id) where key_id is not null`.execute(database);
    await sql`create index event_correlation on event (correlation) where correlation is not null`.execute(database);
    await sql`create table event_delivery (edge integer not null) strict`.execute(database);
    await sql`insert into event_delivery (edge) values (0)`.execute(database);
    await sql`create index registration_key_identity on registration_key (identity_id) where identity_id is not null`.execute(
      database,
    );
  },
};
