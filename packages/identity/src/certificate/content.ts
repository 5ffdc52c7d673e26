import { der, ROLE_OID } from "@modwarden/modbus";
import { commonNameIn } from "./common-name.ts";
import { objectIdentifier } from "./encode.ts";
import { type LeafContent, leafExtensions } from "./issue.ts";

/** By the OID's whole encoding in hex: content of the OCTET STRING. */
export type Extensions = ReadonlyMap<string, Uint8Array>;

const PURPOSE = hexOf("2.5.29.37");
const NAMES = hexOf("2.5.29.17");
const ROLE = hexOf(ROLE_OID);

/** Extensions, each whole, by their OID. Throws `der.DerError` on what is none, and on one that stands there twice. */
export function extensionsBy(encoded: readonly Uint8Array[]): Extensions {
  const found = new Map<string, Uint8Array>();
  for (const one of encoded) {
    const parts = der.childrenOf(der.whole(one, der.TAG.sequence));
    const oid = Buffer.from(der.encodingOf(der.expectTag(parts[0], der.TAG.objectIdentifier))).toString("hex");
    if (found.has(oid)) throw new der.DerError("an extension stands there twice");
    found.set(oid, der.contentOf(der.expectTag(parts.at(-1), der.TAG.octetString)));
  }
  return found;
}

/**
 * How a subject and extensions differ from what the registry says of a leaf; undefined where they do not. Names may
 * stand in any order, and none may be missing or more. `purpose`: whether the extended key usage has to be there.
 * Throws `der.DerError`
 */
export function contentProblem(
  { subject, extensions }: { readonly subject: Uint8Array; readonly extensions: Extensions },
  wanted: LeafContent,
  purpose: "needed" | "optional",
): string | undefined {
  const right = extensionsBy(leafExtensions(wanted));
  if (commonNameIn(subject) !== wanted.id) return `its common name is not "${wanted.id}"`;
  if (!sameNames(extensions.get(NAMES), right.get(NAMES))) return "its subjectAltName is another one";
  if (!same(extensions.get(ROLE), right.get(ROLE))) {
    return wanted.role === null ? "it has a role" : `its role is not exactly "${wanted.role}"`;
  }
  const shown = extensions.get(PURPOSE);
  if (shown === undefined && purpose === "optional") return undefined;
  return same(shown, right.get(PURPOSE)) ? undefined : "its extended key usage is another one";
}

function same(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  return left === undefined || right === undefined ? left === right : der.sameBytes(left, right);
}

function sameNames(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  return namesIn(left).join() === namesIn(right).join();
}

/** GeneralNames, in hex and in order of that. RFC 5280 § 4.2.1.6 */
function namesIn(content: Uint8Array): readonly string[] {
  const names = der.childrenOf(der.whole(content, der.TAG.sequence));
  return names.map((name) => Buffer.from(der.encodingOf(name)).toString("hex")).toSorted();
}

function hexOf(oid: string): string {
  return Buffer.from(objectIdentifier(oid)).toString("hex");
}
