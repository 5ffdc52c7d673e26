import { createHash, type X509Certificate } from "node:crypto";
import { join } from "node:path";
import { der } from "@modwarden/modbus";
import { type RevocationList, readList } from "../certificate/crl.ts";
import { certificatePem, derOfPem, pemOf } from "../certificate/pem.ts";
import { fieldsOf, spkiBytes } from "../certificate/read.ts";
import type { Issuer } from "../certificate/write.ts";
import { readIfThere, replaceFile } from "./files.ts";
import type { Hierarchy } from "./hierarchy.ts";

/** A list as it is on disk and goes to TLS. */
export interface KeptList extends RevocationList {
  readonly der: Uint8Array;
  /** With the label that Node takes. */
  readonly pem: string;
}

/** One authority of a chain, and its list. */
export interface ListSlot {
  readonly certificate: X509Certificate;
  /** Its certificates (PEM), where one key under one name has several. */
  readonly pems: readonly string[];
  readonly role: "issuing" | "between" | "root";
  /** Of the present chain, or of a former one. */
  readonly present: boolean;
  /** When the last leaf under it has ended, milliseconds since 1970. */
  readonly until: number;
  /** Signs its list, where its key is here. */
  readonly issuer: Issuer | undefined;
  /** The Name that its lists carry. */
  readonly name: Uint8Array;
  readonly file: string;
  list: KeptList | undefined;
}

/** A slot for every authority of every chain. One key under one name has one list. RFC 5280 § 5.1.2.3 */
export function slotsOf(hierarchies: readonly Hierarchy[], folder: string): readonly ListSlot[] {
  const slots = new Map<string, ListSlot>();
  for (const [age, { chain, issuer, root }] of hierarchies.entries()) {
    const until = chain[0].validToDate.getTime();
    for (const [at, certificate] of chain.entries()) {
      const name = Uint8Array.from(fieldsOf(certificate.raw).subject);
      const id = createHash("sha256").update(name).update(spkiBytes(certificate.publicKey)).digest("hex").slice(0, 40);
      const pem = certificatePem(certificate.raw);
      const known = slots.get(id);
      const role = at === 0 ? "issuing" : at === chain.length - 1 ? "root" : "between";
      const own = role === "issuing" ? issuer : role === "root" ? root : undefined;
      const file = join(folder, "crl", `${id}.pem`);
      slots.set(
        id,
        known === undefined
          ? { certificate, pems: [pem], role, present: age === 0, until, issuer: own, name, file, list: undefined }
          : {
              ...known,
              pems: [...new Set([...known.pems, pem])],
              until: Math.max(known.until, until),
              issuer: known.issuer ?? own,
            },
      );
    }
  }
  return [...slots.values()];
}

/** The list in the slot's file; undefined when there is none that its authority signed. */
export function keptList(slot: ListSlot): KeptList | undefined {
  const text = readIfThere(slot.file);
  return text === undefined ? undefined : listFor(slot, derOfPem(text));
}

/** `bytes` as the list of this slot; undefined when it is none, or of another authority. */
export function listFor(slot: ListSlot, bytes: Uint8Array): KeptList | undefined {
  try {
    const list = readList(bytes);
    if (!der.sameBytes(list.issuer, slot.name) || !list.verify(slot.certificate.publicKey)) return undefined;
    return { ...list, der: bytes, pem: pemOf("X509 CRL", bytes) };
  } catch (error) {
    if (error instanceof der.DerError) return undefined;
    throw error;
  }
}

export function keepList(slot: ListSlot, list: KeptList): void {
  replaceFile(slot.file, list.pem, 0o644);
  slot.list = list;
}
