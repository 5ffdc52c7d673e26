import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeDatabase, openDatabase } from "@modwarden/store";
import { sql } from "kysely";
import { expect, it, onTestFinished } from "vitest";
import type { Registry } from "../schema.ts";
import { migrations } from "./index.ts";
import { keys } from "./keys.ts";

it("carries the serial numbers of keys from before over, and enters nobody's row", async () => {
  const folder = mkdtempSync(join(tmpdir(), "modwarden-migration-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "registry.sqlite");
  const before = await openDatabase<Registry>({ file, migrations: migrations.slice(0, migrations.indexOf(keys)) });
  for (const [id, serials] of [
    ["BOUND000", '["S2","S1"]'],
    ["FREE0000", "[]"],
  ]) {
    await sql`insert into registration_key (
      id, secret_hmac, kind, roles, names, uses, used, serials, approval, claims, sources, certificate_lifetime_ms,
      created, expires
    ) values (${id}, 'ab', 'device', '[]', '[]', 2, 0, ${serials}, 'auto', '{}', '[]', 1, 1, 2)`.execute(before);
  }
  await closeDatabase(before);
  const after = await openDatabase<Registry>({ file, migrations });
  expect(await after.selectFrom("key_serial").selectAll().orderBy("serial").execute()).toEqual([
    { key_id: "BOUND000", serial: "S1", struck: null },
    { key_id: "BOUND000", serial: "S2", struck: null },
  ]);
  const rows = await after.selectFrom("registration_key").select(["id", "form", "serial_rule"]).orderBy("id").execute();
  expect(rows).toEqual([
    { id: "", form: "decoy", serial_rule: "any" },
    { id: "BOUND000", form: "token", serial_rule: "listed" },
    { id: "FREE0000", form: "token", serial_rule: "any" },
  ]);
  await closeDatabase(after);
});
