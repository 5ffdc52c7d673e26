import type { Finding } from "@modwarden/access";

export type ConformanceRule =
  | "frame-malformed"
  | "frame-timeout"
  | "half-frame"
  | "malformed-pdu"
  | "function-unknown"
  | "address-overflow"
  | "unknown-source"
  | "connection-limit"
  | "client-unread"
  | "handshake-refused"
  | "tls-violation"
  | "identity-refused"
  | "identity-revoked"
  | "reply-mismatch"
  | "reply-function"
  | "reply-exception"
  | "reply-unit"
  | "reply-unsolicited"
  | "reply-late"
  | "device-frame"
  | "device-identity"
  | "internal-error";

/**
 * What breaks the protocol's rules needs no learning: it is unusual by itself. Severity is what an operator should
 * make of it: high = somebody crafts frames or a device lies, medium = a client or device is broken or is looking
 * around, low = tolerated, worth knowing.
 */
const severities: Record<ConformanceRule, Finding["severity"]> = {
  "frame-malformed": "high",
  "frame-timeout": "medium",
  "half-frame": "low",
  "malformed-pdu": "high",
  "function-unknown": "medium",
  "address-overflow": "medium",
  "unknown-source": "medium",
  "connection-limit": "medium",
  "client-unread": "low",
  "handshake-refused": "medium",
  "tls-violation": "high",
  "identity-refused": "medium",
  "identity-revoked": "medium",
  "reply-mismatch": "high",
  "reply-function": "high",
  "reply-exception": "medium",
  "reply-unit": "low",
  "reply-unsolicited": "medium",
  "reply-late": "low",
  "device-frame": "high",
  "device-identity": "high",
  "internal-error": "high",
};

/** A finding by a conformance rule; `evidence` is one line of what was expected and what was seen. */
export function conformanceFinding(rule: ConformanceRule, evidence: string): Finding {
  return { rule, severity: severities[rule], evidence };
}
