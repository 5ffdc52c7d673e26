import type { Subject } from "@modwarden/access";
import type { IdentityKind, SubjectChange, SubjectRecord } from "@modwarden/identity";
import { roleOf } from "@modwarden/modbus";
import { BadNetworkError, createSourceTable, type SourceTable } from "./sources.ts";

/** What a connection's identity comes to. `refuse`: it opens no session at all. */
export type Standing =
  | {
      readonly kind: "known";
      readonly subject: Subject;
      /** What the registry says it is, and the tags that it has there. */
      readonly subjectKind: IdentityKind;
      readonly tags: readonly string[];
      readonly expiresMs?: number;
    }
  | { readonly kind: "null-role"; readonly subject: Subject; readonly reason: string; readonly expiresMs?: number }
  | {
      readonly kind: "refuse";
      readonly subject: Subject;
      readonly reason: string;
      /** The certificate is good and awaits its confirmation, which showing it is. */
      readonly confirms?: true;
    };

/** Whom a connection speaks for. */
export interface Speaker {
  /** What the registry knows it by: its certificate's fingerprint, or on a plain listener its id. */
  readonly key: string;
  standing(): Standing;
}

/**
 * Who is registered: looked up once per connection, again when the registry says otherwise, and when the certificate
 * ends (`expiresMs` since 1970): a session that is resumed or stays open has nobody else to look at that.
 */
export interface Subjects {
  /** On TLS: the leaf certificate speaks; the registry may narrow its role but never replace it. */
  ofCertificate(certificate: Uint8Array, fingerprint: string, nowMs: number): Standing;
  /** On a plain listener: the registered source address speaks, within the network it was registered with. */
  ofSource(id: string, address: string): Standing;
  /** Why the gateway must not reach a device; undefined when it may: only what is registered is reached. */
  barOf(device: string, unit: number): string | undefined;
  /** Why a certificate is not that of this device; undefined when it is. */
  strangerAt(device: string, fingerprint: string, nowMs: number): string | undefined;
  /** Takes a change of the registry; returns the ids and fingerprints that it is about. */
  change(change: SubjectChange): ReadonlySet<string>;
}

const NO_TAGS: readonly string[] = [];

export function createSubjects(records: readonly SubjectRecord[]): Subjects {
  const byFingerprint = new Map<string, SubjectRecord>();
  const byId = new Map<string, SubjectRecord>();
  const networks = new Map<string, SourceTable>();
  const enter = (record: SubjectRecord): void => {
    byId.set(record.id, record);
    for (const fingerprint of fingerprintsOf(record)) byFingerprint.set(fingerprint, record);
    if (record.source !== undefined) networks.set(record.id, tableOf(record.source, record.id));
  };
  const leave = (id: string): SubjectRecord | undefined => {
    const record = byId.get(id);
    if (record === undefined) return undefined;
    byId.delete(id);
    networks.delete(id);
    for (const fingerprint of fingerprintsOf(record)) {
      if (byFingerprint.get(fingerprint) === record) byFingerprint.delete(fingerprint);
    }
    return record;
  };
  for (const record of records) enter(record);
  return {
    ofCertificate(certificate, cert, nowMs) {
      const record = byFingerprint.get(cert);
      if (record === undefined) {
        return {
          kind: "null-role",
          subject: { id: null, role: null, cert },
          reason: "the certificate is not in the registry",
        };
      }
      const {
        id,
        kind: subjectKind,
        state,
        role,
        tags = NO_TAGS,
        expires: expiresMs = Number.POSITIVE_INFINITY,
      } = record;
      const subject = { id, role: null, cert };
      if (cert === record.awaiting) {
        const reason = "the certificate was not confirmed before; showing it confirms it";
        return { kind: "refuse", subject, reason, confirms: true };
      }
      if (cert !== record.fingerprint) {
        return { kind: "refuse", subject, reason: "the certificate was replaced by a newer one" };
      }
      if (state !== "active") return { kind: "refuse", subject, reason: `the identity is ${state}` };
      if (nowMs >= expiresMs) return { kind: "refuse", subject, reason: "the certificate has ended" };
      const read = roleOf(certificate);
      if (read.role === null) return { kind: "null-role", subject, reason: read.reason, expiresMs };
      if (role !== read.role) {
        const reason = "the registry does not allow the certificate's role";
        return { kind: "null-role", subject, reason, expiresMs };
      }
      return { kind: "known", subject: { id, role, cert }, subjectKind, tags, expiresMs };
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
      const { role, kind: subjectKind, tags = NO_TAGS } = record;
      return { kind: "known", subject: { id, role }, subjectKind, tags };
    },
    barOf(device, unit) {
      const record = byId.get(device);
      if (record?.kind !== "device") return `"${device}" is not registered as a device`;
      if (record.state !== "active") return `the device "${device}" is ${record.state}`;
      if (record.unit === undefined || record.unit === unit) return undefined;
      return `the device "${device}" is registered with unit ${record.unit}, not with ${unit}`;
    },
    strangerAt(device, fingerprint, nowMs) {
      const { fingerprint: own, expires = Number.POSITIVE_INFINITY } = byId.get(device) ?? {};
      if (own === undefined) return `the device "${device}" is registered without a certificate: it has to enrol`;
      if (own !== fingerprint)
        return `what answers as "${device}" shows another certificate than it is registered with`;
      return nowMs < expires ? undefined : `the certificate of the device "${device}" has ended`;
    },
    change({ records: changed, gone }) {
      const about = new Set<string>();
      const note = (record: SubjectRecord): void => {
        about.add(record.id);
        for (const fingerprint of fingerprintsOf(record)) about.add(fingerprint);
      };
      for (const id of [...gone, ...changed.map((record) => record.id)]) {
        const before = leave(id);
        if (before !== undefined) note(before);
      }
      for (const record of changed) {
        enter(record);
        note(record);
      }
      return about;
    },
  };
}

function fingerprintsOf({ fingerprint, awaiting, superseded = [] }: SubjectRecord): readonly string[] {
  return [fingerprint, awaiting, ...superseded].filter((some) => some !== undefined);
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
