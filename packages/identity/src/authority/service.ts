import { join } from "node:path";
import { fingerprintOf, spkiPin } from "../certificate/fingerprint.ts";
import { certificatePem, derOfPem } from "../certificate/pem.ts";
import type { Context } from "../context.ts";
import { endingKeys } from "../keys/warnings.ts";
import { endingCertificates, warn } from "../registry/warn.ts";
import type { AuthorityCertificate, AuthorityService, AuthorityStatus } from "../types/authority.ts";
import { dueWarnings } from "../warnings.ts";
import { issuingOf, rootOf } from "./chain.ts";
import { authorityEndings } from "./endings.ts";
import { readIfThere } from "./files.ts";
import { folderOf, type KeyAccess, openHierarchy } from "./hierarchy.ts";
import { importedChain, replaceChain } from "./import.ts";
import { isEncrypted } from "./key-file.ts";
import { RevocationLists } from "./lists.ts";
import { isRequested, requestedKey, requestIssuing } from "./request.ts";

/** The authority's own life: its lists, its warnings, and how another one takes its place. */
export function authorityService(
  context: Context,
  lists: RevocationLists,
  options: KeyAccess & { readonly folder: string },
): AuthorityService {
  const { authority } = context;
  const { folder } = options;
  const companyRoots = context.external?.anchors ?? [];
  return {
    roots: [...authority.authorities, ...companyRoots],
    companyRoots,
    lists: () => lists.all(),
    // TLS wants a list of every authority or none, and a company's are not here: the registry alone says who is revoked.
    listsAgainstAuthorities: () => (context.external === undefined ? lists.againstAuthorities() : []),
    list: (of) => lists.of(of),
    onLists: (listener) => lists.onChange(listener),
    show: () => status(context, lists, folder),
    request: (name) => requestIssuing(folder, name, { ...options, random: context.random }),
    async import(text, given) {
      const now = context.now();
      const chain = importedChain(text, requestedKey(folder), now);
      replaceChain(folder, chain, {
        ...options,
        now,
        fill(next) {
          if (given !== undefined)
            RevocationLists.read({
              hierarchies: [openHierarchy(next, options)],
              folder: next,
              now: context.now,
            }).accept(given);
        },
      });
      return { pin: spkiPin(rootOf(chain).raw), formerPin: authority.pin };
    },
    acceptLists: (text) => lists.accept(text),
    async maintain() {
      await lists.refresh();
      const endings = authorityEndings(authority, lists);
      const due = await warn(context, [
        ...endings,
        ...(await endingCertificates(context)),
        ...(await endingKeys(context)),
      ]);
      return endings.flatMap((ending) => {
        const found = due.find(({ item }) => item === ending);
        return found === undefined ? [] : [ending.sentence(found.days)];
      });
    },
  };
}

function status(context: Context, lists: RevocationLists, folder: string): AuthorityStatus {
  const { authority } = context;
  const [present, ...former] = authority.hierarchies;
  const endings = authorityEndings(authority, lists);
  const kept = lists.status();
  const missing = kept
    .filter(({ state }) => state === "missing")
    .map(
      ({ authority: name }) =>
        `${name} has no revocation list, so nobody could see that it had revoked something (\`modwarden authority crl\`)`,
    );
  const home = folderOf(present.folder, certificatePem(issuingOf(present.chain).raw));
  const imported = home !== present.folder;
  return {
    pin: authority.pin,
    root: authority.root,
    certificates: present.chain.map((certificate, at, { length }): AuthorityCertificate => {
      const role = at === 0 ? "issuing" : at === length - 1 ? "root" : "between";
      return {
        subject: certificate.subject.replaceAll("\n", ", "),
        role,
        expires: certificate.validToDate.toISOString(),
        fingerprint: fingerprintOf(certificate.raw),
        key: keyPlace(home, role, (role === "issuing" ? present.issuer : present.root) !== undefined),
      };
    }),
    formerPins: former.map(({ chain }) => spkiPin(rootOf(chain).raw)).filter((pin) => pin !== authority.pin),
    lists: kept,
    external:
      context.external === undefined
        ? null
        : { url: context.external.url, pins: context.external.anchors.map((pem) => spkiPin(derOfPem(pem))) },
    warnings: [
      ...dueWarnings(endings, new Map(), context.now().getTime()).map(({ item, days }) => item.sentence(days)),
      ...missing,
      ...(imported
        ? ["another issuing certificate was imported: the site issues under it from its next start on"]
        : []),
    ],
    requested: isRequested(folder),
  };
}

function keyPlace(folder: string, role: AuthorityCertificate["role"], open: boolean): AuthorityCertificate["key"] {
  if (role === "between") return "elsewhere";
  const text = readIfThere(join(folder, `${role}.key`));
  if (text !== undefined) return isEncrypted(text) ? "encrypted file" : "file";
  return open ? "signer" : "elsewhere";
}
