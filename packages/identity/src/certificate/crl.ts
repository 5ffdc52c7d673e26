import { type KeyObject, verify } from "node:crypto";
import { der } from "@modwarden/modbus";
import { ALGORITHMS, algorithmsOf } from "./algorithm.ts";
import { context, integer, sequence, smallInteger, time, tlv, tlvOf } from "./encode.ts";
import { authorityKeyIdentifier, extension, type Issuer, signed } from "./write.ts";

/** Why a certificate is on the list. RFC 5280 § 5.3.1 */
export const CRL_REASON = { keyCompromise: 1, superseded: 4, cessationOfOperation: 5 } as const;

export interface RevokedCertificate {
  /** Hex. */
  readonly serialNumber: string;
  readonly at: Date;
  /** One of `CRL_REASON`; undefined says nothing about it. */
  readonly reason?: number;
}

/** The entries as one block, the same bytes for the same entries: `SEQUENCE OF`, in the order given. RFC 5280 § 5.1.2.6 */
export function writeEntries(revoked: readonly RevokedCertificate[]): Uint8Array {
  return tlvOf(
    0x30,
    revoked.map(({ serialNumber, at, reason }) =>
      sequence(
        integer(Buffer.from(serialNumber, "hex")),
        time(at),
        ...(reason === undefined ? [] : [sequence(extension("2.5.29.21", false, tlv(0x0a, Uint8Array.of(reason))))]),
      ),
    ),
  );
}

export interface ListContent {
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** Rises with every list of its issuer. */
  readonly number: bigint;
  /** Of `writeEntries`. */
  readonly entries: Uint8Array;
}

/** A certificate revocation list of version 2, signed by `issuer`. RFC 5280 § 5.1 */
export async function writeList(content: ListContent, issuer: Issuer): Promise<Uint8Array> {
  const { thisUpdate, nextUpdate, number, entries } = content;
  const body = sequence(
    smallInteger(1),
    ALGORITHMS[issuer.signer.algorithm].identifier,
    issuer.name,
    time(thisUpdate),
    time(nextUpdate),
    // An empty list has no entries at all.
    ...(entries.length > 2 ? [entries] : []),
    context(0, sequence(authorityKeyIdentifier(issuer), extension("2.5.29.20", false, smallInteger(number)))),
  );
  return await signed(body, issuer.signer);
}

export interface RevocationList extends ListContent {
  readonly issuer: Uint8Array;
  /** Whether this key signed it. */
  verify(key: KeyObject): boolean;
}

const NO_ENTRIES = writeEntries([]);
const MAX_BYTES = 16 * 1024 * 1024;

/** A list (DER) as it is, its signature not yet checked. RFC 5280 § 5.1. Throws `der.DerError` */
export function readList(list: Uint8Array): RevocationList {
  if (list.length > MAX_BYTES) throw new der.DerError("too large");
  const whole = der.expectTag(der.elementAt(list, 0, list.length), der.TAG.sequence);
  if (whole.end !== list.length) throw new der.DerError("bytes after the end");
  const [body, algorithm, signature] = der.childrenOf(whole);
  const info = der.expectTag(body, der.TAG.sequence);
  const children = der.childrenOf(info);
  // Version 1 has no version, no number: what `openssl ca -gencrl` makes unless it is told to do otherwise.
  const fields = children[0]?.tag === der.TAG.integer ? children.slice(1) : children;
  const last = fields.at(-1);
  const entries = fields[4]?.tag === der.TAG.sequence ? der.encodingOf(fields[4]) : NO_ENTRIES;
  const bits = der.contentOf(der.expectTag(signature, der.TAG.bitString));
  if (bits[0] !== 0) throw new der.DerError("a signature that is not of whole bytes");
  const used = der.encodingOf(der.expectTag(algorithm, der.TAG.sequence));
  return {
    issuer: der.encodingOf(der.expectTag(fields[1], der.TAG.sequence)),
    thisUpdate: readTime(fields[2]),
    nextUpdate: readTime(fields[3]),
    number: last?.tag === der.TAG.version ? numberIn(last) : 0n,
    entries,
    verify(key) {
      const name = algorithmsOf(key).find((one) => der.sameBytes(ALGORITHMS[one].identifier, used));
      return name !== undefined && verify(ALGORITHMS[name].hash, der.encodingOf(info), key, bits.subarray(1));
    },
  };
}

/** How many certificates `entries` lists. */
export function countEntries(entries: Uint8Array): number {
  const whole = der.elementAt(entries, 0, entries.length);
  let count = 0;
  for (let at = whole.from; at < whole.end; count += 1) at = der.elementAt(entries, at, whole.end).end;
  return count;
}

/** Whether `entries` lists the certificate with this serial number (hex). */
export function isListed(entries: Uint8Array, serialNumber: string): boolean {
  const whole = der.elementAt(entries, 0, entries.length);
  const wanted = BigInt(`0x${serialNumber}`);
  for (let at = whole.from; at < whole.end; ) {
    const entry = der.elementAt(entries, at, whole.end);
    const serial = der.expectTag(der.elementAt(entries, entry.from, entry.end), der.TAG.integer);
    if (BigInt(`0x${Buffer.from(der.contentOf(serial)).toString("hex")}`) === wanted) return true;
    at = entry.end;
  }
  return false;
}

/** UTCTime or GeneralizedTime in whole seconds, UTC. RFC 5280 § 4.1.2.5 */
function readTime(element: der.Element | undefined): Date {
  const text = element === undefined ? "" : Buffer.from(der.contentOf(element)).toString("latin1");
  const parts =
    element?.tag === 0x17
      ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
      : element?.tag === 0x18
        ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
        : null;
  if (parts === null) throw new der.DerError("no time of the form that lists have, or none at all");
  const [year = 0, month = 0, day, hour, minute, second] = parts.slice(1).map(Number);
  const full = element?.tag === 0x18 ? year : year < 50 ? 2000 + year : 1900 + year;
  return new Date(Date.UTC(full, month - 1, day, hour, minute, second));
}

const CRL_NUMBER = Uint8Array.of(0x06, 3, 0x55, 0x1d, 0x14);

function numberIn(extensions: der.Element): bigint {
  for (const one of der.childrenOf(der.expectTag(der.childrenOf(extensions)[0], der.TAG.sequence))) {
    const parts = der.childrenOf(der.expectTag(one, der.TAG.sequence));
    if (parts[0] === undefined || !der.sameBytes(der.encodingOf(parts[0]), CRL_NUMBER)) continue;
    const value = der.contentOf(der.whole(der.contentOf(der.expectTag(parts.at(-1), der.TAG.octetString)), 0x02));
    // RFC 5280 § 5.2.3: at most 20 bytes.
    if (value.length > 20) throw new der.DerError("a number that is too long");
    return BigInt(`0x${Buffer.from(value).toString("hex") || "0"}`);
  }
  return 0n;
}
