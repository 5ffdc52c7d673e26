import { readDocument } from "@modwarden/document";
import { z } from "zod";
import { type Proof, proofSchema } from "./proof.ts";

/** A proof from the text of its file. Throws `ERR_DOCUMENT`, which names file:line:column. */
export function readProof(text: string, file: string): Proof {
  return parsed(text) ?? readDocument(text, file, proofSchema).value;
}

/** What is right is read at once; the reader that knows the place of every mistake takes longer. */
function parsed(text: string): Proof | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not swallowed: the caller reads it again and says what is wrong, and where.
    return undefined;
  }
  const { success, data } = proofSchema.safeParse(value);
  return success ? data : undefined;
}

/** The JSON Schema (draft 2020-12) of proof files. */
export function proofJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(proofSchema, { io: "input" }) as Record<string, unknown>;
}
