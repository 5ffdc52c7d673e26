import { ROLE_OID } from "@modwarden/modbus";
import { objectIdentifier, sequence, setOf } from "../certificate/encode.ts";

/**
 * What a signing request should be like, DER: a key on P-256, signed with ECDSA and SHA-256. A hint for clients that
 * ask; what else is accepted stands in docs/est.md. RFC 7030 § 4.5.2
 */
export const CSR_ATTRIBUTES: Uint8Array = sequence(...keyAndAlgorithm());

/** The same where a company's authority signs what a request says: names and role have to stand in it. */
export const CSR_ATTRIBUTES_WITH_CONTENT: Uint8Array = sequence(
  ...keyAndAlgorithm(),
  // extensionRequest: subjectAltName, role
  sequence(objectIdentifier("1.2.840.113549.1.9.14"), setOf(objectIdentifier("2.5.29.17"), objectIdentifier(ROLE_OID))),
);

function keyAndAlgorithm(): readonly Uint8Array[] {
  return [
    // id-ecPublicKey on prime256v1
    sequence(objectIdentifier("1.2.840.10045.2.1"), setOf(objectIdentifier("1.2.840.10045.3.1.7"))),
    // ecdsa-with-SHA256
    objectIdentifier("1.2.840.10045.4.3.2"),
  ];
}
