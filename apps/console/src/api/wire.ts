/** What the HTTP API says, as the console reads it. The server's OpenAPI document is the same in JSON. */
export type Table = "coil" | "discrete" | "holding" | "input";

export interface SiteStatus {
  readonly site: string;
  readonly gateway: string;
  readonly version: string;
  readonly startedAt: string;
  readonly policy: {
    readonly version: number;
    readonly hash: string;
    readonly mode: "enforce" | "shadow";
    readonly roles: readonly string[];
  };
  readonly listeners: readonly ListenerView[];
  readonly counters: Readonly<Record<string, number>>;
  readonly audit: AuditStatus;
  readonly identity: {
    readonly registered: number;
    readonly active: number;
    readonly unconfirmed: number;
    readonly pending: number;
    readonly refused: number;
    readonly undelivered: number;
  };
}

export interface AuditStatus {
  readonly records: number;
  readonly checkpointed: number;
  readonly failed: boolean;
  readonly state: "working" | "stuck" | "failed" | "stopped";
  readonly checkpoint: { readonly size: number; readonly t: string } | null;
  readonly segments: number | null;
  readonly bytes: number | null;
  readonly oldest: { readonly seq: number; readonly t: string } | null;
  readonly freeBytes: number | null;
  readonly witnesses: readonly WitnessStatus[];
}

export interface WitnessStatus {
  readonly name: string;
  readonly state: "waiting" | "working" | "lost" | "differs";
  readonly size: number | null;
  readonly t: string | null;
}

export interface ListenerView {
  readonly name: string;
  readonly url: string;
  readonly transport: string;
  readonly connections: number;
}

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

export type PointQuality = "good" | "stale" | "none" | "nan";

export interface PointView {
  readonly id: string;
  readonly table: Table;
  readonly address: number;
  readonly unit?: string;
  readonly type: string;
  readonly order?: string;
  readonly access: "r" | "rw" | "w";
  readonly labels: readonly string[];
  readonly value: number | string | boolean | null;
  readonly text: string;
  readonly raw: readonly number[];
  readonly quality: PointQuality;
  readonly ageMs: number | null;
}

export interface Access {
  readonly device: string | null;
  readonly unit: number;
  readonly table: Table | null;
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

export interface Explanation {
  readonly permit: boolean;
  readonly rules: readonly string[];
  readonly firstUncovered?: {
    readonly table: Table | null;
    readonly file?: number;
    readonly address: number;
    readonly point?: string;
  };
  readonly because?: Because;
  readonly failed?: string;
  readonly policy: string;
  readonly shadow?: { readonly permit: boolean; readonly because?: Because; readonly rules?: readonly string[] };
}

export interface Finding {
  readonly rule: string;
  readonly severity: "info" | "low" | "medium" | "high";
  readonly evidence: string;
}

export interface LiveTransaction {
  readonly number: number;
  readonly t: string;
  readonly subject: { readonly id: string | null; readonly role: string | null; readonly cert?: string };
  readonly location: {
    readonly site: string;
    readonly gateway: string;
    readonly zone?: string;
    readonly source: string;
  };
  readonly method: { readonly transport: string; readonly transaction: number };
  readonly operation: { readonly function: number; readonly subfunction?: number; readonly name: string };
  readonly accesses: readonly Access[];
  readonly decision: Explanation;
  readonly outcome: {
    readonly result?: "closed" | "unknown";
    readonly exception?: number;
    readonly from?: "device";
    readonly values?: readonly number[];
    readonly latencyUs: number;
  };
  readonly findings: readonly Finding[];
}

export type LiveEvent =
  | { readonly kind: "transactions"; readonly transactions: readonly LiveTransaction[] }
  | { readonly kind: "devices"; readonly devices: readonly DeviceView[] }
  | { readonly kind: "dropped"; readonly count: number }
  | { readonly kind: "status"; readonly status: SiteStatus };

export interface IdentityView {
  readonly id: string;
  readonly kind: "client" | "device" | "gateway";
  readonly role: string | null;
  readonly state: "issued" | "pending" | "approved" | "claimed" | "active" | "suspended" | "revoked" | "retired";
  readonly serial: string | null;
  /** When its certificate ends, ISO 8601; null without one. */
  readonly expires: string | null;
}

export interface KeyView {
  readonly id: string;
  readonly kind: "client" | "device" | "gateway";
  readonly roles: readonly string[];
  readonly state: string;
  readonly uses: number;
  readonly used: number;
  readonly name: string | null;
  readonly approval: string;
  readonly expires: string;
  /** In its last 30 days, of one made for longer. */
  readonly expiresInDays: number | null;
}

export interface RefusalView {
  readonly edge: number;
  readonly time: string;
  readonly reason: string;
  readonly correlation: string | null;
  readonly source: string | null;
  readonly key: string | null;
  readonly name: string | null;
}
