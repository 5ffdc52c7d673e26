import type { Access, Outcome } from "@modwarden/access";
import { readRecords } from "../read/records.ts";
import { type AuditRecord, serialiseRecord } from "../record/record.ts";
import { formatTime } from "../record/time.ts";
import { serialiseTransaction } from "../record/transaction.ts";
import { AuditIndex } from "../search/audit-index.ts";
import { NOON, testLog } from "./logs.ts";
import { read } from "./transactions.ts";

/** What happened to the drive, each at a second after noon: makes a log of it, in that order, and its index. */
export interface History {
  readonly index: AuditIndex;
  readonly records: readonly AuditRecord[];
}

export type Happening = (log: (body: string) => void) => void;

export const at = (second: number): number => (NOON + second * 1000) * 1000;
const time = (second: number): string => formatTime(NOON + second * 1000);

export function history(happenings: readonly Happening[]): History {
  const made = testLog();
  const log = made.open();
  for (const happening of happenings) happening((body) => log.append(body));
  log.close();
  const index = new AuditIndex({ dir: made.dir });
  index.update();
  return { index, records: [...readRecords(made.dir)] };
}

const object = { device: "drive", unit: 3, table: "holding" } as const;

interface More {
  readonly outcome?: Partial<Outcome>;
  readonly access?: Partial<Access>;
  readonly permit?: boolean;
  readonly subject?: string;
  readonly rules?: readonly string[];
  readonly also?: readonly Access[];
}

export function write(second: number, address: number, values: readonly number[], more: More = {}): Happening {
  const access: Access = {
    ...object,
    address,
    quantity: values.length,
    write: true,
    points: ["setpoint"],
    values,
    ...more.access,
  };
  const transaction = read({
    subject: { id: more.subject ?? "hmi-2", role: "Operator" },
    operation: { function: 16, name: "write-multiple-registers" },
    accesses: [access, ...(more.also ?? [])],
    decision: { permit: more.permit ?? true, rules: more.rules ?? ["setpoint"], policy: "a1b2" },
    outcome: { latencyUs: 300, ...more.outcome },
  });
  return (log) => log(serialiseTransaction(time(second), transaction));
}

/** A read that is on record by itself. */
export function seen(second: number, address: number, values: readonly number[]): Happening {
  const access: Access = { ...object, address, quantity: values.length, write: false };
  const transaction = read({ accesses: [access], outcome: { values, latencyUs: 300 } });
  return (log) => log(serialiseTransaction(time(second), transaction));
}

export function state(second: number, address: number, values: readonly number[]): Happening {
  return (log) =>
    log(
      serialiseRecord(time(second), "state", { location: { site: "demo" }, ...object, address, values: [...values] }),
    );
}

export function rollup(from: number, to: number, address: number, last: readonly number[]): Happening {
  const access = { ...object, address, quantity: last.length, write: false };
  const span = { from: time(from), to: time(to) };
  const decision = { permit: true, rules: [], policy: "a1b2" };
  return (log) =>
    log(
      serialiseRecord(time(to), "rollup", {
        of: "reads",
        ...span,
        accesses: [access],
        decision,
        values: { last: [...last] },
      }),
    );
}

/** The use of an approval for such a write. */
export function used(second: number, id: string, address: number, values: readonly number[]): Happening {
  const access = {
    ...object,
    address,
    quantity: values.length,
    write: true,
    points: ["setpoint"],
    values: [...values],
  };
  const fields = {
    event: "used",
    approval: id,
    subject: { id: "hmi-2", role: "Operator" },
    accesses: [access],
    rules: [{ id: "two" }],
  };
  return (log) => log(serialiseRecord(time(second), "approval", fields));
}
