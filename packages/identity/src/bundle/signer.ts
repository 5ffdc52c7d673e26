import { createPublicKey, sign } from "node:crypto";
import { newKey } from "../authority/key-file.ts";
import { issueBundleLeaf } from "../certificate/issue.ts";
import { certificatePem } from "../certificate/pem.ts";
import type { Issuer } from "../certificate/write.ts";
import type { RandomSource } from "../registration-key.ts";
import type { BundleSigner } from "./sign.ts";

/** A bundle that crosses an air gap may be read months later; its signature has to hold by then. */
const LIFETIME_MS = 180 * 24 * 3_600_000;

/** Gives the signer of the moment. Its key is made here, never written anywhere, and replaced at half its life. */
export function createBundleSigner(options: {
  readonly site: string;
  readonly issuer: Issuer;
  /** PEM: issuing to root. */
  readonly chain: string;
  readonly validity: (now: Date, lifetimeMs: number) => { readonly notBefore: Date; readonly notAfter: Date };
  readonly random: RandomSource;
}): (now: Date) => Promise<BundleSigner> {
  let current: { readonly signer: Promise<BundleSigner>; readonly from: number; readonly until: number } | undefined;
  const make = async (validity: { readonly notBefore: Date; readonly notAfter: Date }): Promise<BundleSigner> => {
    const key = newKey();
    const request = { site: options.site, publicKey: createPublicKey(key), ...validity };
    const { der } = await issueBundleLeaf(request, options.issuer, options.random);
    return {
      chain: certificatePem(der) + options.chain,
      sign: (data) => Promise.resolve(new Uint8Array(sign("sha256", data, { key, dsaEncoding: "ieee-p1363" }))),
    };
  };
  return async (now) => {
    const at = now.getTime();
    if (current === undefined || at < current.from || at >= current.until) {
      const validity = options.validity(now, LIFETIME_MS);
      const signer = make(validity);
      const from = validity.notBefore.getTime();
      current = { signer, from, until: at + (validity.notAfter.getTime() - at) / 2 };
      signer.catch(() => {
        // An authority that could not sign is asked again the next time.
        current = undefined;
      });
    }
    return await current.signer;
  };
}
