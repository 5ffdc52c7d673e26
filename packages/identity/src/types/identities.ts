import type { IdentityKind } from "../certificate/issue.ts";
import type { IdentityEvent } from "../events.ts";
import type { Capabilities } from "./record.ts";

/**
 * issued: a key was made for this id · pending: the key was good, a person has to approve · approved: the certificate may be fetched · claimed: the
 * certificate is out, not confirmed · active · suspended: may come back · revoked: may not, and its name stays taken ·
 * retired: gone, its name is free.
 */
export type IdentityState =
  | "issued"
  | "pending"
  | "approved"
  | "claimed"
  | "active"
  | "suspended"
  | "revoked"
  | "retired";

/** One row of `identity list --json`. `serial` is the device's serial number, as its key was bound to it. */
export interface IdentityListing {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly role: string | null;
  readonly state: IdentityState;
  readonly serial: string | null;
  readonly fingerprint: string | null;
  readonly expires: string | null;
  /** Sorted. */
  readonly tags: readonly string[];
}

export interface IdentityDetails extends IdentityListing {
  readonly reason: string | null;
  readonly model: string | null;
  readonly claims: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  readonly source: string | null;
  readonly key: string | null;
  readonly registered: string;
  readonly changed: string;
  readonly certificateSerial: string | null;
  /** The renewed certificate, until it is confirmed. */
  readonly nextFingerprint: string | null;
  /** How many renewals its holder has confirmed. */
  readonly renewals: number;
  /** How many of them came after the end of the certificate before, and how many may. */
  readonly recoveries: number;
  readonly recoveryLimit: number;
  readonly unit: number | null;
  readonly address: string | null;
  readonly firmware: string | null;
  readonly capabilities: Capabilities;
  readonly configuration: Readonly<Record<string, string>>;
  /** How it came in: "api", "est", "installer", "air-gap", "added", "proxied", "site". */
  readonly method: string;
  readonly installer: string | null;
  /** Until when its certificate has to be confirmed; null once it is, or while there is none. */
  readonly confirmBy: string | null;
  /** How many people have to approve, or had to. */
  readonly approvalsNeeded: number;
}

/** One event as `identity show` and `identity history` tell it. */
export type HistoryEntry = Omit<IdentityEvent, "at"> & { readonly at: string };

/** Everything that is known of an identity. */
export interface IdentityStory extends IdentityDetails {
  readonly approvals: readonly { readonly by: string; readonly at: string }[];
  /** The newest events, oldest of them first. */
  readonly history: readonly HistoryEntry[];
}

/** Who approves: the holder of a certificate that was shown over TLS. */
export interface Approver {
  /** SHA-256 of it, hex. */
  readonly presented: string;
  readonly source: string;
}

/** What the lines need to know of one subject; plain data that goes to another thread. */
export interface SubjectRecord {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly role: string | null;
  /** Only "active" may do anything. */
  readonly state: IdentityState;
  /** SHA-256 of the one certificate that is its own now, hex. */
  readonly fingerprint?: string;
  /** When that certificate ends, milliseconds since 1970. */
  readonly expires?: number;
  /** Of a certificate that is good and awaits its confirmation, which showing it to a gateway is. */
  readonly awaiting?: string;
  /** Of the last ones that were replaced by it. */
  readonly superseded?: readonly string[];
  /** The network of a registered plain client (CIDR). */
  readonly source?: string;
  /** What rules may ask for beside the role; left out where there are none. */
  readonly tags?: readonly string[];
  /** Of a device: the unit by which clients address it. */
  readonly unit?: number;
}

/** A device that a site lists, which the gateway speaks for. */
export interface ListedDevice {
  readonly id: string;
  /** The unit by which clients address it. */
  readonly unit: number;
  /** Where the gateway reaches it, such as `modbus+tcp://10.0.0.11:502`. */
  readonly address: string;
}

/** An id of a listed device that means something else in the registry. */
export interface NotADevice {
  readonly id: string;
  readonly kind: IdentityKind;
}

/** What is different in the registry; plain data that goes to another thread. */
export interface SubjectChange {
  readonly records: readonly SubjectRecord[];
  /** Ids that are none any more. */
  readonly gone: readonly string[];
}

/** Tags are 1 to 64 lower-case letters, digits, ".", "_" and "-"; an identity has at most 32. */
export interface TagChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

export interface NewIdentity {
  readonly id: string;
  readonly kind: "client" | "device";
  readonly role: string | null;
  /** The network it speaks from (CIDR). */
  readonly source?: string;
}
