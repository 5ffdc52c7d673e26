/**
 * Everything that happens is one Transaction: an access (the six-tuple subject, location, time, method, operation,
 * object), the decision on it, its outcome, and the findings about it. The field order is the order in the audit log.
 */

export type Table = "coil" | "discrete" | "holding" | "input";
export type Transport = "tcp" | "tls" | "udp" | "rtu" | "ascii" | "memory";

/** Who asks. `id` null: not in the registry. `role` null: the NULL role. `cert`: SHA-256 of the certificate, hex. */
export interface Subject {
  readonly id: string | null;
  readonly role: string | null;
  readonly cert?: string;
}

export interface Location {
  readonly site: string;
  readonly gateway: string;
  readonly zone?: string;
  /** `address:port` of the client; IPv6 addresses in brackets. */
  readonly source: string;
}

export interface Method {
  readonly transport: Transport;
  /** MBAP transaction id as the client sent it. */
  readonly transaction: number;
}

export interface Operation {
  /** Function code as received. */
  readonly function: number;
  readonly subfunction?: number;
  /** "write-single-register", or "unknown". */
  readonly name: string;
}

/**
 * One object touched. FC 22 and 23 are a read and a write (two accesses). `address` is 0-based.
 * `values` of a write: raw u16 per register, 0 or 1 per coil. `mask` only for FC 22.
 * FC 20 and 21 have `table: null`, one access per sub-request: `file`, the record as address and its length as quantity.
 * FC 24 has `table: null`, the address of its FIFO, quantity 1.
 * Another operation without table (43/14, user-defined) has `table: null`, address 0, quantity 0.
 */
export interface Access {
  readonly device: string | null;
  readonly unit: number;
  readonly table: Table | null;
  readonly file?: number;
  readonly address: number;
  readonly quantity: number;
  readonly write: boolean;
  readonly points?: readonly string[];
  readonly values?: readonly number[];
  readonly mask?: { readonly and: number; readonly or: number };
}

export type Because =
  | "no-permit"
  | "forbid"
  | "min"
  | "max"
  | "values"
  | "mask"
  | "step"
  | "slew"
  | "partial"
  | "time"
  | "interlock"
  | "approval"
  | "transport"
  | "source"
  | "unknown-subject"
  | "rate"
  | "outstanding"
  | "malformed"
  | "function"
  | "route"
  | "profile"
  | "audit";

/** Why a request was permitted or refused: the same object in `explain`, the API and the record. */
export interface Explanation {
  readonly permit: boolean;
  /** Ids of the rules that decided: the permits used, the forbid that hit, or the rule nearest to permitting. */
  readonly rules: readonly string[];
  readonly firstUncovered?: {
    readonly table: Table | null;
    readonly file?: number;
    readonly address: number;
    readonly point?: string;
  };
  readonly because?: Because;
  /** "max 80, got 90" */
  readonly failed?: string;
  /** SHA-256 of the policy, hex, first 16 digits. */
  readonly policy: string;
  /**
   * What would have happened in force, where that is something else: of a policy in shadow mode (`permit` is then
   * true), or with the rules that are in shadow mode, which are named.
   */
  readonly shadow?: { readonly permit: boolean; readonly because?: Because; readonly rules?: readonly string[] };
}

/** What happened. An ordinary answer has neither `result` nor `exception`. */
export interface Outcome {
  /**
   * "closed": the connection was ended because of it · "unknown": it was forwarded and what the device did is not known ·
   * "pending": it was about to be forwarded, of a write that is on record before it leaves. That is no transaction of
   * its own: what came of it is in the record with the same `intent`, and where there is none it is not known.
   */
  readonly result?: "closed" | "unknown" | "pending";
  /** The exception code the client got. */
  readonly exception?: number;
  /** The exception came from the device itself, not from the gateway. */
  readonly from?: "device";
  /** Why nothing came back: "the device cannot be reached". */
  readonly reason?: string;
  /** Of a write that was on record before it left: the same number there, and nowhere else in the log. */
  readonly intent?: number;
  /** What a read returned, raw u16 or 0/1 (in each-read records and the live feed only). */
  readonly values?: readonly number[];
  /**
   * What stood before in what a write has changed, raw u16 or 0/1, one for each register written; null where it was not
   * known when the request left.
   */
  readonly before?: readonly (number | null)[];
  readonly latencyUs: number;
}

/** Something worth noticing. `rule` is stable, kebab-case; `severity` as a scale of four. */
export interface Finding {
  readonly rule: string;
  readonly severity: "info" | "low" | "medium" | "high";
  readonly evidence: string;
}

export interface Transaction {
  readonly subject: Subject;
  readonly location: Location;
  readonly method: Method;
  readonly operation: Operation;
  readonly accesses: readonly Access[];
  readonly decision: Explanation;
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
}
