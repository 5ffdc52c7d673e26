import type { Subject } from "@modwarden/access";
import { fingerprintOf, type SubjectRecord } from "@modwarden/identity";
import { roleOf } from "@modwarden/modbus";
import { BadNetworkError, createSourceTable, type SourceTable } from "./sources.ts";

/** What a connection's identity comes to. `refuse`: it opens no session at all. */
export type Standing =
  | { readonly kind: "known"; readonly subject: Subject; readonly expiresMs?: number }
  | { readonly kind: "null-role"; readonly subject: Subject; readonly reason: string; readonly expiresMs?: number }
  | { readonly kind: "refuse"; readonly subject: Subject; readonly reason: string };

/**
 * Who is registered, as of one snapshot: looked up once per connection, again at every new snapshot, and when the
 * certificate ends (`expiresMs` since 1970): a session that is resumed or stays open has nobody else to look at that.
 */
export interface Subjects {
  /** On TLS: the leaf certificate speaks; the registry may narrow its role but never replace it. */
  ofCertificate(certificate: Uint8Array, nowMs: number): Standing;
  /** On a plain listener: the registered source address speaks, within the network it was registered with. */
  ofSource(id: string, address: string): Standing;
  /** Why the gateway must not reach a device; undefined when it may: only what is registered is reached. */
  barOf(device: string): string | undefined;
}

export function createSubjects(records: readonly SubjectRecord[]): Subjects {
  const byFingerprint = new Map<string, SubjectRecord>();
  const byId = new Map<string, SubjectRecord>();
  const networks = new Map<string, SourceTable>();
  for (const record of records) {
    byId.set(record.id, record);
    if (record.fingerprint !== undefined) byFingerprint.set(record.fingerprint, record);
    if (record.source !== undefined) networks.set(record.id, tableOf(record.source, record.id));
  }
  return {
    ofCertificate(certificate, nowMs) {
      const cert = fingerprintOf(certificate);
      const record = byFingerprint.get(cert);
      if (record === undefined) {
        return {
          kind: "null-role",
          subject: { id: null, role: null, cert },
          reason: "the certificate is not in the registry",
        };
      }
      const { id, state, role, expires: expiresMs = Number.POSITIVE_INFINITY } = record;
      const subject = { id, role: null, cert };
      if (state !== "active") return { kind: "refuse", subject, reason: `the identity is ${state}` };
      if (nowMs >= expiresMs) return { kind: "refuse", subject, reason: "the certificate has ended" };
      const read = roleOf(certificate);
      if (read.role === null) return { kind: "null-role", subject, reason: read.reason, expiresMs };
      if (role !== read.role) {
        const reason = "the registry does not allow the certificate's role";
        return { kind: "null-role", subject, reason, expiresMs };
      }
      return { kind: "known", subject: { id, role, cert }, expiresMs };
    },
    ofSource(id, address) {
      const record = byId.get(id);
      if (record === undefined) {
        return { kind: "refuse", subject: { id: null, role: null }, reason: `"${id}" is not in the registry` };
      }
      const subject = { id, role: null };
      if (record.state !== "active") return { kind: "refuse", subject, reason: `the identity is ${record.state}` };
      const network = networks.get(id);
      if (network !== undefined && network.subjectOf(address) === undefined) {
        return { kind: "refuse", subject, reason: "the identity is registered for another network" };
      }
      if (record.role === null || record.role === "") {
        return { kind: "null-role", subject, reason: "the identity has no role" };
      }
      return { kind: "known", subject: { id, role: record.role } };
    },
    barOf(device) {
      const record = byId.get(device);
      if (record?.kind !== "device") return `"${device}" is not registered as a device`;
      return record.state === "active" ? undefined : `the device "${device}" is ${record.state}`;
    },
  };
}

/** A network that cannot be read holds no address: unsure means no. */
function tableOf(network: string, subject: string): SourceTable {
  try {
    return createSourceTable([{ network, subject }]);
  } catch (error) {
    if (error instanceof BadNetworkError) return { subjectOf: () => undefined };
    throw error;
  }
}
