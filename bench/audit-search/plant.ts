/** The records of a plant over a day and more: 20 drives and meters, their clients, and what people do. */
import type { Access, Transaction } from "@modwarden/access";
import { type AuditLog, formatTime, serialiseRecord, serialiseTransaction } from "@modwarden/audit";

export const DEVICES: readonly string[] = Array.from(
  { length: 20 },
  (_, index) => `${index % 2 === 0 ? "drive" : "meter"}-${index + 1}`,
);
export const CLIENTS: readonly string[] = Array.from({ length: 25 }, (_, index) => `hmi-${index + 1}`);
/** Points that are written, and those that are only read. */
export const WRITTEN: readonly string[] = ["setpoint", "control_word", "ramp_time", "flow_limit", "mode"];
const READ: readonly string[] = Array.from({ length: 40 }, (_, index) => `value_${index + 1}`);
const BLOCKS = 5;
const START_MS = Date.UTC(2026, 10, 1);
/** Records a second of the plant's time. */
const PER_SECOND = 100;

export const PLANT_START_MS: number = START_MS;

export function plantEndMs(records: number): number {
  return START_MS + (records / PER_SECOND) * 1000;
}

/** Numbers that look random and are the same every time. Numerical Recipes § 7.1 */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Writes so many records as fast as the log takes them. */
export function writePlant(log: AuditLog, records: number, progress: (records: number) => void): void {
  const random = seeded(1);
  for (let number = 0; number < records; number++) {
    const atMs = START_MS + (number / PER_SECOND) * 1000;
    log.append(recordBody(random, atMs));
    if (number % 1000 === 999) log.commit();
    if (number % 100_000 === 99_999) {
      while (log.maintain());
      progress(number + 1);
    }
  }
  log.commit();
  while (log.maintain());
}

/** Of a hundred: 55 roll-ups of reads, 25 writes, 12 changes that were seen, 6 refusals, 2 findings. */
function recordBody(random: (below: number) => number, atMs: number): string {
  const kind = random(100);
  if (kind < 55) return rollup(random, atMs);
  if (kind < 86) return write(random, atMs, kind >= 80);
  if (kind < 98) return state(random, atMs);
  return serialiseRecord(formatTime(atMs), "finding", {
    location: {
      site: "bench",
      gateway: "gw1",
      zone: "hall-2",
      source: `10.9.0.${random(250)}:${40_000 + random(9000)}`,
    },
    finding: { rule: "unknown-source", severity: "medium", evidence: "the address is not registered on this listener" },
  });
}

function who(random: (below: number) => number): Pick<Transaction, "subject" | "location"> {
  const client = random(CLIENTS.length);
  return {
    subject: { id: CLIENTS[client]!, role: client % 3 === 0 ? "Operator" : "Viewer", cert: "3f".repeat(32) },
    location: { site: "bench", gateway: "gw1", zone: "hall-2", source: `10.0.0.${client + 5}:${49_152 + client}` },
  };
}

function blockOf(random: (below: number) => number): Access {
  const device = random(DEVICES.length);
  const block = random(BLOCKS);
  const points = READ.slice(block * 8, block * 8 + 8);
  return {
    device: DEVICES[device]!,
    unit: device + 1,
    table: "holding",
    address: 1000 + block * 8,
    quantity: 8,
    write: false,
    points,
  };
}

function rollup(random: (below: number) => number, atMs: number): string {
  const { subject, location } = who(random);
  const access = blockOf(random);
  const last = Array.from({ length: 8 }, () => 400 + random(200));
  return serialiseRecord(formatTime(atMs), "rollup", {
    of: "reads",
    from: formatTime(atMs - 60_000),
    to: formatTime(atMs),
    subject: { ...subject },
    location: { ...location },
    method: { transport: "tls" },
    operation: { function: 3, name: "read-holding-registers" },
    accesses: [{ ...access, points: [...(access.points ?? [])] } as never],
    decision: { permit: true, rules: ["everyone-reads"], policy: "a1b2c3d4e5f60718" },
    count: 60,
    latencyUs: { min: 900, max: 4100, sum: 81_000 },
    values: { min: last.map((value) => value - 3), max: last.map((value) => value + 5), last },
    digest: "5d".repeat(32),
  });
}

function write(random: (below: number) => number, atMs: number, refused: boolean): string {
  const device = random(DEVICES.length);
  const point = random(WRITTEN.length);
  const value = random(16_384);
  return serialiseTransaction(formatTime(atMs), {
    ...who(random),
    method: { transport: "tls", transaction: random(65_536) },
    operation: { function: 6, name: "write-single-register" },
    accesses: [
      {
        device: DEVICES[device]!,
        unit: device + 1,
        table: "holding",
        address: 50_009 + point,
        quantity: 1,
        write: true,
        points: [WRITTEN[point]!],
        values: [value],
      },
    ],
    decision: refused
      ? {
          permit: false,
          rules: ["setpoint"],
          because: "max",
          failed: `max 80, got ${random(100)}`,
          policy: "a1b2c3d4e5f60718",
        }
      : { permit: true, rules: ["setpoint"], policy: "a1b2c3d4e5f60718" },
    outcome: refused ? { exception: 1, latencyUs: 312 } : { before: [random(16_384)], latencyUs: 1412 + random(500) },
    findings: [],
  });
}

function state(random: (below: number) => number, atMs: number): string {
  const { device, unit, table, address, points } = blockOf(random);
  const index = random(8);
  return serialiseRecord(formatTime(atMs), "state", {
    location: { site: "bench", gateway: "gw1", zone: "hall-2" },
    device,
    unit,
    table,
    address: address + index,
    values: [400 + random(200)],
    points: [points![index]!],
    before: [400 + random(200)],
  });
}
