import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { syncFolder, writeNewFile } from "../authority/files.ts";
import { fingerprintOf, spkiPin } from "../certificate/fingerprint.ts";
import { splitPem } from "../certificate/pem.ts";
import { IdentityError } from "../errors.ts";
import type { EnrolledIdentity } from "./enrol.ts";

/** identity.json. Written last: a folder without it holds no identity. */
const description: z.ZodType<Description> = z.strictObject({
  modwarden: z.literal(1),
  id: z.string(),
  role: z.string().nullable(),
  state: z.enum(["pending", "claimed", "active", "suspended"]),
  fingerprint: z.string().nullable(),
  expires: z.string().nullable(),
  pin: z.string(),
  url: z.string(),
});

interface Description {
  readonly modwarden: 1;
  readonly id: string;
  readonly role: string | null;
  readonly state: EnrolledIdentity["state"];
  readonly fingerprint: string | null;
  readonly expires: string | null;
  readonly pin: string;
  readonly url: string;
}

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

/** In the order in which they are removed: without identity.json the rest is no identity. */
const FILES = ["identity.json", "key.pem", "cert.pem", "chain.pem", "claim"] as const;

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

export function checkFree(dir: string): void {
  const taken = FILES.find((name) => existsSync(join(dir, name)));
  if (taken === undefined) return;
  throw new IdentityError("ERR_IDENTITY_EXISTS", `${join(dir, taken)} is there already: choose an empty folder`);
}

export function replaceCertificate(dir: string, identity: EnrolledIdentity): void {
  const [leaf = "", ...rest] = splitPem(identity.chain ?? "");
  replaceFile(dir, "cert.pem", leaf);
  replaceFile(dir, "chain.pem", rest.join(""));
}

export function describe(dir: string, identity: EnrolledIdentity): void {
  const { id, role, state, pin, url } = identity;
  const about: Description = {
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

export function readDescription(dir: string): Description {
  if (!existsSync(join(dir, "identity.json"))) {
    throw new IdentityError("ERR_IDENTITY_MISSING", `${dir} holds no identity: there is no identity.json`);
  }
  try {
    return description.parse(JSON.parse(read(dir, "identity.json")));
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
