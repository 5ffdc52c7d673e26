import { join } from "node:path";
import { lockFile } from "@modwarden/store";
import { newKey } from "../authority/key-file.ts";
import { splitPem } from "../certificate/pem.ts";
import { confirmationAnswer, renewalAnswer } from "../endpoint/wire.ts";
import { IdentityError } from "../errors.ts";
import type { OfferedRenewal } from "../types.ts";
import { createRequest, requestAnew } from "./csr.ts";
import { checkChain, type EnrolledIdentity } from "./enrol.ts";
import { describe, type LoadedIdentity, loadIdentity } from "./folder.ts";
import { type Answer, exchange, readAnswer } from "./post.ts";
import { acceptNext, discardNext, keepNext, loadNext, nextKey, replaceFiles } from "./renewal-folder.ts";
import { parseEndpoint } from "./server-check.ts";

export interface RenewOptions {
  /**
   * `due`: when it is time by the certificate's own schedule, else nothing is asked. `now`: in the first half of its
   * life as well. `recover`: where it has ended; a server whose clock knows better renews it.
   */
  readonly when: "due" | "now" | "recover";
  readonly now?: () => Date;
  /** Per exchange. Default 10 s. */
  readonly timeoutMs?: number;
  /** Where the server is now, where it has moved. */
  readonly url?: string;
  /** One exchange with the server; over HTTPS, checked against the identity's own root, unless told otherwise. */
  readonly exchange?: RenewalExchange;
}

/** One POST of JSON, showing `identity`. */
export type RenewalExchange = (path: string, body: string, identity: LoadedIdentity) => Promise<Answer>;

export interface RenewalResult {
  /** What is in force now. */
  readonly identity: LoadedIdentity;
  /** `recovered`: its certificate had ended. `kept`: it was not time. */
  readonly outcome: "renewed" | "recovered" | "kept";
}

const TIMEOUT_MS = 10_000;

/**
 * Renews the identity in `dir`, with a new key. Every step is on disk before the next one: what was cut off, anywhere,
 * goes on with the next call, and the identity in force is whole at every moment. One process at a time. Errors:
 * ERR_IDENTITY_MISSING, -_DAMAGED, -_STATE, -_BUSY, ERR_RENEWAL_EARLY, and those of the endpoint and of `enrolWith`
 */
export async function renewInto(dir: string, options: RenewOptions): Promise<RenewalResult> {
  // Says what is wrong with the folder before anything is written into it.
  loadIdentity(dir);
  const lock = lockFile(join(dir, ".lock"));
  if (lock === undefined) throw new IdentityError("ERR_IDENTITY_BUSY", `another process renews the identity in ${dir}`);
  try {
    return await renew(dir, options);
  } finally {
    lock.release();
  }
}

async function renew(dir: string, options: RenewOptions): Promise<RenewalResult> {
  const now = options.now ?? ((): Date => new Date());
  const ask = asker(options);
  replaceFiles(dir);
  const before = await finished(dir, ask);
  const current = before ?? (await confirmed(dir, ask));
  const ended = Date.parse(current.expires) <= now().getTime();
  // What had been asked for before is here: that was this renewal.
  if (before !== undefined && !ended) return { identity: before, outcome: "renewed" };
  if (options.when === "due" && !ended && now().getTime() < Date.parse(current.renewAfter)) {
    return { identity: current, outcome: "kept" };
  }
  const key = nextKey(dir, newKey);
  const body = {
    csr: await createRequest(key, current.id),
    counter: current.counter,
    ...(options.when === "now" ? { force: true } : {}),
  };
  const way = ended || options.when === "recover" ? "recover" : "renew";
  const asked = offered(ask, current, body, way).catch(async (error: unknown) => {
    const csr = await requestAnew(key, current.id, error);
    return await offered(ask, current, { ...body, csr }, way);
  });
  const { offer, recovered } = await asked.catch((error: unknown) => {
    // A key that the server does not take is not asked with again.
    if (isCode(error, "ERR_ENROLMENT_CSR")) discardNext(dir);
    throw error;
  });
  checkChain(offer, key, current.ca);
  keepNext(dir, next({ ...current, url: options.url ?? current.url }, offer));
  const identity = await finished(dir, ask);
  if (identity === undefined) {
    throw new IdentityError("ERR_ENROLMENT_CONFIRM", "the renewed certificate was not confirmed in time: try again");
  }
  return { identity, outcome: recovered ? "recovered" : "renewed" };
}

