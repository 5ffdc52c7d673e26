import type { Pem } from "./chain.ts";

const LIST = /-----BEGIN (?:X509 )?CRL-----([A-Za-z0-9+/=\s]+)-----END (?:X509 )?CRL-----/g;

/**
 * Revocation lists in the form that Node takes: each one for itself, because of several in one text it reads the first
 * only, and under the label X509 CRL. A Buffer may be DER. What is no list is left as it is, for TLS to refuse.
 */
export function revocationLists(crl: Pem): (string | Buffer)[] {
  return (typeof crl === "string" || Buffer.isBuffer(crl) ? [crl] : crl).flatMap((one) => {
    if (Buffer.isBuffer(one) && one[0] === 0x30) return [labelled(one.toString("base64"))];
    const lists = [...one.toString().matchAll(LIST)].map(([, base64 = ""]) => labelled(base64.replaceAll(/\s/g, "")));
    return lists.length === 0 ? [one] : lists;
  });
}

function labelled(base64: string): string {
  return `-----BEGIN X509 CRL-----\n${base64.match(/.{1,64}/g)?.join("\n") ?? ""}\n-----END X509 CRL-----\n`;
}
