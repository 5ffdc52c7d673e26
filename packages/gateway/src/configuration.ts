import type { Table } from "@modwarden/access";
import type { SubjectRecord } from "@modwarden/identity";
import type { TlsSuite } from "@modwarden/modbus";

/** Where clients arrive. `host` and `port` as in the site file; port 0 picks a free one. */
export interface ListenerConfiguration {
  readonly url: string;
  readonly transport: "tcp" | "tls";
  readonly host: string;
  readonly port: number;
  /** Plain listeners: client networks and the registered identity each stands for. */
  readonly sources: readonly SourceMapping[];
  /** Ids of the devices this listener reaches. */
  readonly devices: readonly string[];
}

export interface SourceMapping {
  /** "127.0.0.1/32", "2001:db8::/48" */
  readonly network: string;
  readonly subject: string;
}

/** A device behind the gateway. `unit` is how clients address it, `deviceUnit` how the gateway does. */
export interface DeviceConfiguration {
  readonly id: string;
  readonly unit: number;
  /** Over TLS the device has to show the certificate that it is registered with. */
  readonly transport?: "tcp" | "tls";
  readonly host: string;
  readonly port: number;
  readonly deviceUnit: number;
  /** Requests the device is given at once; 1 unless the site says otherwise (many take only the first of a segment). */
  readonly outstanding: number;
  readonly timeoutMs: number;
  readonly profile?: { readonly text: string; readonly file: string };
  /** The gateway reads what the device is, of its own accord. */
  readonly fingerprint?: FingerprintPlan;
}

/** What a device is known by that cannot enrol, and when it is looked at. */
export interface FingerprintPlan {
  /** Function 43/14. */
  readonly objects: boolean;
  /** Function 17. */
  readonly serverId: boolean;
  readonly registers: readonly { readonly table: Table; readonly address: number; readonly quantity: number }[];
  readonly everyMs: number;
}

/** Key and certificates of the TLS listener, PEM. `certificate` is the full chain with the root. */
export interface TlsConfiguration {
  readonly key: string;
  readonly certificate: string;
  readonly authorities: readonly string[];
  /** Revocation lists, PEM: one for every authority of a client's chain, or none at all. */
  readonly crls?: readonly string[];
  /** What the gateway shows to devices that it reaches over TLS: a client's certificate, PEM as above. */
  readonly link?: { readonly key: string; readonly certificate: string };
  /** The suites that are spoken, the preferred first; the library's own choice unless said. */
  readonly suites?: readonly TlsSuite[];
}

export interface AuditConfiguration {
  readonly reads: "rollup" | "each";
  /** A permitted write is sent only when its record is durable. */
  readonly writeAhead: boolean;
  readonly onFailure: { readonly write: "refuse" | "forward"; readonly read: "refuse" | "forward" };
}

/** What stays the same while a line runs. Structured-cloneable: it travels to the line's thread. */
export interface LineConfiguration {
  readonly site: string;
  readonly gateway: string;
  readonly zone?: string;
  readonly listeners: readonly ListenerConfiguration[];
  readonly devices: readonly DeviceConfiguration[];
  readonly tls?: TlsConfiguration;
  readonly audit: AuditConfiguration;
  readonly limits: LineLimits;
}

/** What control replaces while the line runs: who is registered and what they may do. */
export interface LineSnapshot {
  readonly epoch: number;
  readonly subjects: readonly SubjectRecord[];
  readonly policy: { readonly text: string; readonly file: string };
}

/** Every bound of the line. What a bound refuses is counted. */
export interface LineLimits {
  readonly connections: number;
  readonly connectionsPerSource: number;
  /** TLS connections whose client has not shown yet who it is: strangers take no places from sessions. */
  readonly handshakes: number;
  /** Requests of one connection that are not answered yet; one more gets exception 06. */
  readonly outstandingPerConnection: number;
  /** Replies that wait for an earlier one; more stop reading from the client. */
  readonly repliesPerConnection: number;
  /** Requests waiting for one device; one more gets exception 06. */
  readonly queuePerDevice: number;
  /** Subjects, times rules with a rate, that are followed at a time. */
  readonly buckets: number;
  /** Approvals that wait to be used. */
  readonly grants: number;
  readonly frameTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  /** Bytes a slow client may leave unread before the gateway stops reading from it, and how long it may do that. */
  readonly unreadBytes: number;
  readonly unreadTimeoutMs: number;
  /** A recorder that takes nothing for so long counts as failed. */
  readonly recorderStallMs: number;
}

export const defaultLimits: LineLimits = {
  connections: 512,
  connectionsPerSource: 64,
  handshakes: 128,
  outstandingPerConnection: 16,
  repliesPerConnection: 64,
  queuePerDevice: 256,
  buckets: 20_000,
  grants: 1_000,
  frameTimeoutMs: 5_000,
  idleTimeoutMs: 0,
  handshakeTimeoutMs: 10_000,
  unreadBytes: 64 * 1024,
  unreadTimeoutMs: 60_000,
  recorderStallMs: 5_000,
};
