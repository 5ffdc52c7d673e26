import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { syncFolder, writeNewFile } from "../authority/files.ts";
import { keyPem, newKey } from "../authority/key-file.ts";
import { answerIn, readBundle } from "../bundle/payload.ts";
import { spkiPin } from "../certificate/fingerprint.ts";
import { enrolmentAnswer } from "../endpoint/wire.ts";
import { confirmationText } from "../enrolment/confirmation-text.ts";
import { IdentityError } from "../errors.ts";
import { canonicalKey } from "../keys/canonical.ts";
import { isIdentityId } from "../names.ts";
import { createRequest } from "./csr.ts";
import { checkChain, type EnrolledIdentity, type EnrolOptions, requestBody } from "./enrol.ts";
import { checkFree, describe, readKey, replaceCertificate } from "./folder.ts";
import { checkPin } from "./server-check.ts";

/** What a folder waits for: no secret beside its key.pem. */
const WAITING = "waiting.json";
const waiting = z.strictObject({ modwarden: z.literal(1), name: z.string(), pin: z.string() });

/**
 * The device's side of the gap, first half: a key pair in `dir` (key.pem, 0600) and the request as text, the same JSON
 * that goes to POST /v1/enrol. It holds the registration key, and is kept like it. Errors: ERR_IDENTITY_EXISTS,
 * ERR_KEY_MALFORMED, ERR_ENROLMENT_PIN, ERR_ENROLMENT_REQUEST
 */
export async function requestInto(
  dir: string,
  options: Pick<EnrolOptions, "key" | "pin" | "name" | "role" | "serial" | "device">,
): Promise<string> {
  const key = canonicalKey(options.key);
  checkPin(options.pin);
  if (!isIdentityId(options.name)) {
    throw new IdentityError("ERR_ENROLMENT_REQUEST", 'a name is 1 to 64 letters, digits, ".", "_" and "-"');
  }
  checkFree(dir);
  const privateKey = newKey();
  const csr = await createRequest(privateKey, options.name);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (readdirSync(dir).length === 0) chmodSync(dir, 0o700);
  writeNewFile(join(dir, "key.pem"), keyPem(privateKey), 0o600);
  rmSync(join(dir, WAITING), { force: true });
  const about = { modwarden: 1, name: options.name, pin: options.pin };
  writeNewFile(join(dir, WAITING), `${JSON.stringify(about)}\n`, 0o644);
  syncFolder(dir);
  return `${JSON.stringify(requestBody({ ...options, key, csr }, new Date()))}\n`;
}

export interface Accepted {
  readonly identity: EnrolledIdentity;
  /** Goes back to the site: who has made it holds the certificate and its key. */
  readonly confirmation: string;
  /** Until when the site takes it, ISO 8601. */
  readonly confirmBy: string;
}

/**
 * The second half: the bundle is checked against the pin and the key in `dir`, and completes the folder. `pin` is needed
 * where the key pair was made elsewhere. Errors: ERR_IDENTITY_MISSING, ERR_ENROLMENT_PIN, ERR_BUNDLE_INVALID,
 * ERR_ENROLMENT_CLOCK, ERR_ENROLMENT_ANSWER, ERR_IDENTITY_EXISTS
 */
export function acceptInto(dir: string, text: string, options: { readonly pin?: string } = {}): Accepted {
  if (!existsSync(join(dir, "key.pem"))) {
    throw new IdentityError("ERR_IDENTITY_MISSING", `${dir} holds no key.pem: make the request there first`);
  }
  if (existsSync(join(dir, "identity.json"))) {
    throw new IdentityError("ERR_IDENTITY_EXISTS", `${dir} holds an identity already`);
  }
  const pin = options.pin ?? waitingIn(dir);
  checkPin(pin);
  const bundle = readBundle(text.trim(), { pin }, Date.now());
  const answer = enrolmentAnswer.parse(answerIn(text.trim(), bundle));
  const root = bundle.anchors.find((anchor) => spkiPin(new X509Certificate(anchor).raw) === pin) ?? "";
  const privateKey = createPrivateKey(readKey(dir));
  if (answer.state !== "claimed") throw new IdentityError("ERR_ENROLMENT_ANSWER", "the bundle holds no certificate");
  checkChain(answer, privateKey, root);
  const { id, role, chain, fingerprint, expires, confirmBy } = answer;
  const identity: EnrolledIdentity = {
    ...{ id, role, state: "claimed", key: keyPem(privateKey), chain, fingerprint, expires, root, pin },
    ...{ url: bundle.renewal.url ?? "", bundle: text.trim() },
  };
  replaceCertificate(dir, identity);
  describe(dir, identity);
  rmSync(join(dir, WAITING), { force: true });
  return { identity, confirmation: confirmationText({ id, fingerprint }, privateKey), confirmBy };
}

function waitingIn(dir: string): string | undefined {
  const file = join(dir, WAITING);
  return existsSync(file) ? waiting.parse(JSON.parse(readFileSync(file, "utf8"))).pin : undefined;
}
