/** Transactions as a gateway records them one by one: refused and permitted writes of a plant. */
import type { Transaction } from "@modwarden/access";

const CLIENTS = 8;
const POINTS = ["setpoint", "control_word", "ramp_time", "flow_limit"];

/** Who speaks and from where is one object for each connection, as on the line. */
const connections = Array.from({ length: CLIENTS }, (_, client) => ({
  subject: { id: `hmi-${client}`, role: "Operator" },
  location: { site: "demo", gateway: "gw1", zone: "hall-2", source: `10.0.0.${client + 5}:${49_152 + client}` },
}));

/** Different ones, as many as are asked for; the record of one has about 560 bytes. */
export function transactionsOf(count: number): readonly Transaction[] {
  return Array.from({ length: count }, (_, index) => transactionOf(index));
}

function transactionOf(index: number): Transaction {
  const { subject, location } = connections[index % CLIENTS]!;
  const point = index % POINTS.length;
  const permit = index % 4 !== 0;
  return {
    subject,
    location,
    method: { transport: "tls", transaction: (index * 7) & 0xffff },
    operation: { function: 6, name: "write-single-register" },
    accesses: [
      {
        device: "drive",
        unit: 3,
        table: "holding",
        address: 50_009 + point,
        quantity: 1,
        write: true,
        points: [POINTS[point] ?? ""],
        values: [(index * 31) & 0xffff],
      },
    ],
    decision: permit
      ? { permit, rules: ["setpoint"], policy: "a1b2c3d4e5f60718" }
      : { permit, rules: ["setpoint"], because: "max", failed: "max 80, got 90", policy: "a1b2c3d4e5f60718" },
    outcome: permit
      ? { before: [50], latencyUs: 812 + (index % 977) }
      : { exception: 1, latencyUs: 312 + (index % 97) },
    findings: [],
  };
}
