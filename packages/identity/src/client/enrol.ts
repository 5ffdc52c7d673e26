import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { isChain, verifies } from "../authority/chain.ts";
import { keyPem, newKey } from "../authority/key-file.ts";
import { fingerprintOf } from "../certificate/fingerprint.ts";
import { derOfPem, splitPem } from "../certificate/pem.ts";
import { confirmationAnswer, type EnrolBody, enrolmentAnswer } from "../endpoint/wire.ts";
import { IdentityError } from "../errors.ts";
import { canonicalKey } from "../keys/canonical.ts";
import { isIdentityId } from "../names.ts";
import type { ClaimedEnrolment, DeviceDescription, Enrolment } from "../types.ts";
import { createRequest, requestAnew } from "./csr.ts";
import { type Connection, post } from "./post.ts";
import { checkPin, parseEndpoint, pinnedRoot } from "./server-check.ts";

export interface EnrolOptions {
  /** `https://host:port` of the enrolment endpoint. */
  readonly url: string;
  /** The registration key, in any of its forms; "" where the site knows `keyPair` already. */
  readonly key: string;
  /** `sha256/<base64>`, as it came with the key. Without it nothing is sent. */
  readonly pin: string | undefined;
  /** The id to register. */
  readonly name: string;
  readonly role?: string;
  readonly serial?: string;
  /** What the device is and says of itself. */
  readonly device?: DeviceDescription;
  /** The device's own private key (PEM), whose public half was imported at the site; without it a new one is made. */
  readonly keyPair?: string;
  /** Who enrols on the device's behalf: their key and chain (PEM). */
  readonly installer?: { readonly key: string; readonly chain: string };
  /** Per exchange. Default 10 s. */
  readonly timeoutMs?: number;
  /** Called with the identity before it is confirmed: what cannot be kept must not become active. */
  readonly keep?: (identity: EnrolledIdentity) => Promise<void> | void;
}

/** An identity as its holder keeps it. */
export interface EnrolledIdentity {
  readonly id: string;
  readonly role: string | null;
  readonly state: "pending" | "claimed" | "active" | "suspended";
  /** PEM, PKCS #8; generated here and never sent anywhere. */
  readonly key: string;
  /** PEM: leaf, issuing, root. Missing while approval is awaited. */
  readonly chain?: string;
  readonly fingerprint?: string;
  readonly expires?: string;
  /** What is missing while it is pending; a person's approval where nothing is said. */
  readonly waitsFor?: "authority";
  /** Fetches the certificate once a person has approved. A secret. */
  readonly claim?: string;
  /** The root (PEM). */
  readonly root: string;
  readonly pin: string;
  readonly url: string;
  /** How many renewals have been confirmed; none unless it says so. */
  readonly counter?: number;
  /** The signed bundle that the certificate came in. */
  readonly bundle?: string;
  /** When the certificate should be renewed; what the certificate itself says where this does not. */
  readonly renewAfter?: string;
}

const TIMEOUT_MS = 10_000;

/**
 * Generates a key pair, registers it under `name` and confirms the certificate. The key's text and the pin are checked
 * before anything is sent, the server by the pin before anything secret is. Errors: ERR_KEY_MALFORMED,
 * ERR_ENROLMENT_PIN, _SERVER, _UNREACHABLE, _REFUSED (with correlation), _THROTTLED, _ROLE, _TAKEN, _REQUEST, _ANSWER
 */
export async function enrolWith(options: EnrolOptions): Promise<EnrolledIdentity> {
  const key = options.key === "" && options.keyPair !== undefined ? "" : canonicalKey(options.key);
  const pin = options.pin;
  checkPin(pin);
  if (!isIdentityId(options.name)) {
    throw new IdentityError("ERR_ENROLMENT_REQUEST", 'a name is 1 to 64 letters, digits, ".", "_" and "-"');
  }
  const connection = await connectTo(options.url, pin, options.timeoutMs);
  const privateKey = options.keyPair === undefined ? newKey() : privateKeyIn(options.keyPair);
  const csr = await createRequest(privateKey, options.name);
  const body = requestBody({ ...options, key, csr }, new Date());
  const asked = options.installer === undefined ? connection : { ...connection, identity: options.installer };
  const answer = await post(asked, "/v1/enrol", body, enrolmentAnswer).catch(async (error: unknown) => {
    const again = { ...body, csr: await requestAnew(privateKey, options.name, error) };
    return await post(asked, "/v1/enrol", again, enrolmentAnswer);
  });
  return await finish(connection, answer, { privateKey, pin, url: options.url, keep: options.keep });
}

