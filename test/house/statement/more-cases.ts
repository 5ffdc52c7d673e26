/** A case beside the numbered requirements. */
export interface Case {
  readonly id: string;
  /** What is checked, in our words. */
  readonly what: string;
  /** The requirements of Modbus/TCP Security whose tests are this case's as well. */
  readonly same?: readonly string[];
  readonly gap?: string;
}

/** What Node's TLS does, or leaves undone, that a secure Modbus has to look after. */
export const traps: readonly Case[] = [
  { id: "T1", what: "a resumed session is held against no revocation list" },
  { id: "T2", what: "a revocation does not touch connections that are open" },
  {
    id: "T3",
    what: "why a certificate was refused is known to the server alone",
    gap: "Node ends the connection of a client whose certificate does not verify without an alert; the reason is in the server's record.",
  },
  {
    id: "T4",
    what: "with TLS 1.3 a client is connected before the server has judged its certificate",
    gap: "`connect` resolves when this side's handshake is over; only a first answer shows that the server has let the client in.",
  },
  { id: "T5", what: "OpenSSL accepts certificates whose role extension is doubled or of another type" },
  { id: "T6", what: "a revocation list is needed for every authority; of several in one text Node reads the first" },
  { id: "T7", what: "AES_128_CCM_8 is in no list of Node's, and works" },
];

/**
 * Secure SunSpec Modbus 1.0, as far as its test procedure is known from public implementations. The procedure itself is
 * not reproduced here.
 */
export const sunSpec: readonly Case[] = [
  { id: "CRYP-001", what: "each mandatory suite of TLS 1.2" },
  { id: "CRYP-002", what: "each suite of TLS 1.3" },
  { id: "CRYP-003", what: "discouraged suites can be switched off" },
  { id: "CRYP-004", what: "curve P-256 and point formats", same: ["R-61", "R-63", "R-64"] },
  { id: "CRYP-005", what: "no MD5, no SHA-1", same: ["R-50", "R-51", "R-54"] },
  { id: "CRYP-006", what: "registered suites only", same: ["R-12", "R-38"] },
  { id: "CRYP-007", what: "suites without encryption are refused", same: ["R-48"] },
  { id: "PKI-001", what: "ten roots" },
  { id: "PKI-002", what: "roots are added and removed" },
  { id: "PKI-003", what: "self-signed certificates are refused" },
  { id: "PKI-004", what: "the whole chain is delivered", same: ["R-46"] },
  {
    id: "PKI-005",
    what: "a server with certificates of several authorities chooses by its client",
    gap: "A listener has one identity (one certificate for each kind of key). Two authorities need two listeners.",
  },
  { id: "PKI-006", what: "sessions are resumed, or a full handshake is made" },
  { id: "PKI-007", what: "certificates conform to RFC 5280", same: ["R-47"] },
  { id: "RBAC-001", what: "the role is taken out of the certificate", same: ["R-04", "R-30"] },
  { id: "RBAC-002", what: "the four mandatory roles and their rights" },
  { id: "RBAC-003", what: "the roles of IEC 62351-8" },
  { id: "RBAC-004", what: "the roles-to-rights rules are laid open", same: ["R-25"] },
  { id: "RBAC-005", what: "the algorithm is laid open", same: ["R-24"] },
  { id: "RBAC-006", what: "a role under another object identifier is none" },
  { id: "RBAC-007", what: "encoding, and one role only", same: ["R-22", "R-65"] },
  { id: "RBAC-008", what: "no role: the session stands, every request gets 01", same: ["R-23"] },
  { id: "RBAC-009", what: "a refusal is nine bytes and tells nothing", same: ["R-31"] },
  { id: "RBAC-010", what: "roles and rights can be changed", same: ["R-27"] },
  { id: "RBAC-011", what: "a client has a role and asks the server for none", same: ["R-20"] },
  { id: "OPS-001", what: "the suites, and how they are chosen, are documented" },
];
