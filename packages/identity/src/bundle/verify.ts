import { verify, X509Certificate } from "node:crypto";
import { z } from "zod";
import { checkAuthority, verifies } from "../authority/chain.ts";
import { spkiPin } from "../certificate/fingerprint.ts";
import { DOCUMENT_SIGNING } from "../certificate/issue.ts";
import { derOfPem } from "../certificate/pem.ts";
import { IdentityError } from "../errors.ts";
import { BUNDLE_TYPE } from "./sign.ts";

const MAX_CHARACTERS = 256 * 1024;
const MAX_CHAIN = 8;
const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);
const jws = z.strictObject({ protected: base64url, payload: base64url, signature: base64url.length(86) });
const head = z.strictObject({
  alg: z.literal("ES256"),
  typ: z.literal(BUNDLE_TYPE),
  x5c: z
    .array(z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/))
    .min(2)
    .max(MAX_CHAIN),
});

export interface VerifiedBundle {
  readonly payload: unknown;
  /** The signer's certificate, issuing, root. */
  readonly chain: readonly X509Certificate[];
}

/**
 * The payload of a signed bundle, whose signer leads to the root that is trusted: by its pin, or the root itself (PEM).
 * Nothing of the payload may be looked at before. Errors: ERR_BUNDLE_INVALID when it was changed, is not signed for
 * this purpose or does not hold at `nowMs`; ERR_ENROLMENT_PIN when it is signed under another root
 */
export function verifyBundle(
  text: string,
  trust: { readonly pin: string } | { readonly root: string },
  nowMs: number,
): VerifiedBundle {
  if (text.length > MAX_CHARACTERS) throw invalid("it is too large");
  const parts = parsed(jws, text);
  const chain = parsed(head, textOf(parts.protected)).x5c.map(certificate);
  checkRoot(chain.at(-1), trust);
  checkChain(chain, nowMs);
  const leaf = checkLeaf(chain[0]);
  const data = Buffer.from(`${parts.protected}.${parts.payload}`, "latin1");
  const signature = Buffer.from(parts.signature, "base64url");
  if (!verify("sha256", data, { key: leaf.publicKey, dsaEncoding: "ieee-p1363" }, signature)) {
    throw invalid("its signature does not hold");
  }
  return { payload: json(textOf(parts.payload)), chain };
}

function checkRoot(root: X509Certificate | undefined, trust: { pin: string } | { root: string }): void {
  if (root === undefined) throw invalid("it has no chain");
  const trusted = "pin" in trust ? spkiPin(root.raw) === trust.pin : root.raw.equals(derOfPem(trust.root));
  if (!trusted) {
    throw new IdentityError(
      "ERR_ENROLMENT_PIN",
      "the bundle is signed under another root than the one that is trusted",
    );
  }
}

function checkChain(chain: readonly X509Certificate[], nowMs: number): void {
  for (const [at, certificate] of chain.entries()) {
    const issuer = chain[at + 1] ?? certificate;
    if (!certificate.checkIssued(issuer) || !verifies(certificate, issuer)) throw invalid("its chain is broken");
    if (nowMs < certificate.validFromDate.getTime() || nowMs > certificate.validToDate.getTime()) {
      const span = `${certificate.validFromDate.toISOString()} to ${certificate.validToDate.toISOString()}`;
      throw invalid(`its signature holds from ${span}, and the clock says ${new Date(nowMs).toISOString()}`);
    }
    if (at > 0) checkAuthority(certificate, at - 1, "the bundle's chain", "ERR_BUNDLE_INVALID");
  }
}

function checkLeaf(leaf: X509Certificate | undefined): X509Certificate {
  const purpose = leaf?.keyUsage ?? [];
  if (leaf === undefined || leaf.ca || purpose.length !== 1 || purpose[0] !== DOCUMENT_SIGNING) {
    throw invalid("its signer's certificate is not one for bundles");
  }
  const { asymmetricKeyType, asymmetricKeyDetails } = leaf.publicKey;
  if (asymmetricKeyType !== "ec" || asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw invalid("its signer's key is not on the curve P-256");
  }
  return leaf;
}

function certificate(base64: string): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(base64, "base64"));
  } catch (cause) {
    throw invalid("its chain holds something that is no certificate", cause);
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const result = schema.safeParse(json(text));
  if (!result.success) throw invalid("it is not of the form of a bundle");
  return result.data;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw invalid("it is no JSON", cause);
  }
}

function textOf(encoded: string): string {
  return Buffer.from(encoded, "base64url").toString("utf8");
}

function invalid(why: string, cause?: unknown): IdentityError {
  return new IdentityError("ERR_BUNDLE_INVALID", `the bundle is not accepted: ${why}`, { cause });
}
