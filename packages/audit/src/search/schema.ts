import type { Sidecar } from "@modwarden/store";

/** Rises with every change of what stands in the index. One of another version is thrown away. */
export const INDEX_VERSION = 1;

/** "mwai": tells an index from any other database, which is never thrown away. https://sqlite.org/fileformat.html § 1.3.13 */
export const APPLICATION_ID = 0x6d776169;

/**
 * Everything that a record can be found by is a term, and for each block of records there is, per term that occurs in
 * it, one posting: which records they are. A shape is a term too. `progress` says how far the index has come;
 * its generation is another one whenever the index was made anew.
 */
export const SCHEMA: string = `
pragma application_id = ${APPLICATION_ID};
pragma user_version = ${INDEX_VERSION};
create table progress (
  id integer primary key check (id = 0), next integer not null, damaged integer not null, generation integer not null
) strict;
insert into progress values (0, 0, 0, abs(random() % 1000000000000));
create table term (id integer primary key, dimension integer not null, value text not null, unique (dimension, value)) strict;
create table shape (
  id integer primary key, device text, unit integer not null, area text, file integer, address integer not null,
  quantity integer not null, how integer not null, points text not null
) strict;
create index shape_by_device on shape (device, area, address);
create index shape_by_address on shape (address);
create table shape_point (point text not null, shape integer not null, primary key (point, shape)) strict, without rowid;
create table block (
  number integer primary key, first integer, last integer, seq integer not null, hash blob not null
) strict;
create table content (number integer primary key, times blob not null, text blob not null) strict;
create table posting (
  term integer not null, block integer not null, list blob not null, primary key (term, block)
) strict, without rowid;
`;

const tables = ["progress", "term", "shape", "shape_point", "block", "content", "posting"];

/** How many tables it has. */
export const TABLES: number = tables.length;

/** Makes an index anew in its place, so that others who have it open see it. */
export const REMAKE: string = `${tables.map((name) => `drop table ${name};`).join("\n")}${SCHEMA}`;

export function numberIn(sidecar: Sidecar, sql: string): number {
  const [value = 0] = Object.values(sidecar.prepare<Readonly<Record<string, number>>>(sql).get() ?? {});
  return value;
}
