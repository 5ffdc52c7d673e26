import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BundleSigner } from "../bundle/sign.ts";
import { createBundleSigner } from "../bundle/signer.ts";
import { fingerprintOf, spkiPin } from "../certificate/fingerprint.ts";
import { type IdentityKind, issueLeaf } from "../certificate/issue.ts";
import { certificatePem } from "../certificate/pem.ts";
import type { PublicKey } from "../certificate/read.ts";
import type { Issuer } from "../certificate/write.ts";
import { IdentityError } from "../errors.ts";
import type { RandomSource } from "../registration-key.ts";
import { issuingOf, rootOf } from "./chain.ts";
import { createAuthority } from "./create.ts";
import { damaged, type Hierarchy, type KeyAccess, openFormer, openHierarchy } from "./hierarchy.ts";
import { finishReplacing } from "./import.ts";
import { BACKDATE_MS, wholeSecond } from "./time.ts";

/** A leaf as it was issued. `chain` is what its holder sends: leaf, issuing, root. MODBUS/TCP Security v36 R-46 */
export interface IssuedCertificate {
  readonly chain: string;
  readonly fingerprint: string;
  /** The certificate's serial number, hex. */
  readonly serialNumber: string;
  readonly expires: Date;
}

export interface IssueRequest {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly role: string | null;
  readonly names: readonly string[];
  readonly publicKey: PublicKey;
  readonly now: Date;
  readonly lifetimeMs: number;
}

/** Root and issuing intermediate. The private keys stay inside. */
export interface Authority {
  /** The root (PEM): what everyone trusts. */
  readonly root: string;
  /** Issuing, whatever is between, root (PEM). */
  readonly chain: string;
  /** `sha256/<base64>` of the root's SubjectPublicKeyInfo; travels with every registration key. */
  readonly pin: string;
  /** The present authority, and before it those whose certificates are still about. */
  readonly hierarchies: readonly [Hierarchy, ...Hierarchy[]];
  /** Their roots (PEM), the present one first: what the site's own servers trust. */
  readonly authorities: readonly string[];
  /** Error: ERR_AUTHORITY_TIME */
  issue(request: IssueRequest): Promise<IssuedCertificate>;
  /** The key that signs bundles at `now`; it lives in memory and is replaced when its certificate grows old. */
  bundleSigner(now: Date): Promise<BundleSigner>;
}

export interface AuthorityOptions extends KeyAccess {
  /** Whether it is made where there is none. */
  readonly mayMake: boolean;
  readonly now: Date;
  readonly random: RandomSource;
  /** Stands in the certificate that signs bundles. */
  readonly site?: string;
}

/**
 * Opens `<folder>` (root.pem, root.key, issuing.pem, issuing.key; keys 0600, folder 0700), making it on first start.
 * root.key may have been moved away: it is not needed to issue; issuing.key is not there when a signer holds it.
 * Errors: ERR_AUTHORITY_DAMAGED, ERR_AUTHORITY_KEY, ERR_AUTHORITY_PASSPHRASE
 */
export async function openAuthority(folder: string, options: AuthorityOptions): Promise<Authority> {
  finishReplacing(folder);
  if (options.mayMake && !existsSync(folder)) await createAuthority(folder, options);
  const present = openHierarchy(folder, options);
  const issuer = present.issuer ?? withoutKey(folder, options);
  return authorityOf(issuer, [present, ...openFormer(folder, options)], options);
}

function authorityOf(
  issuer: Issuer,
  hierarchies: readonly [Hierarchy, ...Hierarchy[]],
  { random, site = "site" }: AuthorityOptions,
): Authority {
  const { chain, pem } = hierarchies[0];
  const { validFromDate, validToDate } = issuingOf(chain);
  const validity = (now: Date, lifetimeMs: number): { readonly notBefore: Date; readonly notAfter: Date } => {
    const start = Math.max(validFromDate.getTime(), now.getTime() - BACKDATE_MS);
    const notAfter = wholeSecond(Math.min(validToDate.getTime(), now.getTime() + lifetimeMs));
    if (notAfter.getTime() <= Math.max(start, now.getTime())) throw outOfTime(validFromDate, validToDate, now);
    return { notBefore: wholeSecond(start), notAfter };
  };
  const roots = hierarchies.map((hierarchy) => certificatePem(rootOf(hierarchy.chain).raw));
  return {
    root: certificatePem(rootOf(chain).raw),
    chain: pem,
    pin: spkiPin(rootOf(chain).raw),
    hierarchies,
    authorities: [...new Set(roots)],
    async issue(request) {
      const { notBefore, notAfter } = validity(request.now, request.lifetimeMs);
      const { der, serialNumber } = await issueLeaf({ ...request, notBefore, notAfter }, issuer, random);
      return { chain: certificatePem(der) + pem, fingerprint: fingerprintOf(der), serialNumber, expires: notAfter };
    },
    bundleSigner: createBundleSigner({ site, issuer, chain: pem, validity, random }),
  };
}

/** The clock stands before the authority was made, or behind its end: a certificate would never hold. */
function outOfTime(from: Date, to: Date, now: Date): IdentityError {
  const span = `${from.toISOString()} to ${to.toISOString()}`;
  const message = `no certificate can be issued at ${now.toISOString()}: the site's authority holds from ${span}; look at the clock`;
  return new IdentityError("ERR_AUTHORITY_TIME", message);
}

function withoutKey(folder: string, { signer }: KeyAccess): never {
  if (signer === undefined)
    throw damaged(`${join(folder, "issuing.key")} is missing: restore the folder from its backup`);
  throw new IdentityError(
    "ERR_AUTHORITY_KEY",
    `the signer's key is not the one of ${join(folder, "issuing.pem")}: \`modwarden authority csr\` asks for a certificate for it`,
  );
}