type Ask = <Schema extends Parameters<typeof readAnswer>[2]>(
  path: string,
  body: object,
  identity: LoadedIdentity,
  schema: Schema,
) => Promise<ReturnType<typeof readAnswer<Schema>>>;

function asker(options: RenewOptions): Ask {
  const over = options.exchange ?? https(options);
  return async (path, body, identity, schema) =>
    readAnswer(path, await over(path, JSON.stringify(body), identity), schema, { root: identity.ca });
}

function https({ url, timeoutMs = TIMEOUT_MS }: RenewOptions): RenewalExchange {
  return (path, body, { key, cert, ca, url: enrolledAt }) => {
    const endpoint = parseEndpoint(url ?? enrolledAt);
    return exchange({ endpoint, timeoutMs, root: ca, identity: { key, chain: cert } }, path, body);
  };
}

/** A clock here that is behind takes a certificate for good that has ended; the server says so, and is asked again. */
async function offered(
  ask: Ask,
  current: LoadedIdentity,
  body: object,
  way: "renew" | "recover",
): Promise<{ readonly offer: OfferedRenewal; readonly recovered: boolean }> {
  if (way === "recover") {
    return { offer: await ask("/v1/recover", body, current, renewalAnswer), recovered: true };
  }
  try {
    return { offer: await ask("/v1/renew", body, current, renewalAnswer), recovered: false };
  } catch (error) {
    if (!isCode(error, "ERR_RENEWAL_ENDED")) throw error;
    return { offer: await ask("/v1/recover", body, current, renewalAnswer), recovered: true };
  }
}

/**
 * Confirms a renewed certificate that is here, and puts it in force; undefined where none is, or where the server says
 * that it never came into force, which leaves the one before. An answer that got lost is nothing but asked for again.
 */
async function finished(dir: string, ask: Ask): Promise<LoadedIdentity | undefined> {
  const waiting = loadNext(dir);
  if (waiting === undefined) return undefined;
  try {
    acceptNext(dir, { ...enrolled(waiting), state: await confirm(ask, waiting) });
    return loadIdentity(dir);
  } catch (error) {
    if (!isCode(error, "ERR_ENROLMENT_CONFIRM")) throw error;
    discardNext(dir);
    return undefined;
  }
}

/** The identity in force; one that enrolled and was cut off before its confirmation is confirmed first. */
async function confirmed(dir: string, ask: Ask): Promise<LoadedIdentity> {
  const current = loadIdentity(dir);
  if (current.state !== "claimed") return current;
  describe(dir, { ...enrolled(current), state: await confirm(ask, current) });
  return loadIdentity(dir);
}

/** Shows a certificate. One that had been confirmed, and has ended since, is in force all the same. */
async function confirm(ask: Ask, identity: LoadedIdentity): Promise<"active" | "suspended"> {
  try {
    return (await ask("/v1/confirm", {}, identity, confirmationAnswer)).state;
  } catch (error) {
    if (isCode(error, "ERR_RENEWAL_ENDED")) return "active";
    throw error;
  }
}

function next(current: LoadedIdentity, offer: OfferedRenewal): EnrolledIdentity {
  const { id, role, chain, fingerprint, expires, counter, renewal, bundle } = offer;
  const { ca, pin, url, key } = current;
  return {
    ...{ id, role, state: "claimed", key, chain, fingerprint, expires, root: ca, pin, url, counter, bundle },
    renewAfter: renewal.after,
  };
}

function enrolled({ cert, ca, ...rest }: LoadedIdentity): EnrolledIdentity {
  return { ...rest, chain: splitPem(cert).join(""), root: ca };
}

function isCode(error: unknown, code: IdentityError["code"]): boolean {
  return error instanceof IdentityError && error.code === code;
}
