import { childrenOf, contentOf, DerError, type Element, elementAt, expectTag, sameBytes, TAG, whole } from "./der.ts";

/** The role extension. MODBUS/TCP Security v36 R-21 */
export const ROLE_OID = "1.3.6.1.4.1.50316.802.1";
/** The same as DER content bytes. */
const ROLE_OID_BYTES: Uint8Array = Uint8Array.of(0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0x89, 0x0c, 0x86, 0x22, 0x01);

export type RoleProblem =
  | "certificate-malformed"
  | "role-missing"
  | "role-several"
  | "role-not-utf8string"
  | "role-trailing-bytes"
  | "role-malformed"
  | RoleTextProblem;
export type RoleTextProblem = "role-empty" | "role-too-long" | "role-control-character" | "role-not-utf8";

export type RoleOf = { readonly role: string } | { readonly role: null; readonly reason: RoleProblem };

const MAX_CHARACTERS = 64;
const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The role in a certificate (the leaf as it came over the wire, DER). Anything but exactly one extension holding
 * exactly one well-formed UTF8String is the NULL role: never a guess, never an error. MODBUS/TCP Security v36
 *
 */
export function roleOf(certificate: Uint8Array): RoleOf {
  try {
    const values = roleExtensions(certificate);
    const value = values[0];
    if (value === undefined) return nobody("role-missing");
    if (values.length > 1) return nobody("role-several");
    return roleIn(value);
  } catch (error) {
    if (error instanceof DerError) return nobody("certificate-malformed");
    throw error;
  }
}

/** Why `role` cannot be one; undefined when it can. One rule for reading certificates and for issuing them. */
export function roleTextProblem(role: string): RoleTextProblem | undefined {
  if (role.length === 0) return "role-empty";
  if (!role.isWellFormed()) return "role-not-utf8";
  if ([...role].length > MAX_CHARACTERS) return "role-too-long";
  return /\p{Cc}/u.test(role) ? "role-control-character" : undefined;
}

/** The contents of the OCTET STRINGs of every role extension. RFC 5280 § 4.1 */
function roleExtensions(certificate: Uint8Array): readonly Uint8Array[] {
  const fields = childrenOf(expectTag(childrenOf(whole(certificate, TAG.sequence))[0], TAG.sequence));
  const holder = fields.find((field) => field.tag === TAG.extensions);
  if (holder === undefined) return [];
  const list = childrenOf(holder);
  if (list.length !== 1) throw new DerError("extensions are one sequence");
  const found: Uint8Array[] = [];
  for (const extension of childrenOf(expectTag(list[0], TAG.sequence))) {
    const parts = childrenOf(expectTag(extension, TAG.sequence));
    const oid = expectTag(parts[0], TAG.objectIdentifier);
    const value = expectTag(parts.at(-1), TAG.octetString);
    if (parts.length === 3) expectTag(parts[1], TAG.boolean);
    else if (parts.length !== 2) throw new DerError("an extension has two or three parts");
    if (sameBytes(contentOf(oid), ROLE_OID_BYTES)) found.push(contentOf(value));
  }
  return found;
}

function roleIn(value: Uint8Array): RoleOf {
  let element: Element;
  try {
    element = elementAt(value, 0, value.length);
  } catch (error) {
    if (error instanceof DerError) return nobody("role-malformed");
    throw error;
  }
  if (element.tag !== TAG.utf8String) return nobody("role-not-utf8string");
  if (element.end !== value.length) return nobody("role-trailing-bytes");
  // Four bytes are the most that a character takes: what is longer need not be decoded.
  if (element.end - element.from > MAX_CHARACTERS * 4) return nobody("role-too-long");
  const role = decode(contentOf(element));
  if (role === undefined) return nobody("role-not-utf8");
  const problem = roleTextProblem(role);
  return problem === undefined ? { role } : nobody(problem);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return text.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function nobody(reason: RoleProblem): RoleOf {
  return { role: null, reason };
}
