import { certificateRequestPem } from "../certificate/pem.ts";

const PEM =
  /^\s*-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END (?:NEW )?CERTIFICATE REQUEST-----\s*$/;
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/**
 * The signing request of a body, as PEM: base64 of the DER with or without line breaks (RFC 7030 § 4.2.1, RFC 8951
 * § 2.1), and, because clients send that too, PEM and the bare DER. Undefined when it is none of them.
 */
export function requestPem(body: Uint8Array): string | undefined {
  // Every DER of a request begins with a SEQUENCE, which is no letter that base64 of one begins with ("M").
  if (body[0] === 0x30 && body.length > 1 && (body[1] ?? 0) >= 0x80) return certificateRequestPem(body);
  const text = Buffer.from(body).toString("latin1");
  const base64 = PEM.exec(text)?.[1] ?? (BASE64.test(text) ? text : undefined);
  return base64 === undefined ? undefined : certificateRequestPem(Buffer.from(base64, "base64"));
}
