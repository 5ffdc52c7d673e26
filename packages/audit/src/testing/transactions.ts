import type { Transaction } from "@modwarden/access";
import fc from "fast-check";

/** Text as it may come from the wire: any UTF-16, lone surrogates, control characters and quotes among it. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("\ud800", "\udc00", "\u0000", '"', "\\", "\n", "\u009b", "\u2028", "\u202e", "é", "x"),
  }),
);
const int = fc.integer({ min: 0, max: 65_535 });
const nullableText = fc.option(text, { nil: null });
const table = fc.constantFrom("coil", "discrete", "holding", "input", null);
const because = fc.constantFrom("no-permit", "max", "route");

const access = fc.record(
  {
    device: nullableText,
    unit: int,
    table,
    file: int,
    address: int,
    quantity: int,
    write: fc.boolean(),
    points: fc.array(text, { maxLength: 3 }),
    values: fc.array(int, { maxLength: 4 }),
    mask: fc.record({ and: int, or: int }),
  },
  { requiredKeys: ["device", "unit", "table", "address", "quantity", "write"] },
);

/** Any transaction, optional fields there or not. */
export const anyTransaction: fc.Arbitrary<Transaction> = fc.record({
  subject: fc.record({ id: nullableText, role: nullableText, cert: text }, { requiredKeys: ["id", "role"] }),
  location: fc.record(
    { site: text, gateway: text, zone: text, source: text },
    { requiredKeys: ["site", "gateway", "source"] },
  ),
  method: fc.record({ transport: fc.constantFrom("tcp", "tls", "rtu"), transaction: int }),
  operation: fc.record({ function: int, subfunction: int, name: text }, { requiredKeys: ["function", "name"] }),
  accesses: fc.array(access, { maxLength: 2 }),
  decision: fc.record(
    {
      permit: fc.boolean(),
      rules: fc.array(text, { maxLength: 3 }),
      firstUncovered: fc.record(
        { table, file: int, address: int, point: text },
        { requiredKeys: ["table", "address"] },
      ),
      because,
      failed: text,
      policy: text,
      shadow: fc.record(
        { permit: fc.boolean(), because, rules: fc.array(text, { maxLength: 2 }) },
        { requiredKeys: ["permit"] },
      ),
    },
    { requiredKeys: ["permit", "rules", "policy"] },
  ),
  outcome: fc.record(
    {
      result: fc.constantFrom("closed", "unknown", "pending"),
      exception: int,
      from: fc.constant("device"),
      reason: text,
      intent: fc.maxSafeNat(),
      values: fc.array(int, { maxLength: 4 }),
      before: fc.array(fc.option(int, { nil: null }), { maxLength: 4 }),
      latencyUs: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    },
    { requiredKeys: ["latencyUs"] },
  ),
  findings: fc.array(
    fc.record({ rule: text, severity: fc.constantFrom("info", "low", "medium", "high"), evidence: text }),
    { maxLength: 2 },
  ),
});

/** A permitted read of two registers, and what a test wants changed about it. */
export function read(more?: Partial<Transaction>): Transaction {
  return {
    subject: { id: "hmi-1", role: "Viewer", cert: "3f" },
    location: { site: "demo", gateway: "gw1", zone: "hall-2", source: "10.0.0.5:49152" },
    method: { transport: "tls", transaction: 77 },
    operation: { function: 3, name: "read-holding-registers" },
    accesses: [
      { device: "drive", unit: 3, table: "holding", address: 50_009, quantity: 2, write: false, points: ["setpoint"] },
    ],
    decision: { permit: true, rules: ["everyone-reads"], policy: "a1b2" },
    outcome: { latencyUs: 300 },
    findings: [],
    ...more,
  };
}
