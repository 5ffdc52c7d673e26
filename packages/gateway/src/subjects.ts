import type { Subject } from "@modwarden/access";
import { fingerprintOf, roleOf, type SubjectRecord } from "@modwarden/identity";

/** What a connection's identity comes to. `refuse`: it opens no session at all. */
export type Standing =
  | { readonly kind: "known"; readonly subject: Subject }
  | { readonly kind: "null-role"; readonly subject: Subject; readonly reason: string }
  | { readonly kind: "refuse"; readonly subject: Subject; readonly reason: string };

/** Who is registered, as of one snapshot: looked up once per connection and again at every new snapshot. */
export interface Subjects {
  /** On TLS: the leaf certificate speaks; the registry may narrow its role but never replace it. */
  ofCertificate(der: Uint8Array): Standing;
  /** On a plain listener: the registered source address speaks. */
  ofSource(id: string): Standing;
}

export function createSubjects(records: readonly SubjectRecord[]): Subjects {
  const byFingerprint = new Map<string, SubjectRecord>();
  const byId = new Map<string, SubjectRecord>();
  for (const record of records) {
    byId.set(record.id, record);
    if (record.fingerprint !== undefined) byFingerprint.set(record.fingerprint, record);
  }
  return {
    ofCertificate(der) {
      const cert = fingerprintOf(der);
      const record = byFingerprint.get(cert);
      const read = roleOf(der);
      if (record === undefined) {
        return {
          kind: "null-role",
          subject: { id: null, role: null, cert },
          reason: "the certificate is not in the registry",
        };
      }
      const subject = { id: record.id, role: null, cert };
      if (record.state !== "active") {
        return { kind: "refuse", subject, reason: `the identity is ${record.state}` };
      }
      if (read.role === null) return { kind: "null-role", subject, reason: read.reason };
      if (record.role !== read.role) {
        return { kind: "null-role", subject, reason: "the registry does not allow the certificate's role" };
      }
      return { kind: "known", subject: { id: record.id, role: read.role, cert } };
    },
    ofSource(id) {
      const record = byId.get(id);
      if (record === undefined) {
        return { kind: "refuse", subject: { id: null, role: null }, reason: `"${id}" is not in the registry` };
      }
      if (record.state !== "active") {
        return { kind: "refuse", subject: { id, role: null }, reason: `the identity is ${record.state}` };
      }
      if (record.role === null || record.role === "") {
        return { kind: "null-role", subject: { id, role: null }, reason: "the identity has no role" };
      }
      return { kind: "known", subject: { id, role: record.role } };
    },
  };
}
