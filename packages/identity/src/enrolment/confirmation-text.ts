import { type KeyObject, sign, verify, X509Certificate } from "node:crypto";
import { z } from "zod";
import type { Context } from "../context.ts";
import { IdentityError } from "../errors.ts";
import type { Confirmation } from "../types.ts";
import { confirm } from "./confirm.ts";

/** Says what is signed: a signature over something else is none over a confirmation. */
const FORM = "mwc1";
const MAX_CHARACTERS = 2048;

interface Claims {
  readonly id: string;
  readonly fingerprint: string;
}

const claims: z.ZodType<Claims> = z.strictObject({
  id: z.string().min(1).max(64),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * A confirmation that is carried across an air gap: `mwc1.<base64url of JSON>.<base64url of the signature>`, signed with
 * the certificate's own key over the first two parts. Fits into a QR code.
 */
export function confirmationText(what: Claims, key: KeyObject): string {
  const { id, fingerprint } = what;
  const body = `${FORM}.${Buffer.from(JSON.stringify({ id, fingerprint }), "utf8").toString("base64url")}`;
  return `${body}.${sign("sha256", Buffer.from(body, "latin1"), key).toString("base64url")}`;
}

/** Confirms by such a text what could not come over the network. Error: ERR_ENROLMENT_CONFIRM */
export async function confirmCarried(context: Context, text: string): Promise<Confirmation> {
  const parts = text
    .trim()
    .slice(0, MAX_CHARACTERS + 1)
    .split(".");
  const [form, body = "", signature = ""] = parts;
  if (form !== FORM || parts.length !== 3) throw wrong("it is no confirmation");
  const said = claimsIn(body);
  const certificate = await context.database
    .selectFrom("certificate")
    .select(["chain", "revoked"])
    .where("fingerprint", "=", said.fingerprint)
    .executeTakeFirst();
  const data = Buffer.from(`${form}.${body}`, "latin1");
  const key = certificate === undefined ? undefined : new X509Certificate(certificate.chain).publicKey;
  if (key === undefined || !verify("sha256", data, key, Buffer.from(signature, "base64url"))) {
    throw wrong("it is not signed with the key of a certificate of this registry");
  }
  // A text can be brought a second time, and by anybody: it proves that its certificate was held once, not that it still
  // is. So it is no sign of a second holder, unlike a connection.
  if (certificate?.revoked !== null)
    throw wrong("its certificate was replaced, was revoked or was not confirmed in time");
  return await confirm(context, said.fingerprint, "air-gap");
}

function claimsIn(body: string): Claims {
  try {
    return claims.parse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
  } catch (cause) {
    throw wrong("it cannot be read", cause);
  }
}

function wrong(why: string, cause?: unknown): IdentityError {
  return new IdentityError("ERR_ENROLMENT_CONFIRM", `this confirmation is not accepted: ${why}`, { cause });
}