/** What is asked, in the same form over the network and across an air gap. */
export function requestBody(
  options: Pick<EnrolOptions, "key" | "name" | "role" | "serial" | "device"> & { readonly csr: string },
  now: Date,
): EnrolBody {
  const { key, csr, name, role, serial, device } = options;
  return {
    key,
    csr,
    name,
    ...(role === undefined ? {} : { role }),
    ...(serial === undefined ? {} : { serial }),
    ...(device === undefined ? {} : { device }),
    deviceTime: now.toISOString(),
  };
}

export interface ClaimOptions {
  /** Of what `enrolWith` returned in the state pending. */
  readonly identity: Pick<EnrolledIdentity, "id" | "claim" | "pin" | "url">;
  /** The one that was generated for it. */
  readonly privateKey: KeyObject;
  readonly timeoutMs?: number;
  readonly keep?: (identity: EnrolledIdentity) => Promise<void> | void;
}

/** Asks whether a pending identity was approved; if so, fetches its certificate and confirms it. Errors as `enrolWith`. */
export async function claimWith(options: ClaimOptions): Promise<EnrolledIdentity> {
  const { id, claim, pin, url } = options.identity;
  if (claim === undefined) throw new IdentityError("ERR_IDENTITY_STATE", `"${id}" does not wait for an approval`);
  const connection = await connectTo(url, pin, options.timeoutMs);
  const answer = await post(connection, "/v1/claim", { id, claim }, enrolmentAnswer);
  return await finish(connection, answer, { privateKey: options.privateKey, pin, url, keep: options.keep });
}

/** Confirms an identity whose certificate is here already. Error: ERR_ENROLMENT_CONFIRM when it is too late */
export async function confirmWith(claimed: EnrolledIdentity, timeoutMs?: number): Promise<EnrolledIdentity> {
  return await confirm(await connectTo(claimed.url, claimed.pin, timeoutMs), claimed);
}

async function confirm(connection: Connection, claimed: EnrolledIdentity): Promise<EnrolledIdentity> {
  const { key, chain = "" } = claimed;
  const confirmed = await post({ ...connection, identity: { key, chain } }, "/v1/confirm", {}, confirmationAnswer);
  return { ...claimed, state: confirmed.state };
}

/** Error: ERR_IDENTITY_INVALID (never quotes the text) */
function privateKeyIn(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new IdentityError("ERR_IDENTITY_INVALID", "the device's own key is no private key (PEM)", { cause });
  }
}

/** A connection to the endpoint that the pin names. Errors: ERR_ENROLMENT_PIN, _REQUEST, _SERVER, _UNREACHABLE */
export async function connectTo(
  url: string,
  pin: string | undefined,
  timeoutMs: number = TIMEOUT_MS,
): Promise<Connection> {
  checkPin(pin);
  const endpoint = parseEndpoint(url);
  return { endpoint, timeoutMs, root: await pinnedRoot(endpoint, pin, timeoutMs) };
}

async function finish(
  connection: Connection,
  answer: Enrolment,
  own: {
    readonly privateKey: KeyObject;
    readonly pin: string;
    readonly url: string;
    readonly keep: EnrolOptions["keep"];
  },
): Promise<EnrolledIdentity> {
  const key = keyPem(own.privateKey);
  const { id, role } = answer;
  const common = { id, role, key, root: connection.root, pin: own.pin, url: own.url };
  if (answer.state === "pending") {
    const waitsFor = answer.waitsFor === undefined ? {} : { waitsFor: answer.waitsFor };
    const pending: EnrolledIdentity = { ...common, state: "pending", ...waitsFor, claim: answer.claim };
    await own.keep?.(pending);
    return pending;
  }
  checkChain(answer, own.privateKey, connection.root);
  const { chain, fingerprint, expires, bundle } = answer;
  const claimed: EnrolledIdentity = { ...common, state: "claimed", chain, fingerprint, expires, bundle };
  await own.keep?.(claimed);
  return await confirm(connection, claimed);
}

/**
 * The certificate has to be for the key made here, and to lead to the root that the pin names, or to one that whoever
 * has that root names beside it: a company's authority may issue here.
 */
export function checkChain(
  answer: Pick<ClaimedEnrolment, "chain" | "fingerprint" | "anchors">,
  key: KeyObject,
  root: string,
): void {
  const [leaf, ...above] = splitPem(answer.chain).map((pem) => new X509Certificate(pem));
  const [issuing] = above;
  const top = above.at(-1);
  const holds =
    leaf !== undefined &&
    issuing !== undefined &&
    top !== undefined &&
    leaf.checkPrivateKey(key) &&
    fingerprintOf(leaf.raw) === answer.fingerprint &&
    leaf.checkIssued(issuing) &&
    verifies(leaf, issuing) &&
    isChain(above) &&
    [root, ...answer.anchors].some((anchor) => top.raw.equals(derOfPem(anchor)));
  if (!holds) {
    throw new IdentityError("ERR_ENROLMENT_ANSWER", "the certificate that came back is not for this key and root");
  }
}
