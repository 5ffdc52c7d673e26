import { der } from "@modwarden/modbus";
import { contentProblem, extensionsBy } from "../certificate/content.ts";
import type { LeafContent } from "../certificate/issue.ts";
import { contentOfRequest } from "../certificate/request.ts";
import { IdentityError } from "../errors.ts";
import { kindOf, parseList } from "../registry/columns.ts";
import type { IdentityRow } from "../registry/schema.ts";

/** What a leaf for this row says. */
export function contentOf(row: Pick<IdentityRow, "id" | "kind" | "role" | "names">): LeafContent {
  return { id: row.id, kind: kindOf(row.kind), role: row.role, names: parseList(row.names) };
}

/**
 * A company's authority signs what the request says: it has to say what the registry will. Errors:
 * ERR_ENROLMENT_CSR_CONTENT with what is wanted; ERR_ENROLMENT_CSR
 */
export function checkRequestContent(csr: string, wanted: LeafContent): void {
  const { subject, extensions } = contentOfRequest(csr);
  let problem: string | undefined;
  try {
    problem = contentProblem({ subject, extensions: extensionsBy(extensions) }, wanted, "optional");
  } catch (error) {
    if (!(error instanceof der.DerError)) throw error;
    problem = error.message;
  }
  if (problem === undefined) return;
  throw new IdentityError("ERR_ENROLMENT_CSR_CONTENT", sentence(wanted, problem), { wanted });
}

/** For whoever writes requests by hand: in the words of openssl's configuration. */
function sentence({ id, kind, role, names }: LeafContent, problem: string): string {
  const serves = kind === "client" ? [] : names;
  const also = serves.length === 0 ? "" : ` and the names ${serves.join(", ")}`;
  const roleText = role === null ? "no role" : `1.3.6.1.4.1.50316.802.1 = ASN1:UTF8String:${role}`;
  return `a company's authority certifies here what the request says, and ${problem}: make it anew for the same key with subject CN=${id}, subjectAltName = URI:urn:modwarden:${kind}:${id}${also}, ${roleText}`;
}
