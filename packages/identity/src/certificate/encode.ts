import { isIPv4 } from "node:net";

/** Writes DER: minimal definite lengths, one canonical form of every value. ITU-T X.690 § 10 */
export function tlv(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  return tlvOf(tag, contents);
}

/** The same for contents of any number. Throws `RangeError` beyond 16 MiB */
export function tlvOf(tag: number, contents: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const content of contents) length += content.length;
  const head = lengthBytes(length);
  const out = new Uint8Array(1 + head.length + length);
  out[0] = tag;
  out.set(head, 1);
  let at = 1 + head.length;
  for (const content of contents) {
    out.set(content, at);
    at += content.length;
  }
  return out;
}

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(0x30, ...parts);
}

export function setOf(...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(0x31, ...parts.toSorted((left, right) => Buffer.compare(left, right)));
}

/** `[number]`, explicit or holding constructed content. */
export function context(number: number, ...contents: readonly Uint8Array[]): Uint8Array {
  return tlv(0xa0 | number, ...contents);
}

/** `[number] IMPLICIT` of a primitive type. */
export function primitive(number: number, content: Uint8Array): Uint8Array {
  return tlv(0x80 | number, content);
}

/** An integer of any size that is not negative, from its big-endian bytes. */
export function integer(bytes: Uint8Array): Uint8Array {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const rest = bytes.subarray(from);
  if (rest.length === 0) return Uint8Array.of(0x02, 1, 0);
  return (rest[0] ?? 0) < 0x80 ? tlv(0x02, rest) : tlv(0x02, Uint8Array.of(0), rest);
}

export function smallInteger(value: number | bigint): Uint8Array {
  const hex = value.toString(16);
  return integer(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex"));
}

const identifiers = new Map<string, Uint8Array>();

/** `dotted`, one of those that the program names itself: each is encoded once. */
export function objectIdentifier(dotted: string): Uint8Array {
  let encoded = identifiers.get(dotted);
  if (encoded === undefined) {
    encoded = encodeIdentifier(dotted);
    identifiers.set(dotted, encoded);
  }
  return encoded;
}

/** At least two arcs. ITU-T X.690 § 8.19 */
function encodeIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift(128 + (left % 128));
    bytes.push(...digits);
  }
  return tlv(0x06, Uint8Array.from(bytes));
}

export function utf8String(text: string): Uint8Array {
  return tlv(0x0c, Buffer.from(text, "utf8"));
}

export function octetString(content: Uint8Array): Uint8Array {
  return tlv(0x04, content);
}

/** A string of whole bytes, or, with `unused`, of bits. */
export function bitString(content: Uint8Array, unused = 0): Uint8Array {
  return tlv(0x03, Uint8Array.of(unused), content);
}

export const TRUE: Uint8Array = Uint8Array.of(0x01, 1, 0xff);
export const NULL: Uint8Array = Uint8Array.of(0x05, 0);

/** Whole seconds; UTCTime before 2050, GeneralizedTime from then on. RFC 5280 § 4.1.2.5 */
export function time(date: Date): Uint8Array {
  const text = `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
  const year = date.getUTCFullYear();
  const short = year >= 1950 && year < 2050;
  return tlv(short ? 0x17 : 0x18, Buffer.from(short ? text.slice(2) : text, "latin1"));
}

/** The four or sixteen bytes of an address. Takes what `isIP` takes, without a zone. */
export function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split("."), Number);
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a, b, c, d] = parts.map(Number) as [number, number, number, number];
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = "", tail] = plain.split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const left = groups(head);
  const right = groups(tail ?? "");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const bytes = new Uint8Array(16);
  for (const [index, group] of [...left, ...Array<string>(zeros).fill("0"), ...right].entries()) {
    const value = Number.parseInt(group, 16);
    bytes[2 * index] = value >> 8;
    bytes[2 * index + 1] = value & 0xff;
  }
  return bytes;
}

function lengthBytes(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  if (length < 0x100) return Uint8Array.of(0x81, length);
  if (length < 0x10000) return Uint8Array.of(0x82, length >> 8, length & 0xff);
  if (length > 0xffffff) throw new RangeError("more than 16 MiB in one element");
  return Uint8Array.of(0x83, length >> 16, (length >> 8) & 0xff, length & 0xff);
}
