// Writes the JSON Schemas of the files that people write into schemas/, out of the schemas that the readers use.
// Run it after a schema has changed; a test fails when the committed files are not what the code gives.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { proofJsonSchema } from "@modwarden/audit";
import { policyJsonSchema } from "@modwarden/policy";
import { profileJsonSchema } from "@modwarden/profile";
import { siteJsonSchema } from "@modwarden/server";
import { plantJsonSchema } from "@modwarden/simulator";

const root = fileURLToPath(new URL("..", import.meta.url));

/** File name to schema, as published. */
export function publishedSchemas() {
  return new Map([
    ["site.schema.json", published("modwarden site file, version 1", siteJsonSchema())],
    ["policy.schema.json", published("modwarden policy file, version 1", policyJsonSchema())],
    ["proof.schema.json", published("modwarden proof of an audit log, version 1", proofJsonSchema())],
    ["profile.schema.json", published("modwarden device profile, version 1", profileJsonSchema())],
    ["plant.schema.json", published("modwarden plant file, version 1", plantJsonSchema())],
  ]);
}

function published(title, { $schema, ...schema }) {
  return { $schema, title, ...closed(schema) };
}

/**
 * A key that this version does not act on has no schema that JSON Schema could express, and comes out as one that takes
 * everything. Nothing else in these files takes everything, so such a key is published as one that takes nothing.
 */
function closed(value) {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, key === "properties" ? closedProperties(part) : closed(part)]),
  );
}

function closedProperties(properties) {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [
      name,
      Object.keys(schema).length === 0 ? { not: {} } : closed(schema),
    ]),
  );
}

function write() {
  const folder = join(root, "schemas");
  mkdirSync(folder, { recursive: true });
  for (const [name, schema] of publishedSchemas()) {
    writeFileSync(join(folder, name), `${JSON.stringify(schema, null, 2)}\n`);
  }
  const { status } = spawnSync(join(root, "node_modules/.bin/biome"), ["format", "--write", folder], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) write();
