import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyTransaction } from "../testing/transactions.ts";
import { compactJson } from "./json.ts";
import { parseRecord } from "./record.ts";
import { serialiseTransaction } from "./transaction.ts";

const TIME = "2026-11-21T09:14:03.120771Z";

describe("serialiseTransaction", () => {
  it("writes the record of formats.md byte for byte", () => {
    const text = serialiseTransaction(TIME, {
      subject: { id: "hmi-2", role: "Operator", cert: "3f" },
      location: { site: "demo", gateway: "gw1", zone: "hall-2", source: "10.0.0.5:49152" },
      method: { transport: "tls", transaction: 77 },
      operation: { function: 6, name: "write-single-register" },
      accesses: [
        {
          device: "drive",
          unit: 3,
          table: "holding",
          address: 50009,
          quantity: 1,
          write: true,
          points: ["setpoint"],
          values: [90],
        },
      ],
      decision: { permit: false, rules: ["setpoint"], because: "max", failed: "max 80, got 90", policy: "a1b2" },
      outcome: { exception: 1, latencyUs: 312 },
      findings: [],
    });
    expect(`{"seq":1841,${text}`).toBe(
      '{"seq":1841,"t":"2026-11-21T09:14:03.120771Z","kind":"transaction","subject":{"id":"hmi-2","role":"Operator","cert":"3f"},' +
        '"location":{"site":"demo","gateway":"gw1","zone":"hall-2","source":"10.0.0.5:49152"},"method":{"transport":"tls","transaction":77},' +
        '"operation":{"function":6,"name":"write-single-register"},"accesses":[{"device":"drive","unit":3,"table":"holding","address":50009,' +
        '"quantity":1,"write":true,"points":["setpoint"],"values":[90]}],"decision":{"permit":false,"rules":["setpoint"],"because":"max",' +
        '"failed":"max 80, got 90","policy":"a1b2"},"outcome":{"exception":1,"latencyUs":312},"findings":[]}',
    );
  });

  it("writes any transaction so that it reads back as it was, in the log's own form", () => {
    fc.assert(
      fc.property(anyTransaction, (transaction) => {
        const line = `{"seq":7,${serialiseTransaction(TIME, transaction)}`;
        const expected: unknown = JSON.parse(JSON.stringify({ seq: 7, t: TIME, kind: "transaction", ...transaction }));
        expect(JSON.parse(line)).toEqual(expected);
        expect(`{"seq":7,${serialiseTransaction(TIME, transaction)}`).toBe(line);
        expect(line).toBe(compactJson(JSON.parse(line)));
        expect(parseRecord(Buffer.from(line), 7)).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });
});
