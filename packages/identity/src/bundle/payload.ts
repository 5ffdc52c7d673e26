import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { fingerprintOf } from "../certificate/fingerprint.ts";
import { IdentityError } from "../errors.ts";
import { verifyBundle } from "./verify.ts";

const time = z.iso.datetime();
const pem = z.string().max(16_384);
const texts = z.record(z.string(), z.string());

/** What a site gives to whoever enrols, renews or recovers, over the network and across an air gap alike. */
export interface Bundle {
  readonly bundle: 1;
  readonly site: string;
  readonly gateway: string;
  readonly serverTime: string;
  /** PEM: leaf, issuing, root. */
  readonly chain: readonly string[];
  /** Roots that are trusted (PEM). */
  readonly anchors: readonly string[];
  /** Revocation lists (PEM); null where there is none here, or where it is too long to carry: it is at `url` then. */
  readonly crls: { readonly root: string | null; readonly issuing: string | null; readonly url: string | null };
  /** What is registered. */
  readonly record: {
    readonly id: string;
    readonly kind: string;
    readonly role: string | null;
    readonly state: string;
    readonly serial: string | null;
    readonly model: string | null;
    readonly unit: number | null;
    readonly address: string | null;
    readonly firmware: string | null;
    readonly capabilities: Readonly<Record<string, unknown>>;
    readonly configuration: Readonly<Record<string, string>>;
    readonly names: readonly string[];
  };
  readonly policy: { readonly version: number; readonly hash: string };
  readonly renewal: {
    readonly url: string | null;
    /** When to renew, ISO 8601. */
    readonly after: string;
    /** What the holder counts once it has confirmed. */
    readonly counter: number;
    readonly recoveriesLeft: number;
  };
  /** Until when the certificate has to be confirmed. */
  readonly confirmBy: string;
}

/** Unknown fields are let pass: a newer site may say more. */
const payload: z.ZodType<Bundle> = z.object({
  bundle: z.literal(1),
  site: z.string(),
  gateway: z.string(),
  serverTime: time,
  chain: z.array(pem).min(1).max(8),
  anchors: z.array(pem).min(1).max(8),
  crls: z.object({ root: z.string().nullable(), issuing: z.string().nullable(), url: z.string().nullable() }),
  record: z.object({
    id: z.string(),
    kind: z.string(),
    role: z.string().nullable(),
    state: z.string(),
    serial: z.string().nullable(),
    model: z.string().nullable(),
    unit: z.number().nullable(),
    address: z.string().nullable(),
    firmware: z.string().nullable(),
    capabilities: z.record(z.string(), z.unknown()),
    configuration: texts,
    names: z.array(z.string()),
  }),
  policy: z.object({ version: z.number(), hash: z.string() }),
  renewal: z.object({
    url: z.string().nullable(),
    after: time,
    counter: z.int().min(0),
    recoveriesLeft: z.int(),
  }),
  confirmBy: time,
});

/**
 * Reads a bundle that is signed under the trusted root. Its signature is judged at the time that it names itself, so
 * that a device whose clock is wrong learns of that and not of a bad signature; one that only renews goes on with the
 * clock it has (no `nowMs`). Errors: ERR_BUNDLE_INVALID,
 * ERR_ENROLMENT_PIN, ERR_ENROLMENT_CLOCK when its certificate does not hold by this device's clock
 */
export function readBundle(
  text: string,
  trust: { readonly pin: string } | { readonly root: string },
  nowMs?: number,
): Bundle {
  const { payload: said } = verifyBundle(text, trust, timeIn(text));
  const parsed = payload.safeParse(said);
  if (!parsed.success) throw invalid(`it is not right at ${parsed.error.issues[0]?.path.join(".") ?? ""}`);
  if (nowMs !== undefined) checkClock(parsed.data, nowMs);
  return parsed.data;
}

/** A bundle as the answer that its contents come to. */
export function answerIn(text: string, bundle: Bundle): unknown {
  const { record, chain, anchors, serverTime, confirmBy, renewal } = bundle;
  const leaf = new X509Certificate(chain[0] ?? "");
  return {
    id: record.id,
    role: record.role,
    state: "claimed",
    chain: chain.join(""),
    anchors,
    fingerprint: fingerprintOf(leaf.raw),
    expires: leaf.validToDate.toISOString(),
    confirmBy,
    serverTime,
    counter: renewal.counter,
    renewal: { after: renewal.after },
    bundle: text,
  };
}

/** What the bundle says of its own time. Not believed before the signature has been checked at it. */
function timeIn(text: string): number {
  try {
    const jws = JSON.parse(text) as { readonly payload?: unknown };
    const said = JSON.parse(Buffer.from(String(jws.payload), "base64url").toString("utf8")) as {
      readonly serverTime?: unknown;
    };
    const at = Date.parse(String(said.serverTime));
    return Number.isNaN(at) ? 0 : at;
  } catch (cause) {
    throw invalid("it is no JSON", cause);
  }
}

function checkClock({ chain, serverTime }: Bundle, nowMs: number): void {
  let leaf: X509Certificate;
  try {
    leaf = new X509Certificate(chain[0] ?? "");
  } catch (cause) {
    throw invalid("it holds no certificate", cause);
  }
  const from = leaf.validFromDate.getTime();
  const end = leaf.validToDate.getTime();
  if (nowMs >= from && nowMs < end) return;
  throw new IdentityError(
    "ERR_ENROLMENT_CLOCK",
    `this device's clock says ${new Date(nowMs).toISOString()}, the site's said ${serverTime}: its certificate would not hold here (${leaf.validFromDate.toISOString()} to ${leaf.validToDate.toISOString()}). Set the clock, then run the same command again`,
  );
}

function invalid(why: string, cause?: unknown): IdentityError {
  return new IdentityError("ERR_BUNDLE_INVALID", `the bundle is not accepted: ${why}`, { cause });
}
