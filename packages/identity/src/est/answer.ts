/** An answer of EST: base64 of DER, or a sentence for the person who reads the client's log. */
export interface EstResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Base64 with line breaks, as clients that follow RFC 7030 to the letter expect it (RFC 8951 allows both). */
export function encoded(contentType: string, der: Uint8Array): EstResponse {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return {
    status: 200,
    contentType,
    body: `${lines.join("\n")}\n`,
    headers: { "content-transfer-encoding": "base64" },
  };
}

/** One sentence, in plain text. RFC 7030 § 4.2.3 */
export function sentence(status: number, text: string, headers: Readonly<Record<string, string>> = {}): EstResponse {
  return { status, contentType: "text/plain; charset=utf-8", body: `${text}\n`, headers };
}
