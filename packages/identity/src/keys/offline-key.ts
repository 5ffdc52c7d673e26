import { type KeyObject, sign, verify } from "node:crypto";
import { isPin } from "../certificate/fingerprint.ts";
import { DAY_MS } from "../context.ts";
import { encodeCrockford } from "../crockford.ts";
import { IdentityError } from "../errors.ts";
import type { RandomSource } from "../registration-key.ts";
import type { KeyOptions } from "../types.ts";
import { jsonOf } from "./derive.ts";
import type { KeyIssuer, SigningKeyIssuer } from "./issuer-file.ts";
import { type OfflineClaims, offlineClaims } from "./offline-claims.ts";
import { checkOptions, wrong } from "./options.ts";

/**
 * A key that is proven by its issuer's signature alone: `mwv1.<base64url JSON>.<base64url Ed25519 signature>`. The
 * signature covers everything before the second dot.
 */
export const OFFLINE_KEY_PATTERN = "mwv1\\.[A-Za-z0-9_-]{100,3900}\\.[A-Za-z0-9_-]{86}";
/** A snapshot that nobody can call back has to end soon. */
const MAX_LIFETIME_MS: number = 30 * DAY_MS;
const MAX_OFFLINE_TEXT = 4096;
/** What may be asked of an offline key: no source networks and no names, for they cannot be checked by whoever signs. */
export interface OfflineKeyOptions
  extends Pick<
    KeyOptions,
    "kind" | "roles" | "uses" | "expiresInMs" | "serials" | "approval" | "model" | "claims" | "identity" | "unit"
  > {
  /** The pin of the site that it is for. */
  readonly pin: string;
  readonly site?: string;
  readonly certificateDays?: number;
}

export interface OfflineKey {
  readonly claims: OfflineClaims;
  /** What the signature covers. */
  readonly signed: string;
  readonly signature: Uint8Array;
}

/** Signs a key without any site. Errors: ERR_KEY_OPTIONS, ERR_KEY_REUSABLE, ERR_IDENTITY_INVALID */
export function signOfflineKey(
  issuer: SigningKeyIssuer,
  options: OfflineKeyOptions,
  at: { readonly now: Date; readonly random: RandomSource },
): { readonly key: string; readonly claims: OfflineClaims } {
  const { pin, site, certificateDays, ...rest } = options;
  checkOptions(rest);
  const lifetimeMs = options.expiresInMs ?? DAY_MS;
  if (lifetimeMs > MAX_LIFETIME_MS) throw wrong("an offline key holds for 30 days at most: nobody can call it back");
  const uses = options.uses ?? 1;
  if (uses > 1 && uses > (options.serials?.length ?? 0)) {
    throw wrong("an offline key for several uses needs as many serial numbers: its uses cannot be counted everywhere");
  }
  if (!isPin(pin)) throw wrong("it needs the pin of the site that it is for");
  const notBefore = Math.floor(at.now.getTime() / 1000);
  const signedClaims = offlineClaims.safeParse({
    approval: options.approval ?? "auto",
    ...(certificateDays === undefined ? {} : { certificateDays }),
    ...(options.claims === undefined ? {} : { claims: options.claims }),
    expires: notBefore + Math.floor(lifetimeMs / 1000),
    id: encodeCrockford(at.random(5)),
    issuer: issuer.id,
    kind: options.kind,
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(options.identity === undefined ? {} : { name: options.identity }),
    notBefore,
    pin,
    roles: [...new Set(options.roles)],
    ...(options.serials === undefined ? {} : { serials: [...new Set(options.serials)] }),
    ...(site === undefined ? {} : { site }),
    ...(options.unit === undefined ? {} : { unit: options.unit }),
    uses,
    v: 1,
  });
  if (!signedClaims.success) throw wrong(`${signedClaims.error.issues[0]?.path.join(".") ?? "it"} is out of bounds`);
  const signed = `mwv1.${Buffer.from(canonical(signedClaims.data)).toString("base64url")}`;
  const key = `${signed}.${sign(null, Buffer.from(signed), issuer.privateKey).toString("base64url")}`;
  if (key.length > MAX_OFFLINE_TEXT) throw wrong(`it would be longer than ${MAX_OFFLINE_TEXT} characters`);
  return { key, claims: signedClaims.data };
}

/** Whether `text` claims to be an offline key. */
export function isOfflineKey(text: string): boolean {
  return text.trimStart().startsWith("mwv1.");
}

/** Reads the form, not the signature. Error: ERR_KEY_MALFORMED (never quotes the text) */
export function parseOfflineKey(text: string): OfflineKey {
  if (text.length > MAX_OFFLINE_TEXT) throw malformed("it is too long");
  // Line ends come with e-mail and files; they are no part of base64url.
  const [form, payload = "", signature = "", rest] = text.replaceAll(/\s/g, "").split(".");
  if (form !== "mwv1" || rest !== undefined) throw malformed('it is not "mwv1." and two parts');
  const bytes = Buffer.from(payload, "base64url");
  const json = bytes.toString("utf8");
  const parsed = offlineClaims.safeParse(jsonOf(json));
  if (!parsed.success) throw malformed("what it claims is not of the right form");
  // One text for one key: otherwise the same claims could be signed in many spellings.
  if (canonical(parsed.data) !== json || bytes.toString("base64url") !== payload) {
    throw malformed("what it claims is not written in the one right way");
  }
  const raw = Buffer.from(signature, "base64url");
  if (raw.length !== 64 || raw.toString("base64url") !== signature) throw malformed("its signature has another length");
  const { notBefore, expires, uses, serials = [] } = parsed.data;
  if (expires <= notBefore || (expires - notBefore) * 1000 > MAX_LIFETIME_MS) {
    throw malformed("it would hold for longer than 30 days");
  }
  if (uses > 1 && uses > serials.length) throw malformed("it has more uses than serial numbers");
  return { claims: parsed.data, signed: `${form}.${payload}`, signature: raw };
}

/** Whether `publicKey` signed it. */
export function isSignedBy(key: OfflineKey, publicKey: KeyObject): boolean {
  return verify(null, Buffer.from(key.signed), publicKey, key.signature);
}

/** Form and signature together, with the issuer's public key alone. Errors: ERR_KEY_MALFORMED, ERR_KEY_ISSUER */
export function verifyOfflineKey(text: string, issuer: KeyIssuer): OfflineClaims {
  const key = parseOfflineKey(text);
  if (key.claims.issuer !== issuer.id || !isSignedBy(key, issuer.publicKey)) {
    throw new IdentityError("ERR_KEY_ISSUER", `this key was not signed by "${issuer.name}" (${issuer.id})`);
  }
  return key.claims;
}

/** Keys in the order of their letters, nothing between them. */
function canonical(value: OfflineClaims): string {
  const ordered = (entry: unknown): unknown =>
    typeof entry === "object" && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(
          Object.entries(entry)
            .sort(([left], [right]) => (left < right ? -1 : 1))
            .map(([name, held]) => [name, ordered(held)]),
        )
      : entry;
  return JSON.stringify(ordered(value));
}

function malformed(why: string): IdentityError {
  return new IdentityError("ERR_KEY_MALFORMED", `this is no offline registration key: ${why}`);
}
