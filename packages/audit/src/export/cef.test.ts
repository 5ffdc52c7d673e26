import { describe, expect, it } from "vitest";
import { parseCef } from "../testing/export-parsers.ts";
import { bareRecords, everyKind, recordOf, refusedWrite, transactionRecord } from "../testing/export-records.ts";
import { cefLine } from "./cef.ts";

const context = { log: "L0G", version: "0.1.0" };

describe("CEF", () => {
  it("says a refused write in the dictionary's keys", () => {
    const line = cefLine(transactionRecord(refusedWrite), context);
    expect(line.startsWith("CEF:0|modwarden|modwarden|0.1.0|transaction:max|write-single-register refused|6|rt=")).toBe(
      true,
    );
    expect(parseCef(line).extension).toMatchObject({
      rt: String(Date.parse("2026-11-21T09:14:03.120Z")),
      externalId: "1841",
      deviceExternalId: "L0G",
      dvchost: "gw1",
      act: "refused",
      outcome: "failure",
      reason: "max 80, got 90",
      src: "10.0.0.5",
      spt: "49152",
      suser: "hmi-2",
      spriv: "Operator",
      dhost: "drive",
      app: "modbus",
      proto: "TCP",
      cn1: "3",
      cn1Label: "unit",
      cs1: '["setpoint"]',
      cs2: "90",
      cs2Label: "values",
      msg: "hmi-2 (Operator) write-single-register drive setpoint := 90: refused: max 80, got 90, exception 1",
    });
  });

  it("is one line with seven header fields for every kind of record", () => {
    for (const record of [...everyKind, ...bareRecords]) {
      const { header, extension } = parseCef(cefLine(record, context));
      expect(header.slice(0, 4)).toEqual(["CEF:0", "modwarden", "modwarden", "0.1.0"]);
      expect(header[4]).toContain(record.kind === "log" ? "log" : record.kind);
      expect(Number(header[6])).toBeGreaterThan(0);
      expect(extension["externalId"]).toBe(String(record.seq));
    }
  });

  it("says success, failure and unknown, and the transports as protocols", () => {
    const permitted = { ...refusedWrite, decision: { permit: true, rules: [], policy: "a1b2" } };
    const outcomes = [
      [{ latencyUs: 1 }, "success", "tls", "TCP"],
      [{ latencyUs: 1, exception: 4 }, "failure", "udp", "UDP"],
      [{ latencyUs: 1, exception: 11, result: "unknown" }, "unknown", "rtu", undefined],
    ] as const;
    for (const [outcome, said, transport, proto] of outcomes) {
      const record = transactionRecord({ ...permitted, outcome, method: { transport, transaction: 1 } });
      const { extension } = parseCef(cefLine(record, context));
      expect([extension["outcome"], extension["proto"]]).toEqual([said, proto]);
    }
    const shadow = { ...permitted.decision, shadow: { permit: false } };
    expect(parseCef(cefLine(transactionRecord({ ...permitted, decision: shadow }), context)).header[6]).toBe("4");
  });

  it("keeps in cs6 what the keys cannot say, and an IPv6 address in its own", () => {
    const accesses = [...refusedWrite.accesses, { ...refusedWrite.accesses[0]!, write: false }];
    const location = { ...refusedWrite.location, source: "[fe80::1]:4000" };
    const { extension } = parseCef(cefLine(transactionRecord({ ...refusedWrite, accesses, location }), context));
    expect(JSON.parse(extension["cs6"]!)).toMatchObject({ accesses });
    expect(extension).toMatchObject({ c6a2: "fe80::1", c6a2Label: "Source IPv6 Address", spt: "4000" });
    expect(extension).not.toHaveProperty("src");
    const unknown = recordOf("system", { event: "start", "odd field": [{ "a=b": "c|d\n" }] });
    expect(JSON.parse(parseCef(cefLine(unknown, context)).extension["cs6"]!)).toMatchObject({
      "odd field": [{ "a=b": "c|d\n" }],
    });
  });
});
