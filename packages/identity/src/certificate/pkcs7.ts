import { der } from "@modwarden/modbus";
import { context, objectIdentifier, sequence, setOf, smallInteger } from "./encode.ts";

const SIGNED_DATA = objectIdentifier("1.2.840.113549.1.7.2");
const DATA = objectIdentifier("1.2.840.113549.1.7.1");

/**
 * Certificates (DER, in the order given) as a "certs-only" PKCS #7: a SignedData that nobody signed, as EST answers.
 * RFC 5652 § 5.1, RFC 7030 § 4.1.3
 */
export function certsOnly(certificates: readonly Uint8Array[]): Uint8Array {
  const signedData = sequence(smallInteger(1), setOf(), sequence(DATA), context(0, ...certificates), setOf());
  return sequence(SIGNED_DATA, context(0, signedData));
}

/** What an authority sends is a chain; more is not one. */
const MAX_CERTIFICATES = 16;
const MAX_BYTES = 64 * 1024;
const MAX_DEPTH = 12;

/**
 * The certificates (DER) inside a PKCS #7 SignedData, in their order; signatures in it are not looked at, so trust must
 * come from elsewhere. Lengths may be indefinite: CMS is BER, and authorities written in Java send it so.
 * Throws `der.DerError`
 */
export function certificatesOf(pkcs7: Uint8Array): readonly Uint8Array[] {
  if (pkcs7.length > MAX_BYTES) throw new der.DerError("too large");
  const info = nodeAt(pkcs7, 0, pkcs7.length, 0);
  if (info.end !== pkcs7.length) throw new der.DerError("bytes after the end");
  const [type, holder] = children(pkcs7, expect(info, 0x30));
  if (type === undefined || !der.sameBytes(pkcs7.subarray(type.start, type.end), SIGNED_DATA)) {
    throw new der.DerError("no PKCS #7 of signed data");
  }
  const [signedData] = children(pkcs7, expect(holder, 0xa0));
  const [, , , certificates] = children(pkcs7, expect(signedData, 0x30));
  // The field is optional: what comes there without it are revocation lists ([1]) or signers.
  if (certificates?.tag !== 0xa0) throw new der.DerError("there are no certificates in it");
  const found = children(pkcs7, certificates).map((node) => {
    const { start, end } = expect(node, 0x30);
    return Uint8Array.from(pkcs7.subarray(start, end));
  });
  if (found.length === 0 || found.length > MAX_CERTIFICATES)
    throw new der.DerError("no, or too many, certificates in it");
  return found;
}

interface Node {
  readonly tag: number;
  readonly start: number;
  readonly from: number;
  /** Behind the content; `end` is behind the two zero bytes as well that close an indefinite length. */
  readonly to: number;
  readonly end: number;
}

function nodeAt(bytes: Uint8Array, start: number, limit: number, depth: number): Node {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined || start + 2 > limit) throw new der.DerError("the bytes end too early");
  if ((tag & 0x1f) === 0x1f || depth > MAX_DEPTH) throw new der.DerError("a tag of several bytes, or too deep");
  if (first === 0x80) {
    if ((tag & 0x20) === 0) throw new der.DerError("an indefinite length of a value");
    let at = start + 2;
    while (!(bytes[at] === 0 && bytes[at + 1] === 0 && at + 2 <= limit)) at = nodeAt(bytes, at, limit, depth + 1).end;
    return { tag, start, from: start + 2, to: at, end: at + 2 };
  }
  let from = start + 2;
  let length = first;
  if (first > 0x80) {
    const count = first & 0x7f;
    if (count > 3) throw new der.DerError("an impossible length");
    length = 0;
    for (const byte of bytes.subarray(from, from + count)) length = length * 256 + byte;
    from += count;
  }
  const end = from + length;
  if (end > limit) throw new der.DerError("an element longer than what holds it");
  return { tag, start, from, to: end, end };
}

function children(bytes: Uint8Array, parent: Node): readonly Node[] {
  const found: Node[] = [];
  for (let at = parent.from; at < parent.to; at = found.at(-1)?.end ?? parent.to) {
    found.push(nodeAt(bytes, at, parent.to, 0));
    if (found.length > 2 * MAX_CERTIFICATES) throw new der.DerError("too many elements");
  }
  return found;
}

function expect(node: Node | undefined, tag: number): Node {
  if (node?.tag !== tag) throw new der.DerError(`no element of tag ${tag} where one belongs`);
  return node;
}
