import type { Access, Because, Transaction } from "@modwarden/access";
import type { AuditLog } from "../log/audit-log.ts";
import { serialiseRecord } from "../record/record.ts";
import { formatTime } from "../record/time.ts";
import { serialiseTransaction } from "../record/transaction.ts";
import { NOON } from "./logs.ts";

/** Numbers that look random and are the same every time. Numerical Recipes § 7.1 */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export const subjects: readonly (string | null)[] = ["hmi-1", "hmi-2", "scada", "-", null];
export const devices: readonly (string | null)[] = ["drive", "meter", null];
export const points: readonly string[] = ["setpoint", "speed", "alarm"];
const becauses: readonly Because[] = ["max", "no-permit", "route"];

/** Appends records of every kind, a second apart; now and then the clock is set back. */
export function appendMixed(log: AuditLog, count: number, seed: number): void {
  const random = seeded(seed);
  const one = <Item>(items: readonly Item[]): Item => items[random(items.length)]!;
  for (let number = 0; number < count; number++) {
    const atMs = NOON + 1000 * number - (random(20) === 0 ? random(90_000) : 0) + random(1000) / 1000;
    const time = formatTime(atMs);
    const access = (write: boolean): Access => {
      const address = random(40);
      const quantity = 1 + random(3);
      const named = points.filter((_, index) => (address + index) % 7 === 0);
      return {
        device: one(devices),
        unit: 1 + random(3),
        table: one(["holding", "coil", null]),
        address,
        quantity,
        write,
        ...(named.length === 0 ? {} : { points: named }),
        ...(write ? { values: Array.from({ length: quantity }, () => random(5)) } : {}),
      };
    };
    const subject = { id: one(subjects), role: one(["Viewer", "Operator", null]) };
    const source = `10.0.0.${random(4)}:${random(3)}`;
    const location = { site: "demo", gateway: "gw1", source };
    const finding = {
      rule: one(["burst", "order"]),
      severity: one(["low", "high"] as const),
      evidence: `Évidence "${random(50)}"`,
    };
    const permit = random(3) > 0;
    const write = random(2) === 0;
    const transaction: Transaction = {
      subject,
      location,
      method: { transport: "tls", transaction: random(100) },
      operation: { function: write ? 16 : 3, name: "x" },
      accesses: random(5) === 0 ? [access(true), access(false)] : [access(write)],
      decision: {
        permit,
        rules: random(3) === 0 ? [] : [one(["a", "b"]), one(["b", "c"])],
        ...(permit ? {} : { because: one(becauses) }),
        policy: "a1b2",
      },
      outcome: { ...(random(4) === 0 ? { exception: 1 + random(4) } : {}), latencyUs: random(1000) },
      findings: random(6) === 0 ? [finding] : [],
    };
    const { accesses, decision } = transaction;
    const span = { from: formatTime(atMs - random(60_000)), to: time };
    const others = [
      () =>
        serialiseRecord(time, "rollup", {
          of: "reads",
          ...span,
          ...plain({ subject, location, accesses, decision }),
          count: 3,
        }),
      () =>
        serialiseRecord(time, "rollup", {
          of: "refusals",
          ...span,
          location: { site: "demo", gateway: "gw1", source: random(4) === 0 ? null : "10.0.0.1" },
          because: one(becauses),
          count: 9,
          who: [{ subject: one(subjects), role: null, function: random(20), unit: 1, count: 2 }],
        }),
      () => serialiseRecord(time, "finding", { location, finding }),
      () =>
        serialiseRecord(time, "identity", {
          event: one(["issued", "revoked"]),
          id: one(subjects),
          role: "Operator",
          by: "ada",
        }),
      () => serialiseRecord(time, "enrolment", { event: "refused", source: "10.0.0.3:9", reason: "KEY" }),
      () => serialiseRecord(time, "policy", { event: "applied", version: random(9), by: "control" }),
      () => serialiseRecord(time, "system", { event: "looked", by: { operator: true }, query: { text: "Setpoint" } }),
      () =>
        serialiseRecord(time, "approval", {
          event: "used",
          by: { id: "ada", role: "Engineer" },
          ...plain({ subject, accesses }),
          operation: { function: 6 },
          rules: [{ id: "a", approvals: 1 }],
        }),
      () =>
        serialiseRecord(time, "state", {
          location,
          device: "drive",
          unit: 3,
          table: "holding",
          address: random(40),
          values: [random(9)],
          points: ["speed"],
        }),
    ];
    log.append(random(2) === 0 ? serialiseTransaction(time, transaction) : one(others)());
    if (number % 500 === 0) log.commit();
  }
  log.commit();
}

/** Without the keys that are undefined, as JSON has it. */
function plain(value: object): Record<string, never> {
  return JSON.parse(JSON.stringify(value)) as Record<string, never>;
}
