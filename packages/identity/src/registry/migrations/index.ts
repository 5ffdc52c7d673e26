import type { Migration } from "@modwarden/store";
import { external } from "./external.ts";
import { fingerprints } from "./fingerprints.ts";
import { keys } from "./keys.ts";
import { life } from "./life.ts";
import { refusals } from "./refusals.ts";
import { registry } from "./registry.ts";
import { tags } from "./tags.ts";
import { units } from "./units.ts";
import { waiting } from "./waiting.ts";
import { warnings } from "./warnings.ts";

/** The whole schema, oldest step first. A published step is never changed: what is new is appended. */
export const migrations: readonly Migration[] = [
  registry,
  life,
  keys,
  refusals,
  units,
  warnings,
  fingerprints,
  waiting,
  external,
  tags,
];
