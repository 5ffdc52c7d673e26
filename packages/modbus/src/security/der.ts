/**
 * A strict, bounded walk over DER: definite, minimal lengths; tags of one byte; nothing copied. Enough for the
 * fields of certificates and signing requests, and quick enough for every connection.
 */
export interface Element {
  readonly bytes: Uint8Array;
  readonly tag: number;
  /** Offset of the tag. */
  readonly start: number;
  /** Offset of the first content byte. */
  readonly from: number;
  /** Offset behind the last content byte. */
  readonly end: number;
}

export class DerError extends Error {
  override readonly name: string = "DerError";
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  version: 0xa0,
  extensions: 0xa3,
} as const;

/** Nothing that is read here has reason to be larger. */
const MAX_BYTES = 64 * 1024;
const MAX_CHILDREN = 128;

/** The element at `at`, which must end at or before `limit`. */
export function elementAt(bytes: Uint8Array, at: number, limit: number): Element {
  const tag = byteAt(bytes, at, limit);
  if ((tag & 0x1f) === 0x1f) throw new DerError("a tag of several bytes");
  const first = byteAt(bytes, at + 1, limit);
  let from = at + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 3) throw new DerError("an indefinite or impossible length");
    length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + byteAt(bytes, from + index, limit);
    from += count;
    if (length < 0x80 || (count > 1 && length < 256 ** (count - 1))) throw new DerError("a length that is not minimal");
  }
  if (from + length > limit) throw new DerError("an element longer than what holds it");
  return { bytes, tag, start: at, from, end: from + length };
}

/** The one element that fills `bytes` exactly. */
export function whole(bytes: Uint8Array, tag: number): Element {
  if (bytes.length > MAX_BYTES) throw new DerError("too large");
  const element = elementAt(bytes, 0, bytes.length);
  if (element.end !== bytes.length) throw new DerError("bytes after the end");
  return expectTag(element, tag);
}

/** The elements inside `parent`, which they fill exactly. */
export function childrenOf(parent: Element): readonly Element[] {
  const children: Element[] = [];
  let at = parent.from;
  while (at < parent.end) {
    if (children.length === MAX_CHILDREN) throw new DerError("too many elements");
    const child = elementAt(parent.bytes, at, parent.end);
    children.push(child);
    at = child.end;
  }
  return children;
}

export function expectTag(element: Element | undefined, tag: number): Element {
  if (element === undefined) throw new DerError("an element is missing");
  if (element.tag !== tag) throw new DerError(`tag ${element.tag} where ${tag} belongs`);
  return element;
}

/** Tag, length and content. */
export function encodingOf(element: Element): Uint8Array {
  return element.bytes.subarray(element.start, element.end);
}

export function contentOf(element: Element): Uint8Array {
  return element.bytes.subarray(element.from, element.end);
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false;
  return true;
}

function byteAt(bytes: Uint8Array, at: number, limit: number): number {
  const value = at < limit ? bytes[at] : undefined;
  if (value === undefined) throw new DerError("the bytes end in the middle of an element");
  return value;
}
