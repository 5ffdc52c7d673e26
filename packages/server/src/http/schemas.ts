/** The shapes of the API as Zod schemas, from which its OpenAPI document is made. They say what site-view.ts says. */
import { z } from "@hono/zod-openapi";
import type { Explanation } from "@modwarden/access";
import type { Approval } from "../approvals/approval.ts";
import type { ErrorBody } from "./errors.ts";
import type { PolicyDetails } from "./policy-view.ts";
import type { Counted, IdentityView, KeyView, RefusalView } from "./registry-view.ts";
import type { DeviceView, LiveTransaction, PointView, SiteStatus } from "./site-view.ts";

/** A shape as Zod infers it: an optional key may also hold undefined. */
export type Wire<T> = T extends readonly (infer Item)[]
  ? readonly Wire<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Wire<T[Key]> | (object extends Pick<T, Key> ? undefined : never) }
    : T;

export type Shape<T> = z.ZodType<Wire<T>>;

const table = z.enum(["coil", "discrete", "holding", "input"]);
const transport = z.enum(["tcp", "tls", "udp", "rtu", "ascii", "memory"]);
const count = z.int().nonnegative();
const word = z.int().min(0).max(0xffff);
const time = z.iso.datetime();

const AuditShape: Shape<SiteStatus["audit"]> = z.object({
  records: count,
  checkpointed: count,
  failed: z.boolean(),
  state: z.enum(["working", "stuck", "failed", "stopped"]),
  checkpoint: z.object({ size: count, t: time }).nullable(),
  segments: count.nullable(),
  bytes: count.nullable(),
  oldest: z.object({ seq: count, t: time }).nullable(),
  freeBytes: z.number().nonnegative().nullable(),
  witnesses: z.array(
    z.object({
      name: z.string(),
      state: z.enum(["waiting", "working", "lost", "differs"]),
      size: count.nullable().describe("Records that its newest checkpoint covers"),
      t: time.nullable(),
    }),
  ),
});

export const StatusShape: Shape<SiteStatus> = z
  .object({
    site: z.string(),
    gateway: z.string(),
    version: z.string(),
    startedAt: time,
    policy: z.object({
      version: count,
      hash: z.string(),
      mode: z.enum(["enforce", "shadow"]),
      roles: z.array(z.string()),
    }),
    listeners: z.array(z.object({ name: z.string(), url: z.string(), transport, connections: count })),
    counters: z.record(z.string(), z.number()),
    audit: AuditShape,
    identity: z.object({
      registered: count,
      active: count,
      unconfirmed: count,
      pending: count,
      refused: count,
      undelivered: count,
    }),
  })
  .openapi("Status");

const PointShape: Shape<PointView> = z
  .object({
    id: z.string(),
    table,
    address: word.describe("0-based"),
    unit: z.string().optional(),
    type: z.string(),
    order: z.string().optional(),
    access: z.enum(["r", "rw", "w"]),
    labels: z.array(z.string()),
    value: z.union([z.number(), z.string(), z.boolean(), z.null()]),
    text: z.string(),
    raw: z.array(word),
    quality: z.enum(["good", "stale", "none", "nan"]),
    ageMs: z.number().nullable(),
  })
  .openapi("Point");

export const DeviceShape: Shape<DeviceView> = z
  .object({
    id: z.string(),
    unit: z.int().min(0).max(255),
    profile: z.string(),
    vendor: z.string(),
    model: z.string(),
    address: z.string(),
    state: z.enum(["idle", "up", "silent", "unreachable"]),
    lastAnswerAgeMs: z.number().nullable(),
    points: z.array(PointShape),
  })
  .openapi("Device");

const because = z.enum([
  "no-permit",
  "forbid",
  "min",
  "max",
  "values",
  "mask",
  "step",
  "slew",
  "partial",
  "time",
  "interlock",
  "approval",
  "transport",
  "source",
  "unknown-subject",
  "rate",
  "outstanding",
  "malformed",
  "function",
  "route",
  "profile",
  "audit",
]);

const access = z.object({
  device: z.string().nullable(),
  unit: z.int().min(0).max(255),
  table: table.nullable(),
  file: word.optional().describe("functions 20 and 21: its number; the record is the address"),
  address: word,
  quantity: count,
  write: z.boolean(),
  points: z.array(z.string()).optional(),
  values: z.array(word).optional(),
  mask: z.object({ and: word, or: word }).optional(),
});

export const ExplanationShape: Shape<Explanation> = z
  .object({
    permit: z.boolean(),
    rules: z.array(z.string()),
    firstUncovered: z.object({ table: table.nullable(), address: word, point: z.string().optional() }).optional(),
    because: because.optional(),
    failed: z.string().optional(),
    policy: z.string(),
    shadow: z.object({ permit: z.literal(false), because }).optional(),
  })
  .openapi("Explanation");

