/** Transactions as a small site has them: polls, writes, and refusals of every sort, the same for the same number. */
import type { Access, Because, Explanation, Transaction } from "@modwarden/access";

const policy = "3f9a61c07be24d18";
const location = { site: "demo", gateway: "gw1", zone: "hall-2" };
const operator = { id: "hmi-2", role: "Operator", cert: "9c41d0a7be5f7c12" };
const permitted = (rule: string): Explanation => ({ permit: true, rules: [rule], policy });
const refused = (because: Because, rules: readonly string[], failed?: string): Explanation => ({
  permit: false,
  rules,
  because,
  ...(failed === undefined ? {} : { failed }),
  policy,
});

const setpoint = (value: number): Access => ({
  device: "drive",
  unit: 3,
  table: "holding",
  address: 50009,
  quantity: 1,
  write: true,
  points: ["setpoint"],
  values: [value],
});

const voltages: Access = {
  device: "meter",
  unit: 1,
  table: "input",
  address: 0,
  quantity: 6,
  write: false,
  points: ["voltage_l1", "voltage_l2", "voltage_l3"],
};

type Kind = (number: number) => Pick<Transaction, "subject" | "operation" | "accesses" | "decision" | "outcome"> & {
  readonly transport: Transaction["method"]["transport"];
  readonly source: string;
  readonly findings?: Transaction["findings"];
};

const latency = (number: number): number => 900 + ((number * 7919) % 2600);

const poll: Kind = (number) => ({
  subject: operator,
  transport: "tls",
  source: "10.0.0.5:49152",
  operation: { function: 4, name: "read-input-registers" },
  accesses: [voltages],
  decision: permitted("everyone-reads"),
  outcome: { values: [17254, 26870, 17253, 56934, 17255, 1311], latencyUs: latency(number) },
});

const kinds: readonly Kind[] = [
  poll,
  (number) => ({
    subject: { id: "legacy-hmi", role: "Viewer" },
    transport: "tcp",
    source: "127.0.0.1:50211",
    operation: { function: 3, name: "read-holding-registers" },
    accesses: [
      { device: "drive", unit: 3, table: "holding", address: 16129, quantity: 1, write: false, points: ["frequency"] },
    ],
    decision: permitted("everyone-reads"),
    outcome: { values: [200], latencyUs: latency(number) },
  }),
  (number) => ({
    subject: operator,
    transport: "tls",
    source: "10.0.0.5:49152",
    operation: { function: 6, name: "write-single-register" },
    accesses: [setpoint(6554)],
    decision: permitted("setpoint"),
    outcome: { latencyUs: latency(number) },
  }),
  poll,
  () => ({
    subject: operator,
    transport: "tls",
    source: "10.0.0.5:49152",
    operation: { function: 6, name: "write-single-register" },
    accesses: [setpoint(14746)],
    decision: {
      ...refused("max", ["setpoint"], "max 80, got 90"),
      firstUncovered: { table: "holding", address: 50009, point: "setpoint" },
    },
    outcome: { exception: 1, latencyUs: 312 },
  }),
  poll,
  () => ({
    subject: { id: null, role: null, cert: "77aa01" },
    transport: "tls",
    source: "10.0.0.77:40112",
    operation: { function: 3, name: "read-holding-registers" },
    accesses: [{ device: null, unit: 3, table: "holding", address: 0, quantity: 2, write: false }],
    decision: refused("unknown-subject", []),
    outcome: { exception: 1, latencyUs: 96 },
    findings: [{ rule: "stranger", severity: "medium", evidence: "certificate 77aa01 is not in the registry" }],
  }),
  () => ({
    subject: { id: "panel", role: "Viewer", cert: "51b0" },
    transport: "tls",
    source: "10.0.0.9:51002",
    operation: { function: 23, name: "read-write-multiple-registers" },
    accesses: [
      { device: "drive", unit: 3, table: "holding", address: 16129, quantity: 2, write: false, points: ["frequency"] },
      { ...setpoint(100), points: ["setpoint"] },
    ],
    decision: refused("no-permit", []),
    outcome: { exception: 1, latencyUs: 141 },
  }),
  poll,
  () => ({
    subject: { id: "legacy-hmi", role: "Viewer" },
    transport: "tcp",
    source: "127.0.0.1:50211",
    operation: { function: 16, name: "write-multiple-registers" },
    accesses: [
      {
        device: "meter",
        unit: 1,
        table: "holding",
        address: 2,
        quantity: 2,
        write: true,
        values: [16928, 0],
        points: ["demand_period"],
      },
    ],
    decision: refused("transport", ["setpoint"]),
    outcome: { exception: 1, latencyUs: 122 },
  }),
  () => ({
    subject: { id: null, role: null },
    transport: "tcp",
    source: "192.168.7.66:3312",
    operation: { function: 0, name: "unknown" },
    accesses: [],
    decision: refused("malformed", [], "protocol id 1"),
    outcome: { result: "closed", latencyUs: 40 },
  }),
  () => ({
    subject: operator,
    transport: "tls",
    source: "10.0.0.5:49152",
    operation: { function: 3, name: "read-holding-registers" },
    accesses: [
      {
        device: "battery",
        unit: 4,
        table: "input",
        address: 13021,
        quantity: 2,
        write: false,
        points: ["battery_power", "battery_level"],
      },
    ],
    decision: permitted("everyone-reads"),
    outcome: { exception: 11, latencyUs: 1_000_400 },
  }),
];

export function sampleTransaction(number: number): Transaction {
  const { transport, source, findings, ...rest } = (kinds[number % kinds.length] as Kind)(number);
  return {
    subject: rest.subject,
    location: { ...location, source },
    method: { transport, transaction: number & 0xffff },
    operation: rest.operation,
    accesses: rest.accesses,
    decision: rest.decision,
    outcome: rest.outcome,
    findings: findings ?? [],
  };
}
