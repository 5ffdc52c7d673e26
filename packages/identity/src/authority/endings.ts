import type { Warned } from "../registry/warn.ts";
import type { Authority } from "./authority.ts";
import type { RevocationLists } from "./lists.ts";

const CERTIFICATE_DAYS = [365, 180, 90, 30, 7, 1, 0] as const;
/** A list that somebody else has to sign needs notice; one that is signed here every day has failed for weeks by then. */
const LIST_DAYS = { root: [180, 90, 30, 7, 1, 0], between: [10, 3, 1, 0], issuing: [10, 3, 1, 0] } as const;

/** A warning that is not of one identity: the sentence for it as well. */
export interface AuthorityWarning extends Warned {
  readonly sentence: (days: number) => string;
}

/** When the certificates of the authorities and their lists end. */
export function authorityEndings(authority: Authority, lists: RevocationLists): readonly AuthorityWarning[] {
  const certificates = authority.hierarchies[0].chain.map((certificate, at, { length }): AuthorityWarning => {
    const what = at === 0 ? "issuing certificate" : at === length - 1 ? "root certificate" : "certificate between";
    const name = certificate.subject.replaceAll("\n", ", ");
    return ending(
      `authority:${certificate.fingerprint256}`,
      certificate.validToDate.getTime(),
      CERTIFICATE_DAYS,
      `the authority's ${what} (${name})`,
      "ask for a new one with `modwarden authority csr`",
    );
  });
  const kept = lists.status().flatMap(({ authority: name, role, own, nextUpdate }): readonly AuthorityWarning[] => {
    if (nextUpdate === null) return [];
    const act = own
      ? "the site signs it by itself while it runs: look why it does not"
      : "have a new one signed and give it to the site with `modwarden authority crl`";
    return [ending(`list:${name}`, Date.parse(nextUpdate), LIST_DAYS[role], `the revocation list of ${name}`, act)];
  });
  return [...certificates, ...kept];
}

function ending(
  subject: string,
  expires: number,
  days: readonly number[],
  what: string,
  act: string,
): AuthorityWarning {
  const sentence = (left: number): string =>
    left === 0
      ? `${what} has ended: whoever checks certificates by it refuses everybody until there is a new one; ${act}`
      : `${what} ends on ${new Date(expires).toISOString().slice(0, 10)}, in ${left} ${left === 1 ? "day" : "days"} or less; ${act}`;
  return {
    subject,
    expires,
    days,
    sentence,
    event: (left) => ({
      kind: "identity",
      event: "expires-soon",
      reason: subject.startsWith("list:") ? "revocation-list" : "authority-certificate",
      detail: { days: left, what },
    }),
  };
}