export const TransactionShape: Shape<LiveTransaction> = z
  .object({
    number: count,
    t: time,
    subject: z.object({ id: z.string().nullable(), role: z.string().nullable(), cert: z.string().optional() }),
    location: z.object({ site: z.string(), gateway: z.string(), zone: z.string().optional(), source: z.string() }),
    method: z.object({ transport, transaction: word }),
    operation: z.object({ function: z.int(), subfunction: z.int().optional(), name: z.string() }),
    accesses: z.array(access),
    decision: ExplanationShape,
    outcome: z.object({
      result: z.enum(["closed", "unknown", "pending"]).optional(),
      exception: z.int().optional(),
      from: z.literal("device").optional(),
      reason: z.string().optional(),
      intent: z.int().optional(),
      values: z.array(word).optional(),
      before: z.array(word.nullable()).optional(),
      latencyUs: z.number(),
    }),
    findings: z.array(
      z.object({ rule: z.string(), severity: z.enum(["info", "low", "medium", "high"]), evidence: z.string() }),
    ),
  })
  .openapi("Transaction");

const kind = z.enum(["client", "device", "gateway"]);

export const IdentitiesShape: Shape<Counted<"identities", IdentityView>> = z
  .object({
    total: count,
    identities: z.array(
      z
        .object({
          id: z.string(),
          kind,
          role: z.string().nullable(),
          state: z.enum(["issued", "pending", "approved", "claimed", "active", "suspended", "revoked", "retired"]),
          serial: z.string().nullable(),
          expires: time.nullable(),
        })
        .openapi("Identity"),
    ),
  })
  .openapi("Identities");

export const KeysShape: Shape<Counted<"keys", KeyView>> = z
  .object({
    total: count,
    keys: z.array(
      z
        .object({
          id: z.string(),
          kind,
          roles: z.array(z.string()),
          state: z.string(),
          uses: count,
          used: count,
          name: z.string().nullable(),
          approval: z.string(),
          expires: time,
          expiresInDays: z.int().nullable(),
        })
        .openapi("Key"),
    ),
  })
  .openapi("Keys");

export const RefusalShape: Shape<RefusalView> = z
  .object({
    edge: count,
    time,
    reason: z.string().describe("has a page in docs/refusals"),
    correlation: z.string().nullable(),
    source: z.string().nullable(),
    key: z.string().nullable(),
    name: z.string().nullable(),
  })
  .openapi("Refusal");

const person = z.union([
  z.object({ id: z.string(), role: z.string().nullable() }),
  z.object({ operator: z.literal(true) }).describe("whoever sits at the site's control socket"),
]);

export const ApprovalShape: Shape<Approval> = z
  .object({
    id: z.string(),
    state: z.enum(["open", "granted", "used", "denied", "expired", "withdrawn", "void"]),
    subject: z.object({ id: z.string(), role: z.string().nullable() }),
    requestedBy: person,
    request: z.object({
      device: z.string().nullable(),
      unit: z.int().min(0).max(255),
      function: z.int(),
      subfunction: z.int().optional(),
      accesses: z.array(access),
      what: z.string(),
    }),
    rules: z.array(z.object({ id: z.string(), people: count, by: z.array(z.string()), approvals: count })),
    approvals: z.array(z.object({ by: person, at: time })),
    policy: z.string(),
    requested: time,
    expires: time,
    ended: time.nullable(),
    reason: z.string().nullable(),
  })
  .openapi("Approval");

export const PolicyShape: Shape<PolicyDetails> = z
  .object({
    version: count,
    hash: z.string(),
    mode: z.enum(["enforce", "shadow"]),
    roles: z.array(z.string()),
    text: z.string(),
    history: z.array(
      z
        .object({
          version: count,
          hash: z.string(),
          sha256: z.string(),
          time,
          action: z.enum(["apply", "rollback", "withdraw"]),
          by: z.enum(["start", "control", "command"]),
          of: count.optional(),
          tests: z.enum(["passed", "failed", "skipped"]),
          comment: z.string().optional(),
        })
        .openapi("PolicyVersion"),
    ),
  })
  .openapi("Policy");

export const ErrorShape: Shape<ErrorBody> = z
  .object({
    error: z.object({
      code: z.enum([
        "ERR_CONSOLE_BAD_ADDRESS",
        "ERR_CONSOLE_NOT_LOOPBACK",
        "ERR_CONSOLE_HOST",
        "ERR_CONSOLE_ORIGIN",
        "ERR_CONSOLE_METHOD",
        "ERR_CONSOLE_TOKEN",
        "ERR_CONSOLE_BAD_REQUEST",
        "ERR_CONSOLE_TOO_LARGE",
        "ERR_CONSOLE_NOT_FOUND",
        "ERR_CONSOLE_BUSY",
        "ERR_CONSOLE_INTERNAL",
      ]),
      message: z.string(),
    }),
  })
  .openapi("Error");
