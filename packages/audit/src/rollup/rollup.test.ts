import { createHash } from "node:crypto";
import type { Transaction } from "@modwarden/access";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AuditRecord, parseRecord } from "../record/record.ts";
import { NOON } from "../testing/logs.ts";
import { anyTransaction, read } from "../testing/transactions.ts";
import { RollupTable } from "./reads.ts";
import { RefusalRollup } from "./refusals.ts";

function parsed(body: string): AuditRecord {
  const record = parseRecord(Buffer.from(`{"seq":3,${body}`), 3);
  if (typeof record === "string") throw new Error(record);
  return record;
}

describe("RollupTable", () => {
  it("makes one record of the reads of one tuple in one minute", () => {
    const table = new RollupTable();
    const answers = [
      [500, 7],
      [501, 0xffff],
      [499, 8],
    ];
    for (const [index, values] of answers.entries()) {
      const source = `10.0.0.5:${4000 + index}`;
      const transaction = read({
        location: { ...read().location, source },
        method: { transport: "tls", transaction: index },
        outcome: { latencyUs: 300 + index },
      });
      expect(RollupTable.accepts(transaction)).toBe(true);
      expect(table.add(NOON + index * 1000, transaction, values)).toBeUndefined();
    }
    expect(table.tuples).toBe(1);
    expect(table.flush(NOON + 59_999)).toEqual([]);
    const [body = "", ...others] = table.flush(NOON + 60_000);
    expect(others).toEqual([]);
    expect(table.tuples).toBe(0);
    expect(body).toMatch(/^"t":"2026-11-21T12:01:00\.000000Z","kind":"rollup","of":"reads","from":"/);
    expect(parsed(body)).toEqual({
      seq: 3,
      t: "2026-11-21T12:01:00.000000Z",
      kind: "rollup",
      of: "reads",
      from: "2026-11-21T12:00:00.000000Z",
      to: "2026-11-21T12:01:00.000000Z",
      subject: { id: "hmi-1", role: "Viewer", cert: "3f" },
      location: { site: "demo", gateway: "gw1", zone: "hall-2", source: "10.0.0.5" },
      method: { transport: "tls" },
      operation: { function: 3, name: "read-holding-registers" },
      accesses: read().accesses,
      decision: { permit: true, rules: ["everyone-reads"], policy: "a1b2" },
      count: 3,
      latencyUs: { min: 300, max: 302, sum: 903 },
      values: { min: [499, 7], max: [501, 0xffff], last: [499, 8] },
      digest: createHash("sha256").update(Buffer.from("01f4000701f5ffff01f30008", "hex")).digest("hex"),
    });
  });

  it("keeps apart what differs in any part of the tuple, and minutes", () => {
    const base = read();
    const [access] = base.accesses;
    const others: Transaction[] = [
      base,
      read({ subject: { ...base.subject, id: "hmi-2" } }),
      read({ subject: { ...base.subject, id: null } }),
      read({ subject: { id: "hmi-1", role: null } }),
      read({ location: { ...base.location, source: "10.0.0.6:49152" } }),
      read({ location: { ...base.location, source: "[::1]:49152" } }),
      read({ method: { ...base.method, transport: "tcp" } }),
      read({ operation: { function: 4, name: "read-input-registers" } }),
      read({ operation: { function: 43, subfunction: 14, name: "read-device-identification" } }),
      read({ decision: { ...base.decision, rules: ["a", "b"] } }),
      read({ decision: { ...base.decision, policy: "c3" } }),
      ...[{ unit: 4 }, { device: null }, { table: null }, { address: 1 }, { quantity: 1 }].map((change) =>
        read({ accesses: [{ ...access!, ...change }] }),
      ),
    ];
    const table = new RollupTable();
    for (const transaction of others) {
      table.add(NOON, transaction, [1]);
      table.add(NOON + 60_000, transaction, [1]);
    }
    expect(table.tuples).toBe(2 * others.length);
    expect(table.flush(NOON + 60_001)).toHaveLength(others.length);
    const running = table.flush(NOON + 60_001, true);
    expect(running).toHaveLength(others.length);
    expect(parsed(running[0]!)).toMatchObject({ to: "2026-11-21T12:01:00.001000Z", count: 1 });
  });

  it("is bounded: what finds no room is recorded singly, and counted", () => {
    const table = new RollupTable({ maxTuples: 1 });
    const other = read({ subject: { id: "other", role: "Viewer" } });
    expect(table.add(NOON, read(), [1, 2])).toBeUndefined();
    expect(parsed(table.add(NOON, other, [1, 2])!)).toMatchObject({ kind: "transaction", subject: { id: "other" } });
    expect(table.add(NOON, read(), [1, 2])).toBeUndefined();
    expect(table.overflow).toBe(1);
  });

  it("takes answers of any length, also of different lengths", () => {
    const table = new RollupTable();
    const bits = Uint16Array.from({ length: 2000 }, (_, index) => index & 1);
    table.add(NOON, read(), []);
    table.add(NOON, read(), bits);
    table.add(NOON, read(), [5]);
    const { values } = parsed(table.flush(NOON, true)[0]!) as unknown as { values: { last: number[]; max: number[] } };
    expect(values.last).toEqual([5, ...bits.slice(1)]);
    expect(values.max).toEqual([5, ...bits.slice(1)]);
  });

  it("accepts ordinary answers to permitted reads only", () => {
    const base = read();
    const finding = { rule: "r", severity: "low", evidence: "e" } as const;
    for (const change of [
      { outcome: { latencyUs: 1, exception: 2 } },
      { outcome: { latencyUs: 1, result: "unknown" } },
      { findings: [finding] },
      { decision: { ...base.decision, permit: false } },
      { decision: { ...base.decision, shadow: { permit: false, because: "max" } } },
      { accesses: [] },
      { accesses: [{ ...base.accesses[0]!, write: true }] },
    ] as const satisfies readonly Partial<Transaction>[]) {
      expect(RollupTable.accepts(read(change))).toBe(false);
    }
  });

  it("writes records that the log takes, whatever stands in the transaction", () => {
    fc.assert(
      fc.property(anyTransaction, (transaction) => {
        fc.pre(transaction.accesses.length > 0);
        const table = new RollupTable();
        table.add(NOON, transaction, [1, 2]);
        expect(parsed(table.flush(NOON, true)[0]!)).toMatchObject({ kind: "rollup", of: "reads", count: 1 });
      }),
    );
  });
});

describe("RefusalRollup", () => {
  const refused = (source: string, because?: "max" | "route"): Transaction =>
    read({
      location: { site: "demo", gateway: "gw1", source },
      decision: { permit: false, rules: [], policy: "a1b2", ...(because && { because }) },
    });

  it("records 20 per source, reason and minute, and counts the rest", () => {
    const rollup = new RefusalRollup();
    let singles = 0;
    for (let port = 1; port <= 50; port++) if (rollup.add(NOON, refused(`10.0.0.5:${port}`, "max"))) singles++;
    expect(singles).toBe(20);
    expect(rollup.add(NOON, refused("10.0.0.5:1", "route"))).toBe(true);
    expect(rollup.add(NOON, refused("10.0.0.6:1", "max"))).toBe(true);
    expect(rollup.add(NOON, refused("10.0.0.6:1"))).toBe(true);
    expect(rollup.add(NOON + 60_000, refused("10.0.0.5:1", "max"))).toBe(true);
    const bodies = rollup.flush(NOON + 61_000);
    expect(bodies.map(parsed)).toEqual([
      {
        seq: 3,
        t: "2026-11-21T12:01:01.000000Z",
        kind: "rollup",
        of: "refusals",
        from: "2026-11-21T12:00:00.000000Z",
        to: "2026-11-21T12:01:00.000000Z",
        location: { site: "demo", gateway: "gw1", source: "10.0.0.5" },
        because: "max",
        count: 30,
        who: [{ subject: "hmi-1", role: "Viewer", function: 3, unit: 3, count: 30 }],
      },
    ]);
    expect(rollup.flush(NOON + 61_000, true)).toEqual([]);
  });

  it("leaves all sources together only so many records of their own, and counts the rest by source", () => {
    const rollup = new RefusalRollup({ single: 2, maxSingle: 5 });
    const location = (host: number) => ({ site: "demo", gateway: "gw1", source: `10.0.0.${host}:1` });
    const singles = (nowMs: number): number => {
      let count = 0;
      for (let host = 0; host < 4; host++) {
        for (let time = 0; time < 3; time++) if (rollup.addReason(nowMs, location(host), "unknown-source")) count++;
      }
      return count;
    };
    expect(singles(NOON)).toBe(5);
    expect(singles(NOON + 60_000)).toBe(5);
    const counts = rollup.flush(NOON + 60_001).map((body) => parsed(body)["count"]);
    expect(counts).toEqual([1, 1, 2, 3]);
  });

  it("counts who asked for what, also of one that asks again and again, and of sixteen at most", () => {
    const rollup = new RefusalRollup({ single: 1 });
    const base = refused("10.0.0.5:1", "max");
    const asking = (id: string | null, code: number, unit?: number): Transaction => ({
      ...base,
      subject: { id, role: id },
      operation: { function: code, name: "x" },
      accesses: unit === undefined ? [] : [{ ...base.accesses[0]!, unit }],
    });
    const [first, second] = [asking("a", 6, 1), asking(null, 6)];
    for (const transaction of [first, first, first, second, second, first]) rollup.add(NOON, transaction);
    // Another reason of the same place is another count.
    rollup.add(NOON, { ...first, decision: { ...first.decision, because: "route" } });
    for (let code = 10; code < 40; code++) rollup.add(NOON, asking("b", code, 1));
    const [record, ...others] = rollup.flush(NOON, true).map(parsed);
    expect(others).toEqual([]);
    expect(record).toMatchObject({ because: "max", count: 35 });
    const who = record?.["who"] as unknown[];
    expect(who).toHaveLength(16);
    expect(who.slice(0, 2)).toEqual([
      { subject: "a", role: "a", function: 6, unit: 1, count: 3 },
      { subject: null, role: null, function: 6, unit: null, count: 2 },
    ]);
    // What was on record is not counted again, though the minute is the same.
    expect(rollup.add(NOON, first)).toBe(true);
    rollup.add(NOON, first);
    expect(rollup.flush(NOON, true).map(parsed)).toMatchObject([{ count: 1 }]);
  });

  it("is bounded: further sources share one count per reason", () => {
    const rollup = new RefusalRollup({ single: 1, maxCounted: 2 });
    for (let host = 0; host < 10; host++) rollup.add(NOON, refused(`10.0.0.${host}:1`, "max"));
    const records = rollup.flush(NOON, true).map(parsed);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ location: { source: null }, because: "max", count: 7 });
  });
});
