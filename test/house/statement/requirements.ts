/** One line of the conformance statement. */
export interface Requirement {
  readonly id: string;
  readonly level: "MUST" | "MUST NOT" | "SHOULD" | "MAY";
  /** What is asked for, in our words. */
  readonly what: string;
  readonly how: string;
  /** What is not met, and why. */
  readonly gap?: string;
}

/**
 * MODBUS/TCP Security v36 (MB-TCP-Security-v36_2021-07-30). do not exist there, and stand
 * between the others.
 */
export const requirements: readonly Requirement[] = [
  must("R-01", "TLS 1.2 or newer", "TLS 1.2 and 1.3, nothing else"),
  must("R-02", "mutual authentication", "each side wants a certificate of an authority it was given"),
  must("R-03", "X.509v3 certificates as credentials", "issued and expected as version 3"),
  must("R-04", "authorisation by the role in the certificate", "`context.role`; the gateway's policy"),
  must("R-05", "no change to mbap inside TLS", "the same codec, all seven bytes of header"),
  must("R-06", "mutual authentication in the handshake", "as R-02, before the first request is answered"),
  must("R-07", "the server asks for a certificate", "`requestCert` is the default"),
  must("R-08", "the client answers with one", "a client without key and certificate does not start unless told"),
  must("R-10", "no client certificate: fatal alert, end", "OpenSSL's alert 40, or 116 with TLS 1.3"),
  mustNot(
    "R-11",
    "resumption after a fatal alert",
    "the client forgets the session",
    "A server that hands out tickets keeps no session: it cannot know that one of them ended with an alert. Certificate, registry and revocation are looked at again at every resumption.",
  ),
  must("R-12", "suites registered with IANA", "named by their IANA names; no others can be chosen"),
  must("R-13", "suites that work with X.509", "no PSK, no anonymous suite"),
  must("R-14", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 with RSA keys", "among the default suites"),
  should("R-16", "role-based authorisation in the server", "`authorize` of the library; the gateway's policy"),
  must("R-17", "it complies with the section", "nothing gets past it, errors in it refuse"),
  must("R-18", "role extension, algorithm, roles-to-rights rules", "all three"),
  must("R-19", "clients are provisioned with a certificate", "enrolment"),
  should("R-20", "the client's certificate has a role", "put there by the site's authority, from the registry"),
  must("R-21", "object identifier 1.3.6.1.4.1.50316.802.1", "read and issued under it"),
  must(
    "R-22",
    "ASN.1 UTF8String",
    "own strict reader: tag 0C, length, valid UTF-8, 1 to 64 characters, no control character",
  ),
  must(
    "R-23",
    "no role: the NULL role goes to the algorithm",
    "`context.role` is null; the handshake is not refused for it",
  ),
  must("R-24", "the vendor defines the algorithm", "[policy.md](policy.md), How a request is decided"),
  must(
    "R-25",
    "the vendor defines syntax and semantics of the rules",
    "[policy.md](policy.md), schemas/policy.schema.json",
  ),
  must("R-26", "the end user provisions the rules", "policy.yaml"),
  must("R-27", "the rules are configurable", "policy.yaml; open sessions are judged by it"),
  mustNot("R-28", "hard-coded, unchangeable default roles", "no role is built in; templates only"),
  must("R-29", "roles in certificates agree with the rules", "keys and identities are made for declared roles only"),
  must(
    "R-30",
    "the role comes from the client's own certificate",
    "the leaf; authorities' certificates are not read for it",
  ),
  must("R-31", "a rejected request gets exception 01", "function with bit 7 and 01, nine bytes in all"),
  must("R-32", "TLS 1.2 or better", "as R-01, as offered"),
  must("R-33", "RFC 5246", "OpenSSL's"),
  mustNot("R-34", "TLS 1.1, TLS 1.0, SSL 3.0", "refused"),
  mustNot("R-35", "SSL 2.0, SSL 1.0", "refused"),
  should("R-36", "a counter mode suite", "AES-GCM first"),
  mustNot("R-37", "TLS_NULL_WITH_NULL_NULL", "cannot be chosen"),
  must("R-38", "negotiated suites are registered with IANA", "as R-12, as chosen"),
  must("R-39", "key exchange with RSA keys as the mandatory suite has it", "ECDHE_RSA, TLS 1.2 and 1.3, both sides"),
  should("R-40", "key exchange on elliptic curves", "always"),
  must("R-41", "the mutual authentication handshake", "TLS 1.2 and 1.3"),
  should(
    "R-42",
    "resumed sessions, with their role",
    "client and server; role, revocation and registry are looked at again",
    "By ticket (R-43) and not by session id: Node keeps no session table.",
  ),
  may("R-43", "session tickets", "yes, under keys of one process and one context"),
  must("R-44", "no certificate: the handshake is rejected", "no request is carried out"),
  should("R-45", "certificates signed by an authority", "the site's own; self-signed ones can be pinned as `ca`"),
  must("R-46", "the whole chain is sent, down to the root", "completed from `ca`; a chain without its root is refused"),
  must("R-47", "RFC 5280", "extensions, serial numbers, constraints; also checked by `openssl verify -x509_strict`"),
  must("R-48", "where encryption is required, a suite that encrypts", "always, unless `insecureNullEncryption`"),
  must(
    "R-49",
    "where encryption is not required, a suite with NULL encryption",
    "`insecureNullEncryption` makes one available",
    "Encryption is chosen wherever both sides can: read literally the requirement would switch it off.",
  ),
  mustNot("R-50", "HMAC-MD5", "no such suite"),
  mustNot("R-51", "HMAC-SHA-1", "no such suite"),
  must("R-52", "HMAC-SHA-256", "suites with SHA-256"),
  mustNot("R-53", "NULL HMAC", "every suite authenticates"),
  mustNot("R-54", "HMAC-SHA-1 in the PRF", "TLS 1.2 or newer; no signature with SHA-1 either"),
  must("R-55", "HMAC-SHA-256 in the PRF", "suites with SHA256"),
  {
    ...must("R-56", "import and export conformance is determined", "Node's OpenSSL is used as it comes"),
    gap: "A matter of whoever distributes a device: this project makes no determination for any country.",
  },
  must("R-57", "maximum fragment length negotiation (RFC 6066)", "the server confirms and keeps what it is asked for"),
  must(
    "R-58",
    "512 bytes can be negotiated",
    "by the server; the client's `maxSendFragment: 512` bounds what it sends",
    "Node has no way to send the extension, so that our client cannot ask a server for it.",
  ),
  must("R-59", "compression NULL", "offered and chosen"),
  must("R-60", "renegotiation indication (RFC 5746)", "indicated; a renegotiation ends the connection"),
  must("R-61", "curve P-256", "offered and taken"),
  must("R-62", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "among the default suites"),
  must("R-63", "supported curves in the ClientHello", "sent"),
  must("R-64", "point formats in the ClientHello", "sent"),
  must("R-65", "one role, the whole string", "two extensions are the NULL role; nothing is split"),
  should("R-66", "NULL suites last", "`insecureNullEncryption` appends it"),
  should("R-67", "TLS_RSA_WITH_NULL_SHA256 can be enabled", "`insecureNullEncryption`, off by default, warned of"),
];

function must(id: string, what: string, how: string, gap?: string): Requirement {
  return { id, level: "MUST", what, how, ...(gap === undefined ? {} : { gap }) };
}

function mustNot(id: string, what: string, how: string, gap?: string): Requirement {
  return { ...must(id, what, how, gap), level: "MUST NOT" };
}

function should(id: string, what: string, how: string, gap?: string): Requirement {
  return { ...must(id, what, how, gap), level: "SHOULD" };
}

function may(id: string, what: string, how: string): Requirement {
  return { ...must(id, what, how), level: "MAY" };
}
