import type { Access, Explanation, Transport } from "@modwarden/access";
import type { Profile } from "@modwarden/profile";

/** A device as policy files name it. `unit` is its address; several devices may share one on different listeners. */
export interface PolicyDevice {
  readonly id: string;
  readonly unit: number;
  readonly profile?: Profile;
}

/** One request as a policy judges it. */
export interface Question {
  /** The identity in the registry; null: not registered. */
  readonly subject: string | null;
  /** The effective role; null: the NULL role. */
  readonly role: string | null;
  readonly transport: Transport;
  /** The client's address, with or without port; unknown on links that have none. */
  readonly source?: string;
  readonly unit: number;
  readonly device: string | null;
  readonly functionCode: number;
  /** Sub-function of 8, MEI type of 43. */
  readonly subfunction?: number;
  /** Never empty for a request that can be permitted. */
  readonly accesses: readonly Access[];
}

/** A compiled policy: immutable, and a function of its questions. */
export interface Policy {
  /** SHA-256 over the canonical document, the first 16 hex digits. */
  readonly hash: string;
  readonly mode: "enforce" | "shadow";
  readonly roles: readonly string[];
  decide(question: Question): Explanation;
}
