import { der } from "@modwarden/modbus";
import { derOfPem } from "./pem.ts";

/** 2.5.4.3, content bytes. */
const COMMON_NAME = Uint8Array.of(0x55, 0x04, 0x03);
const UTF8 = 0x0c;
const PRINTABLE = 0x13;
const IA5 = 0x16;
const SET = 0x31;

/**
 * The one common name in a signing request's subject: the id that a client without a user name asks to be registered
 * under. It is a proposal and judged as one. Undefined when there is none, or not exactly one. RFC 2986 § 4.1
 */
export function commonNameOf(csr: string): string | undefined {
  try {
    const request = der.childrenOf(der.whole(derOfPem(csr), der.TAG.sequence));
    const info = der.childrenOf(der.expectTag(request[0], der.TAG.sequence));
    return commonNameIn(der.encodingOf(der.expectTag(info[1], der.TAG.sequence)));
  } catch (error) {
    if (error instanceof der.DerError) return undefined;
    throw error;
  }
}

/** The same in a Name (DER). Throws `der.DerError` */
export function commonNameIn(name: Uint8Array): string | undefined {
  const names = der
    .childrenOf(der.whole(name, der.TAG.sequence))
    .flatMap((set) => der.childrenOf(der.expectTag(set, SET)))
    .map((pair) => der.childrenOf(der.expectTag(pair, der.TAG.sequence)))
    .filter(([type]) => type !== undefined && der.sameBytes(der.contentOf(type), COMMON_NAME));
  const [, value] = names[0] ?? [];
  if (names.length !== 1 || value === undefined || ![UTF8, PRINTABLE, IA5].includes(value.tag)) return undefined;
  return Buffer.from(der.contentOf(value)).toString("utf8");
}
