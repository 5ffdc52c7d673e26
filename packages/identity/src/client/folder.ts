import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { syncFolder, writeNewFile } from "../authority/files.ts";
import { fingerprintOf, spkiPin } from "../certificate/fingerprint.ts";
import { splitPem } from "../certificate/pem.ts";
import { IdentityError } from "../errors.ts";
import { claimWith, type EnrolledIdentity, type EnrolOptions, enrolWith } from "./enrol.ts";

/** identity.json. Written last: a folder without it holds no identity. */
const description = z.strictObject({
  modwarden: z.literal(1),
  id: z.string(),
  role: z.string().nullable(),
  state: z.enum(["pending", "claimed", "active", "suspended"]),
  fingerprint: z.string().nullable(),
  expires: z.string().nullable(),
  pin: z.string(),
  url: z.string(),
});

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
  readonly pin: string;
  readonly url: string;
}

const FILES = ["identity.json", "key.pem", "cert.pem", "chain.pem", "claim"] as const;

/** Enrols into a folder: it is checked before the key is used, and filled before the certificate is confirmed. */
export async function enrolInto(dir: string, options: Omit<EnrolOptions, "keep">): Promise<EnrolledIdentity> {
  checkFree(dir);
  const identity = await enrolWith({ ...options, keep: (claimed) => saveIdentity(dir, claimed) });
  if (identity.state !== "pending") describe(dir, identity);
  return identity;
}

/** Asks whether the pending identity in `dir` was approved; if so, completes the folder. Errors as `claimWith`. */
export async function claimInto(dir: string, timeoutMs?: number): Promise<EnrolledIdentity> {
  const about = readDescription(dir);
  const key = read(dir, "key.pem");
  const { id, pin, url } = about;
  const claim = existsSync(join(dir, "claim")) ? { claim: read(dir, "claim").trim() } : {};
  const identity = { id, pin, url, ...claim };
  const keep = (claimed: EnrolledIdentity): void => {
    if (claimed.state !== "pending") replaceCertificate(dir, claimed);
  };
  const result = await claimWith(
    { identity, keep, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    createPrivateKey(key),
  );
  if (result.state === "pending") return result;
  describe(dir, result);
  rmSync(join(dir, "claim"), { force: true });
  return result;
}

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
  const about = readDescription(dir);
  const { id, role, state, pin, url, expires } = about;
  if (state === "pending") {
    throw new IdentityError("ERR_IDENTITY_STATE", `"${id}" in ${dir} waits for approval and has no certificate yet`);
  }
  const key = read(dir, "key.pem");
  const cert = read(dir, "cert.pem") + read(dir, "chain.pem");
  const pems = splitPem(cert);
  const ca = pems.at(-1) ?? "";
  try {
    const leaf = new X509Certificate(pems[0] ?? "");
    const fingerprint = fingerprintOf(leaf.raw);
    const whole =
      leaf.checkPrivateKey(createPrivateKey(key)) &&
      fingerprint === about.fingerprint &&
      spkiPin(new X509Certificate(ca).raw) === pin;
    if (!whole) throw new Error("key, certificate and root do not belong together");
    return { id, role, state, key, cert, ca, fingerprint, expires: expires ?? "", pin, url };
  } catch (cause) {
    throw damaged(dir, cause);
  }
}

function checkFree(dir: string): void {
  const taken = FILES.find((name) => existsSync(join(dir, name)));
  if (taken === undefined) return;
  throw new IdentityError("ERR_IDENTITY_EXISTS", `${join(dir, taken)} is there already: choose an empty folder`);
}

function replaceCertificate(dir: string, identity: EnrolledIdentity): void {
  const [leaf = "", ...rest] = splitPem(identity.chain ?? "");
  replaceFile(dir, "cert.pem", leaf);
  replaceFile(dir, "chain.pem", rest.join(""));
}

function describe(dir: string, identity: EnrolledIdentity): void {
  const { id, role, state, pin, url } = identity;
  const about: z.output<typeof description> = {
    modwarden: 1,
    id,
    role,
    state,
    fingerprint: identity.fingerprint ?? null,
    expires: identity.expires ?? null,
    pin,
    url,
  };
  replaceFile(dir, "identity.json", `${JSON.stringify(about, null, 2)}\n`);
  syncFolder(dir);
}

/** The old content or the new, never half of one. */
function replaceFile(dir: string, name: string, content: string): void {
  const unfinished = join(dir, `.${name}.new`);
  rmSync(unfinished, { force: true });
  writeNewFile(unfinished, content, 0o644);
  renameSync(unfinished, join(dir, name));
}

function readDescription(dir: string): z.output<typeof description> {
  if (!existsSync(join(dir, "identity.json"))) {
    throw new IdentityError("ERR_IDENTITY_MISSING", `${dir} holds no identity: there is no identity.json`);
  }
  try {
    return description.parse(JSON.parse(read(dir, "identity.json")));
  } catch (cause) {
    throw damaged(dir, cause);
  }
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
