import { DocumentError, readDocument, type SourceDocument } from "@modwarden/document";
import { z } from "zod";
import { checkPolicy } from "./check.ts";
import { policySchema } from "./schema.ts";
import type { PolicyFile } from "./text.ts";

/** A policy file that has been read and is sound by itself; its device and point names are still to be resolved. */
export type PolicyDocument = SourceDocument<PolicyFile>;

/** More than this helps nobody who is mending a file. */
const MAX_PROBLEMS = 20;

/** Reads a policy file. Throws DocumentError, whose message has file:line:column of every problem. */
export function readPolicy(text: string, file: string): PolicyDocument {
  const document = readDocument(text, file, policySchema);
  const problems = checkPolicy(document);
  if (problems.length > 0) throw new DocumentError(file, problems.slice(0, MAX_PROBLEMS));
  return document;
}

/** The JSON Schema (draft 2020-12) of policy files, for editors */
export function policyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(policySchema, { io: "input", unrepresentable: "any" }) as Record<string, unknown>;
}
