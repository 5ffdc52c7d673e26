import { createHash } from "node:crypto";
import { spkiBytes } from "../certificate/read.ts";
import { publicKeyOfRequest } from "../certificate/request.ts";
import type { Context } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { type KeyQuestion, type KeyVerdict, refusalOf, rowOf } from "./judge.ts";
import { lookUpSerial } from "./serials.ts";

/** A key pair that a device made itself and that was imported: the signing request proves it, no other key is needed. */
export async function judgePublicKey(context: Context, question: KeyQuestion): Promise<KeyVerdict> {
  const fingerprint = fingerprintIn(question.csr ?? "");
  const { row, found } = await rowOf(context, "public_key", fingerprint ?? "none");
  const serial = await lookUpSerial(context.database, row.id, question.serial ?? "");
  const against = refusalOf(row, context.now().getTime(), question, { proven: found, ...serial });
  if (fingerprint === undefined) return { good: false, reason: "csr" };
  if (!found) return { good: false, reason: "unknown" };
  return against === undefined ? { good: true, row } : { good: false, reason: against, key: row.id };
}

/** SHA-256 of the SubjectPublicKeyInfo of a proven request, hex. */
function fingerprintIn(csr: string): string | undefined {
  try {
    return createHash("sha256")
      .update(spkiBytes(publicKeyOfRequest(csr)))
      .digest("hex");
  } catch (error) {
    if (error instanceof IdentityError) return undefined;
    throw error;
  }
}
