import { type Context, DAY_MS, LEAF_LIFETIME_MS } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { checkId, checkRole, checkServerName, isPrintable, networkOf } from "../names.ts";
import { kindOf } from "../registry/columns.ts";
import type { KeyRow } from "../registry/schema.ts";
import type { KeyOptions } from "../types.ts";

const MAX_SERIALS = 100_000;
const MAX_USES = 1_000_000;
const MAX_TEXT = 200;
const MAX_NOTE = 500;
const MAX_SPAN_MS: number = 3660 * DAY_MS;

/** How a key is proven, as its row says. */
export type KeyForm = "token" | "derived" | "offline" | "public-key";

/** What of a row is not an option. */
interface RowIdentity {
  readonly id: string;
  readonly form: KeyForm;
  readonly secret_hmac: string;
  readonly serial_rule: "any" | "listed" | "required";
  readonly issuer?: string;
  readonly public_key?: string;
}

/** The row of a key with these options, which have been checked. */
export function keyRow(context: Context, options: KeyOptions, identity: RowIdentity): KeyRow {
  const created = context.now().getTime();
  checkApproval(context, options);
  return {
    kind: options.kind,
    roles: JSON.stringify([...new Set(options.roles)]),
    names: JSON.stringify(options.names ?? []),
    uses: options.uses ?? 1,
    used: 0,
    approval: options.approval ?? "auto",
    model: options.model ?? null,
    claims: JSON.stringify(options.claims ?? {}),
    sources: JSON.stringify(options.sources ?? []),
    certificate_lifetime_ms: options.certificateLifetimeMs ?? LEAF_LIFETIME_MS,
    created,
    not_before: 0,
    expires: created + (options.expiresInMs ?? DAY_MS),
    revoked: null,
    revoked_reason: null,
    identity_id: options.identity ?? null,
    unit: options.unit ?? null,
    note: options.note ?? null,
    issuer: null,
    public_key: null,
    ...identity,
  };
}

/** Approval by two without anybody who may approve would wait for ever. */
function checkApproval(context: Context, { approval }: Pick<KeyOptions, "approval">): void {
  if (approval !== "two" || context.site.approvers.length > 0) return;
  throw wrong("nobody could approve: name the roles that may under enrolment.approvers in the site file first");
}

/** Errors: ERR_KEY_OPTIONS, ERR_KEY_REUSABLE, ERR_IDENTITY_INVALID */
export function checkOptions(options: KeyOptions): void {
  kindOf(options.kind);
  for (const role of options.roles) checkRole(role);
  for (const name of options.names ?? []) checkServerName(name);
  for (const source of options.sources ?? []) networkOf(source);
  if (options.identity !== undefined) checkId(options.identity);
  const uses = options.uses ?? 1;
  const serials = options.serials ?? [];
  if (!Number.isInteger(uses) || uses < 1 || uses > MAX_USES)
    throw wrong(`uses is a whole number from 1 to ${MAX_USES}`);
  if (uses > 1 && serials.length === 0 && (options.approval ?? "auto") === "auto") {
    throw new IdentityError(
      "ERR_KEY_REUSABLE",
      "a key for several uses needs bound serial numbers or manual approval: whoever finds it could enrol as often",
    );
  }
  const names = options.names ?? [];
  if (names.length > 0 && uses > 1) throw wrong("names belong to one server: a key with names has one use");
  if (names.length > 0 && options.kind === "client") throw wrong("names belong to a server: a client has none");
  if (options.identity !== undefined && uses > 1) throw wrong("an id belongs to one: a key for an id has one use");
  checkUnit(options);
  checkSpan("expiry", options.expiresInMs ?? DAY_MS);
  checkSpan("certificate lifetime", options.certificateLifetimeMs ?? LEAF_LIFETIME_MS);
  const claims = Object.entries(options.claims ?? {}).flat();
  for (const text of [...serials, ...claims, options.model ?? "-"]) {
    if (!isShortText(text)) throw wrong(`serials, model and claims have 1 to ${MAX_TEXT} printable characters`);
  }
  const { note } = options;
  if (note !== undefined && (note.length === 0 || note.length > MAX_NOTE || !isPrintable(note))) {
    throw wrong(`a note has 1 to ${MAX_NOTE} printable characters`);
  }
  if (serials.length > MAX_SERIALS || options.roles.length > 64 || names.length > 64 || claims.length > 128) {
    throw wrong("a list of its options is too long");
  }
}

/** A unit's address: 1-247 on a line; 0 and 255 mean the device itself over TCP and are nobody's alone. */
function checkUnit({ unit, uses, kind }: KeyOptions): void {
  if (unit === undefined) return;
  if (!Number.isInteger(unit) || unit < 1 || unit > 247) throw wrong("a unit is a whole number from 1 to 247");
  if ((uses ?? 1) > 1) throw wrong("a unit belongs to one device: a key with a unit has one use");
  if (kind === "client") throw wrong("a client has no unit");
}

/** Whether `text` can be a serial number, a model or a claim. */
export function isShortText(text: string): boolean {
  return text.length > 0 && text.length <= MAX_TEXT && isPrintable(text);
}

function checkSpan(what: string, ms: number): void {
  if (!Number.isFinite(ms) || ms < 1000 || ms > MAX_SPAN_MS)
    throw wrong(`its ${what} is between one second and ten years`);
}

export function wrong(why: string): IdentityError {
  return new IdentityError("ERR_KEY_OPTIONS", `such a registration key cannot be made: ${why}`);
}
