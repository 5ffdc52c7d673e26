import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { closeDatabase, openDatabase } from "@modwarden/store";
import { openAuthority } from "./authority/authority.ts";
import { readIfThere, syncFolder, writeNewFile } from "./authority/files.ts";
import type { KeyAccess } from "./authority/hierarchy.ts";
import { RevocationLists } from "./authority/lists.ts";
import { authorityService } from "./authority/service.ts";
import { checkedSigner } from "./authority/signer.ts";
import { type Context, NO_SITE } from "./context.ts";
import { approve, deny, shownHolder } from "./enrolment/approve.ts";
import { fetchClaim } from "./enrolment/claim.ts";
import { confirm } from "./enrolment/confirm.ts";
import { confirmCarried } from "./enrolment/confirmation-text.ts";
import { enrol } from "./enrolment/enrol.ts";
import { awaitsConfirmation } from "./enrolment/presented.ts";
import { QuietTime } from "./enrolment/quiet-time.ts";
import { expireUnconfirmed } from "./enrolment/unconfirmed.ts";
import { expireWaiting } from "./enrolment/waiting.ts";
import { IdentityError } from "./errors.ts";
import { EventFeed } from "./event-feed.ts";
import { revokes } from "./events.ts";
import { openExternal } from "./external/authority.ts";
import { acceptFingerprint, recordFingerprint, showFingerprint } from "./fingerprint/record.ts";
import { Keyring } from "./keys/keyring.ts";
import { registrationKeys } from "./keys/service.ts";
import { explainRefusal, listRefusals } from "./refusals/find.ts";
import type { RandomSource } from "./registration-key.ts";
import { addIdentity } from "./registry/add.ts";
import { historyOf, showIdentity } from "./registry/history.ts";
import { findIdentity, listIdentities } from "./registry/identities.ts";
import { migrations } from "./registry/migrations/index.ts";
import { registerProxied } from "./registry/proxied.ts";
import { revokedBy } from "./registry/revoked.ts";
import type { Registry } from "./registry/schema.ts";
import { setRole } from "./registry/set-role.ts";
import { setTags } from "./registry/set-tags.ts";
import { SubjectsSnapshot } from "./registry/snapshot.ts";
import { stepIdentity } from "./registry/steps.ts";
import { resetRecoveries } from "./renewal/recoveries.ts";
import { renew } from "./renewal/renew.ts";
import { issueEndpointCertificate, issueServerCertificate } from "./server-certificate.ts";
import { RefusalThrottle, type ThrottleOptions } from "./throttle.ts";
import type { IdentityOptions, IdentityService } from "./types.ts";

const PEPPER_BYTES = 32;
const REFUSALS: ThrottleOptions = { burst: 20, perMinute: 12, sources: 4096 };

/**
 * Opens registry and certificate authority of a site, making both on first start. The caller holds the lock on the
 * data folder: there is never a second writer. Errors: ERR_AUTHORITY_DAMAGED, ERR_IDENTITY_DAMAGED, StoreError
 */
