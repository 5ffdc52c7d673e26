import { createPrivateKey } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { splitPem } from "../certificate/pem.ts";
import { IdentityError } from "../errors.ts";
import { claimWith, confirmWith, type EnrolledIdentity, type EnrolOptions, enrolWith } from "./enrol.ts";
import {
  checkFree,
  describe,
  loadIdentity,
  readClaim,
  readDescription,
  readKey,
  removeIdentity,
  replaceCertificate,
  saveIdentity,
} from "./folder.ts";

/**
 * Enrols into a folder: it is checked before the key is used, and filled before the certificate is confirmed. When an
 * earlier attempt for the same name at the same server got as far as the confirmation, that is taken up again.
 * Errors: ERR_IDENTITY_EXISTS and those of `enrolWith`
 */
export async function enrolInto(dir: string, options: Omit<EnrolOptions, "keep">): Promise<EnrolledIdentity> {
  const resumed = await resume(dir, options);
  if (resumed !== undefined) return resumed;
  checkFree(dir);
  const identity = await enrolWith({ ...options, keep: (claimed) => saveIdentity(dir, claimed) });
  if (identity.state !== "pending") describe(dir, identity);
  return identity;
}

/** Asks whether the pending identity in `dir` was approved; if so, completes the folder. Errors as `claimWith`. */
export async function claimInto(dir: string, timeoutMs?: number): Promise<EnrolledIdentity> {
  const { id, pin, url } = readDescription(dir);
  const claim = readClaim(dir);
  const result = await claimWith({
    identity: { id, pin, url, ...(claim === undefined ? {} : { claim }) },
    privateKey: createPrivateKey(readKey(dir)),
    keep: (claimed) => {
      if (claimed.state !== "pending") replaceCertificate(dir, claimed);
    },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  if (result.state === "pending") return result;
  describe(dir, result);
  rmSync(join(dir, "claim"), { force: true });
  return result;
}

async function resume(dir: string, options: Omit<EnrolOptions, "keep">): Promise<EnrolledIdentity | undefined> {
  if (!existsSync(join(dir, "identity.json"))) return undefined;
  const about = readDescription(dir);
  const same = about.id === options.name && about.url === options.url && about.pin === options.pin;
  if (about.state !== "claimed" || !same) return undefined;
  const { cert, ca, state, ...loaded } = loadIdentity(dir);
  try {
    const claimed: EnrolledIdentity = { ...loaded, state, chain: splitPem(cert).join(""), root: ca };
    const identity = await confirmWith(claimed, options.timeoutMs);
    describe(dir, identity);
    return identity;
  } catch (error) {
    if (!(error instanceof IdentityError) || error.code !== "ERR_ENROLMENT_CONFIRM") throw error;
    // The ten minutes are over: that certificate is revoked and will never open anything.
    removeIdentity(dir);
    return undefined;
  }
}
