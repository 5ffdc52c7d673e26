export type PemLabel = "CERTIFICATE" | "CERTIFICATE REQUEST" | "X509 CRL" | "ENCRYPTED PRIVATE KEY" | "PKCS7";

/** DER to PEM, 64 characters to a line. RFC 7468 */
export function pemOf(label: PemLabel, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

export function certificatePem(der: Uint8Array): string {
  return pemOf("CERTIFICATE", der);
}

export function certificateRequestPem(der: Uint8Array): string {
  return pemOf("CERTIFICATE REQUEST", der);
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text in their order, each with a line end. */
export function splitPem(text: string): readonly string[] {
  return (text.match(CERTIFICATE) ?? []).map((pem) => `${pem}\n`);
}

/** The bytes of the first PEM block in `text`; none when there is no block. */
export function derOfPem(text: string): Uint8Array {
  const base64 = /-----BEGIN [A-Z0-9 ]+-----([A-Za-z0-9+/=\s]+)-----END [A-Z0-9 ]+-----/.exec(text)?.[1] ?? "";
  return new Uint8Array(Buffer.from(base64, "base64"));
}

/** The bytes of every block with this label, in their order. */
export function pemBlocks(label: PemLabel, text: string): readonly Uint8Array[] {
  const blocks = new RegExp(`-----BEGIN ${label}-----[A-Za-z0-9+/=\\s]+-----END ${label}-----`, "g");
  return (text.match(blocks) ?? []).map(derOfPem);
}