export async function openIdentity(options: IdentityOptions): Promise<IdentityService> {
  const random: RandomSource = options.random ?? randomBytes;
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const file = join(options.dir, "registry.sqlite");
  // The registry is made last. Where it stands, pepper and authority were there before: new ones in their place would
  // lock out everyone who ever enrolled, and every pin that was handed out would name another root.
  const firstStart = !existsSync(file);
  const pepper = openPepper(options.dir, firstStart, random);
  const folder = join(options.dir, "ca");
  const access = authorityAccess(options);
  const est = options.authority?.est;
  const external = est === undefined ? undefined : openExternal(est, options.now);
  const authority = await openAuthority(folder, { ...access, mayMake: firstStart, now: options.now(), random });
  const database = await openDatabase<Registry>({ file, migrations });
  const keyring = await Keyring.open(join(options.dir, "keys"), database);
  const snapshot = await SubjectsSnapshot.open(database);
  const onError = options.onError ?? (() => undefined);
  const lists = await RevocationLists.open({
    hierarchies: authority.hierarchies,
    folder,
    now: options.now,
    revoked: (issuing) => revokedBy(database, issuing, options.now().getTime()),
    onError,
  });
  const feed = await EventFeed.open({
    database,
    now: options.now,
    async refresh(ids) {
      const change = await snapshot.refresh(ids);
      await options.onChange?.(change);
    },
    deliver: async (events, left) => {
      if (events.some(revokes)) lists.refresh().catch(onError);
      await options.deliver?.(events, left);
    },
    onError,
  });
  const context: Context = {
    database,
    authority,
    external,
    lists,
    pepper,
    keyring,
    random,
    quiet: new QuietTime(),
    site: options.site ?? NO_SITE,
    throttle: new RefusalThrottle({ ...REFUSALS, ...options.refusals }),
    now: options.now,
    edge: (transaction, event) => feed.write(transaction, event),
    committed: () => feed.flush(),
    refusal: (event) => feed.refusal(event),
  };
  let closed: Promise<void> | undefined;
  return {
    pin: authority.pin,
    root: authority.root,
    chain: authority.chain,
    keys: registrationKeys(context),
    enrol: (request) => enrol(context, request),
    claim: (request) => fetchClaim(context, request),
    confirmCarried: (text) => confirmCarried(context, text),
    awaitsConfirmation: (fingerprint) => awaitsConfirmation(context, fingerprint),
    confirm: (fingerprint, source) => confirm(context, fingerprint, source),
    renew: (request) => renew(context, request, "renew"),
    recover: (request) => renew(context, request, "recover"),
    expireUnconfirmed: (now) => expireUnconfirmed(context, now ?? options.now()),
    refusals: {
      list: (query = {}) => listRefusals(context, query),
      why: (code) => explainRefusal(context, code),
    },
    expireWaiting: (now) => expireWaiting(context, now ?? options.now()),
    identities: {
      add: (identity) => addIdentity(context, identity),
      registerDevices: (devices) => registerProxied(context, devices),
      list: () => listIdentities(context),
      show: (id) => showIdentity(context, id),
      find: (id) => findIdentity(context, id),
      approve: (id, by) => approve(context, id, by),
      deny: (id, by) => deny(context, id, by),
      holder: (by) => shownHolder(context, by),
      history: (id, most) => historyOf(context, id, most),
      setRole: (id, role) => setRole(context, id, role),
      setTags: (id, change) => setTags(context, id, change),
      suspend: (id) => stepIdentity(context, id, "suspend"),
      resume: (id, { despiteClone = false } = {}) =>
        stepIdentity(context, id, despiteClone ? "resume-clone" : "resume"),
      revoke: (id) => stepIdentity(context, id, "revoke"),
      retire: (id) => stepIdentity(context, id, "retire"),
      resetRecoveries: (id, limit) => resetRecoveries(context, id, limit),
    },
    issueServerCertificate: (request) => issueServerCertificate(context, request),
    issueEndpointCertificate: (names) => issueEndpointCertificate(context, names),
    authority: authorityService(context, lists, { ...access, folder }),
    subjectsSnapshot: () => snapshot.records(),
    subject: (id) => snapshot.find(id),
    fingerprints: {
      record: (id, seen, bar) => recordFingerprint(context, id, seen, bar),
      accept: (id) => acceptFingerprint(context, id),
      show: (id) => showFingerprint(context, id),
    },
    events: {
      get undelivered() {
        return feed.undelivered;
      },
      deliver: () => feed.flush(),
    },
    close() {
      closed ??= feed
        .close()
        .then(() => lists.refresh())
        .finally(() => closeDatabase(database));
      return closed;
    },
  };
}

/** What signs is not believed before its signatures are. */
function authorityAccess({ authority = {}, site }: IdentityOptions): KeyAccess & { readonly site?: string } {
  const { passphrase, signer } = authority;
  return {
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(signer === undefined ? {} : { signer: checkedSigner(signer) }),
    ...(site === undefined ? {} : { site: site.site }),
  };
}

/** 32 bytes beside the registry, never in it: a stolen copy of the table alone proves nothing about any secret. */
function openPepper(dir: string, firstStart: boolean, random: RandomSource): Uint8Array {
  const file = join(dir, "registry.pepper");
  const kept = Buffer.from(readIfThere(file)?.trim() ?? "", "base64");
  if (kept.length === PEPPER_BYTES) return kept;
  if (!firstStart) {
    throw new IdentityError(
      "ERR_IDENTITY_DAMAGED",
      `${file} does not hold ${PEPPER_BYTES} bytes of base64: without it no registration key can be checked`,
    );
  }
  // What a first start left that was broken off, by a full disk perhaps: nothing was stored under it.
  rmSync(file, { force: true });
  const pepper = random(PEPPER_BYTES);
  writeNewFile(file, `${Buffer.from(pepper).toString("base64")}\n`, 0o600);
  syncFolder(dir);
  return pepper;
}
