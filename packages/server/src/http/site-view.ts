/**
 * What the HTTP API may know of a running site. The API is read-only because this interface is: nothing in it changes
 * anything. Every method answers at once from memory; none of them may touch a Modbus socket.
 */
import type { Table, Transaction, Transport } from "@modwarden/access";
import type { RingState } from "@modwarden/audit";
import type { WitnessStatus } from "../witness/witness.ts";

export interface SiteView {
  status(): SiteStatus;
  devices(): readonly DeviceView[];
  /** The newest `limit` transactions, newest last, out of a ring of the last 1000. */
  transactions(limit: number): readonly LiveTransaction[];
  /** Calls the listener with every event from now on; the returned function ends that. */
  subscribe(listener: (event: LiveEvent) => void): () => void;
}

export interface SiteStatus {
  readonly site: string;
  readonly gateway: string;
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly policy: PolicyStatus;
  readonly listeners: readonly ListenerView[];
  readonly counters: Readonly<Record<string, number>>;
  readonly audit: AuditStatus;
  readonly identity: IdentityStatus;
}

/** Who is registered, and what of it is under way. */
export interface IdentityStatus {
  /** Everyone but the retired. */
  readonly registered: number;
  readonly active: number;
  /** Whose certificate is out and not confirmed yet. */
  readonly unconfirmed: number;
  /** Who waits for a person's approval. */
  readonly pending: number;
  /** Requests for an identity that were refused since the site started. */
  readonly refused: number;
  /** Changes that are in force and not on record yet: the audit log did not take them. */
  readonly undelivered: number;
}

export interface PolicyStatus {
  /** Which of its versions is in force. */
  readonly version: number;
  /** First 16 hex digits of the policy's SHA-256. */
  readonly hash: string;
  readonly mode: "enforce" | "shadow";
  readonly roles: readonly string[];
}

export interface ListenerView {
  readonly name: string;
  readonly url: string;
  readonly transport: Transport;
  /** Open connections. */
  readonly connections: number;
}

export interface AuditStatus {
  readonly records: number;
  /** How many of them the newest checkpoint covers. */
  readonly checkpointed: number;
  /** The log cannot be written: writes are refused. */
  readonly failed: boolean;
  /** stuck: the disk is full, and it is tried again · failed: for good, until the site is started again. */
  readonly state: RingState;
  /** The newest; `t` is when it was made. */
  readonly checkpoint: { readonly size: number; readonly t: string } | null;
  /** null: not known yet, or it cannot be read. */
  readonly segments: number | null;
  /** Of the segments, as they are on the disk. */
  readonly bytes: number | null;
  /** The first record that is still there. */
  readonly oldest: { readonly seq: number; readonly t: string } | null;
  /** What is free on the log's disk. */
  readonly freeBytes: number | null;
  readonly witnesses: readonly WitnessStatus[];
}

/** idle: nothing was asked yet · up: the last request was answered · silent: it was not · unreachable: no connection. */
export type DeviceState = "idle" | "up" | "silent" | "unreachable";

export interface DeviceView {
  readonly id: string;
  readonly unit: number;
  readonly profile: string;
  readonly vendor: string;
  readonly model: string;
  readonly address: string;
  readonly state: DeviceState;
  readonly lastAnswerAgeMs: number | null;
  readonly points: readonly PointView[];
}

/** good: fresh · stale: older than it should be · none: never read · nan: the device says "not available". */
export type PointQuality = "good" | "stale" | "none" | "nan";

export interface PointView {
  readonly id: string;
  readonly table: Table;
  /** 0-based. */
  readonly address: number;
  readonly unit?: string;
  readonly type: string;
  readonly order?: string;
  readonly access: "r" | "rw" | "w";
  readonly labels: readonly string[];
  /** null exactly when there is nothing to show: never 0 or "" in place of a missing value. */
  readonly value: number | string | boolean | null;
  /** The value as a person reads it, without its unit. */
  readonly text: string;
  /** u16 per register, 0 or 1 per bit. */
  readonly raw: readonly number[];
  readonly quality: PointQuality;
  readonly ageMs: number | null;
}

export interface LiveTransaction extends Transaction {
  /** Counts up by one per transaction since the start. */
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly t: string;
}

/** `devices` carries those that changed; `dropped` counts transactions that were not passed on. */
export type LiveEvent =
  | { readonly kind: "transactions"; readonly transactions: readonly LiveTransaction[] }
  | { readonly kind: "devices"; readonly devices: readonly DeviceView[] }
  | { readonly kind: "dropped"; readonly count: number }
  | { readonly kind: "status"; readonly status: SiteStatus };
