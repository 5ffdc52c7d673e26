import { DocumentError } from "@modwarden/document";
import type { PolicyFile } from "../index.ts";
import { checkPolicy } from "../language/check.ts";
import { resolveRules } from "../rules/resolve.ts";
import { documentOf } from "./document.ts";
import { devices } from "./site.ts";

/** Rules that a check refuses (a table that no function reaches, a device outside the units) are left out. */
export function soundRules(file: PolicyFile): PolicyFile {
  if (isSound(file)) return file;
  return { ...file, rules: file.rules.filter((rule) => isSound({ ...file, rules: [rule] })) };
}

function isSound(file: PolicyFile): boolean {
  try {
    if (checkPolicy(documentOf(file)).length > 0) return false;
    resolveRules(documentOf(file), devices);
    return true;
  } catch (error) {
    if (error instanceof DocumentError) return false;
    throw error;
  }
}
