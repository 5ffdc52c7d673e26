import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { syncFolder, writeNewFile } from "../authority/files.ts";
import { fingerprintOf, spkiPin } from "../certificate/fingerprint.ts";
import { splitPem } from "../certificate/pem.ts";
import { IdentityError } from "../errors.ts";
import { type Description, descriptionText, dueOf, parseDescription } from "./description.ts";
import type { EnrolledIdentity } from "./enrol.ts";

/** What a TLS connection needs, and whose it is. */
export interface LoadedIdentity {
  readonly id: string;
  readonly role: string | null;
  readonly state: EnrolledIdentity["state"];
  /** PEM. */
  readonly key: string;
  /** PEM: leaf, issuing, root; the root too, as MODBUS/TCP Security v36 R-46 wants. */
  readonly cert: string;
  /** The root (PEM): the one authority that peers are checked against. */
  readonly ca: string;
  readonly fingerprint: string;
  readonly expires: string;
  /** When it should be renewed. */
  readonly renewAfter: string;
  /** How many renewals have been confirmed. */
  readonly counter: number;
  readonly pin: string;
  readonly url: string;
}

/** In the order in which they are removed: without identity.json the rest is no identity. */
const FILES = ["identity.json", "key.pem", "cert.pem", "chain.pem", "root.pem", "bundle.json", "claim"] as const;
/** A renewed identity that is in force and stands on its way into the folder: `replaceFiles` of renewal-folder.ts. */
export const CONFIRMED = "confirmed";
/** The folder, what comes into it, the folder again: nobody who reads meets more than one renewal. */
const READ_TRIES = 3;

/** Writes key.pem (0600), cert.pem, chain.pem, identity.json into `dir` (0700). Error: ERR_IDENTITY_EXISTS */
export function saveIdentity(dir: string, identity: EnrolledIdentity): void {
  checkFree(dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (readdirSync(dir).length === 0) chmodSync(dir, 0o700);
  writeNewFile(join(dir, "key.pem"), identity.key, 0o600);
  if (identity.claim !== undefined) writeNewFile(join(dir, "claim"), `${identity.claim}\n`, 0o600);
  if (identity.chain !== undefined) replaceCertificate(dir, identity);
  describe(dir, identity);
}

/** Errors: ERR_IDENTITY_MISSING, ERR_IDENTITY_DAMAGED, ERR_IDENTITY_STATE while it waits for approval */
export function loadIdentity(dir: string): LoadedIdentity {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return loadFrom(inForce(dir));
    } catch (error) {
      // Another process may have been putting a renewed identity into the folder.
      if (attempt === READ_TRIES) throw error;
    }
  }
}

/** Where the identity in force stands whole, also in the middle of a renewal. */
export function inForce(dir: string): string {
  const confirmed = join(dir, CONFIRMED);
  return existsSync(confirmed) ? confirmed : dir;
}

export function loadFrom(dir: string): LoadedIdentity {
  const about = readDescription(dir);
  const { id, role, state, pin, url, expires, counter } = about;
  if (state === "pending") {
    throw new IdentityError("ERR_IDENTITY_STATE", `"${id}" in ${dir} waits for approval and has no certificate yet`);
  }
  const key = read(dir, "key.pem");
  const cert = read(dir, "cert.pem") + read(dir, "chain.pem");
  const pems = splitPem(cert);
  const ca = existsSync(join(dir, "root.pem")) ? read(dir, "root.pem") : (pems.at(-1) ?? "");
  try {
    const leaf = new X509Certificate(pems[0] ?? "");
    const fingerprint = fingerprintOf(leaf.raw);
    const whole =
      leaf.checkPrivateKey(createPrivateKey(key)) &&
      fingerprint === about.fingerprint &&
      spkiPin(new X509Certificate(ca).raw) === pin;
    if (!whole) throw new Error("key, certificate and root do not belong together");
    const renewAfter = about.renewAfter ?? dueOf(cert);
    return { id, role, state, key, cert, ca, fingerprint, expires: expires ?? "", renewAfter, counter, pin, url };
  } catch (cause) {
    throw damaged(dir, cause);
  }
}

export function checkFree(dir: string): void {
  const taken = FILES.find((name) => existsSync(join(dir, name)));
  if (taken === undefined) return;
  throw new IdentityError("ERR_IDENTITY_EXISTS", `${join(dir, taken)} is there already: choose an empty folder`);
}

export function replaceCertificate(dir: string, identity: EnrolledIdentity): void {
  const [leaf = "", ...rest] = splitPem(identity.chain ?? "");
  replaceFile(dir, "cert.pem", leaf);
  replaceFile(dir, "chain.pem", rest.join(""));
  // Where a company's authority issues, the site's own root stands in no chain, and vouches for the gateway all the same.
  if (rest.at(-1) === identity.root) rmSync(join(dir, "root.pem"), { force: true });
  else replaceFile(dir, "root.pem", identity.root);
  if (identity.bundle !== undefined) replaceFile(dir, "bundle.json", identity.bundle);
}

/** Written last: a folder without it holds no identity. */
export function describe(dir: string, identity: EnrolledIdentity): void {
  replaceFile(dir, "identity.json", descriptionText(identity));
  syncFolder(dir);
}

/** The old content or the new, never half of one. */
export function replaceFile(dir: string, name: string, content: string, mode = 0o644): void {
  const unfinished = join(dir, `.${name}.new`);
  rmSync(unfinished, { force: true });
  writeNewFile(unfinished, content, mode);
  renameSync(unfinished, join(dir, name));
}

export function readDescription(dir: string): Description {
  if (!existsSync(join(dir, "identity.json"))) {
    throw new IdentityError("ERR_IDENTITY_MISSING", `${dir} holds no identity: there is no identity.json`);
  }
  try {
    return parseDescription(read(dir, "identity.json"));
  } catch (cause) {
    throw damaged(dir, cause);
  }
}

/** What an enrolment left that never became active. */
export function removeIdentity(dir: string): void {
  for (const name of FILES) rmSync(join(dir, name), { force: true });
}

/** The secret that fetches the certificate of a pending identity. */
export function readClaim(dir: string): string | undefined {
  return existsSync(join(dir, "claim")) ? read(dir, "claim").trim() : undefined;
}

export function readKey(dir: string): string {
  return read(dir, "key.pem");
}

function read(dir: string, name: string): string {
  try {
    return readFileSync(join(dir, name), "utf8");
  } catch (cause) {
    throw damaged(dir, cause);
  }
}

function damaged(dir: string, cause: unknown): IdentityError {
  if (cause instanceof IdentityError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new IdentityError("ERR_IDENTITY_DAMAGED", `the identity in ${dir} cannot be used: ${why}`, { cause });
}
