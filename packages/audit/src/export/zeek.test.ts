import type { Transaction } from "@modwarden/access";
import { describe, expect, it } from "vitest";
import { parseZeekLine } from "../testing/export-parsers.ts";
import { bareRecords, everyKind, refusedWrite, transactionRecord } from "../testing/export-records.ts";
import { zeekRows } from "./zeek.ts";
import { zeekFooter, zeekHeader, zeekJsonLine, zeekLine } from "./zeek-format.ts";
import { type ZeekLogName, zeekLogNames, zeekLogs } from "./zeek-logs.ts";
import { zeekText, zeekValue } from "./zeek-text.ts";

const context = { log: "L0G", version: "0.1.0", responder: { address: "10.0.0.1", port: 802 } };
const permit = { permit: true, rules: ["r"], policy: "a1b2" } as const;
const access = refusedWrite.accesses[0]!;

/** The lines of one log that a transaction becomes, by field. */
function linesOf(log: ZeekLogName, change: Partial<Transaction>): Record<string, string | undefined>[] {
  const rows = zeekRows(
    transactionRecord({ ...refusedWrite, decision: permit, outcome: { latencyUs: 1000 }, ...change }),
    context,
  );
  return rows
    .filter((row) => row.log === log)
    .map((row) => {
      const fields = parseZeekLine(zeekLine(row));
      expect(fields).toHaveLength(zeekLogs[log].length);
      return Object.fromEntries(zeekLogs[log].map(({ name }, index) => [name, fields[index]]));
    });
}

describe("Zeek", () => {
  it("writes the request and the answer into modbus.log, from the times of the record", () => {
    const [asked, answered] = linesOf("modbus", {});
    expect(asked).toMatchObject({
      ts: "1795252443.119771",
      "id.orig_h": "10.0.0.5",
      "id.orig_p": "49152",
      "id.resp_h": "10.0.0.1",
      "id.resp_p": "802",
      tid: "77",
      unit: "3",
      func: "WRITE_SINGLE_REGISTER",
      pdu_type: "REQ",
      exception: undefined,
    });
    expect(answered).toMatchObject({ ts: "1795252443.120771", func: "WRITE_SINGLE_REGISTER", pdu_type: "RESP" });
    expect(answered?.["uid"]).toBe(asked?.["uid"]);
    expect(asked?.["uid"]).toMatch(/^C[0-9A-Za-z]{17}$/);
    expect(linesOf("modbus", { outcome: { latencyUs: 1, exception: 2 } })[1]).toMatchObject({
      func: "WRITE_SINGLE_REGISTER_EXCEPTION",
      exception: "ILLEGAL_DATA_ADDRESS",
    });
    expect(linesOf("modbus", { outcome: { latencyUs: 1, exception: 99 } })[1]?.["exception"]).toBe("unknown-99");
    expect(linesOf("modbus", { outcome: { latencyUs: 1, result: "closed" } })).toHaveLength(1);
    const unassigned = { operation: { function: 99, name: "unknown" }, outcome: { latencyUs: 1, exception: 1 } };
    expect(linesOf("modbus", unassigned).map(({ func }) => func)).toEqual(["unknown-99", "unknown-227"]);
  });

  it("pairs them in modbus_detailed.log", () => {
    expect(linesOf("modbus_detailed", {})).toMatchObject([
      {
        address: "50009",
        quantity: "1",
        request_values: "90",
        response_values: "90",
        matched: "T",
        modbus_detailed_link_id: undefined,
      },
    ]);
    const { values: _values, ...place } = access;
    const read = {
      operation: { function: 3, name: "read-holding-registers" },
      accesses: [{ ...place, quantity: 2, write: false }],
    };
    expect(linesOf("modbus_detailed", { ...read, outcome: { latencyUs: 1, values: [499, 8] } })).toMatchObject([
      { func: "READ_HOLDING_REGISTERS", request_values: undefined, response_values: "499,8" },
    ]);
    expect(linesOf("modbus_detailed", { outcome: { latencyUs: 1, exception: 11, result: "unknown" } })).toMatchObject([
      { response_values: undefined, matched: "T", exception_code: "GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND" },
    ]);
    const silent = { outcome: { latencyUs: 1, result: "closed" } } as const;
    expect(linesOf("modbus_detailed", silent)).toMatchObject([{ matched: "F", response_values: undefined }]);
  });

  it("names sub-functions as icsnpp-modbus does", () => {
    const none = { accesses: [{ device: null, unit: 3, table: null, address: 0, quantity: 0, write: false }] };
    const diagnostic = { ...none, operation: { function: 8, subfunction: 4, name: "diagnostics" } };
    expect(linesOf("modbus_detailed", diagnostic)).toMatchObject([
      {
        address: undefined,
        quantity: undefined,
        request_subfunction_code: "Force Listen Only Mode",
        response_subfunction_code: "Force Listen Only Mode",
      },
    ]);
    const refused = {
      ...diagnostic,
      operation: { ...diagnostic.operation, subfunction: 99 },
      outcome: { latencyUs: 1, exception: 1 },
    };
    expect(linesOf("modbus_detailed", refused)).toMatchObject([
      { request_subfunction_code: "unknown-99", response_subfunction_code: undefined },
    ]);
    const types = ([14, 13, 5, undefined] as const).map((subfunction) => {
      const operation = {
        function: 43,
        name: "encapsulated-interface-transport",
        ...(subfunction === undefined ? {} : { subfunction }),
      };
      return linesOf("modbus_detailed", { ...none, operation })[0]?.["mei_type"];
    });
    expect(types).toEqual([
      "Read Device Identification",
      "CANopen",
      "invalid encapsulated interface transport mei-(0x05)",
      undefined,
    ]);
  });

  it("gives functions 22 and 23 logs of their own, linked to modbus_detailed.log", () => {
    const mask = {
      operation: { function: 22, name: "mask-write-register" },
      accesses: [
        { ...access, write: false },
        { ...access, mask: { and: 0xf2, or: 0x25 } },
      ],
    };
    const [detail] = linesOf("modbus_detailed", mask);
    expect(detail).toMatchObject({ address: "50009", quantity: undefined, matched: "T" });
    const masks = linesOf("modbus_mask_write_register", mask);
    expect(masks).toMatchObject([
      {
        is_orig: "T",
        source_h: "10.0.0.5",
        destination_h: "10.0.0.1",
        request_response: "REQUEST",
        and_mask: "242",
        or_mask: "37",
      },
      {
        is_orig: "F",
        source_h: "10.0.0.1",
        destination_h: "10.0.0.5",
        request_response: "RESPONSE",
        and_mask: "242",
        or_mask: "37",
      },
    ]);
    expect(new Set([detail, ...masks].map((line) => line?.["modbus_detailed_link_id"])).size).toBe(1);
    const { values: _values, ...place } = access;
    const both = {
      operation: { function: 23, name: "read-write-multiple-registers" },
      accesses: [
        { ...place, address: 1, quantity: 2, write: false },
        { ...access, values: [5, 6] },
      ],
      outcome: { latencyUs: 1, values: [7, 8] },
    };
    expect(linesOf("modbus_read_write_multiple_registers", both)).toMatchObject([
      {
        write_start_address: "50009",
        write_registers: "5,6",
        read_start_address: "1",
        read_quantity: "2",
        read_registers: undefined,
      },
      { write_start_address: undefined, read_registers: "7,8" },
    ]);
    expect(
      linesOf("modbus_read_write_multiple_registers", { ...both, outcome: { latencyUs: 1, exception: 2 } }),
    ).toHaveLength(1);
  });

  it("says who it was and what was decided in a log of its own, findings too, and leaves out what is no packet", () => {
    const rows = everyKind.map((record) => zeekRows(record, context));
    expect(rows.map((of) => of.length > 0)).toEqual(
      everyKind.map(({ kind }) => kind === "transaction" || kind === "finding"),
    );
    const [line] = linesOf("modwarden", {
      decision: refusedWrite.decision,
      findings: [{ rule: "r,1", severity: "low", evidence: "e" }],
    });
    expect(line).toMatchObject({
      seq: "1841",
      subject: "hmi-2",
      role: "Operator",
      points: "setpoint",
      permit: "F",
      because: "max",
      findings: "r,1",
      evidence: "e",
    });
    for (const row of bareRecords.flatMap((record) => zeekRows(record, context))) {
      expect(parseZeekLine(zeekLine(row))).toHaveLength(zeekLogs[row.log].length);
    }
    const serial = zeekRows(everyKind[6]!, { log: "L0G", version: "0" })[0]!;
    expect(zeekLine(serial)).toContain("\t-\t-\t-\t-\t6\tfinding\t");
    expect(JSON.parse(zeekJsonLine(serial))).toMatchObject({
      _path: "modwarden",
      ts: 1795252443.120771,
      seq: 6,
      findings: ["late"],
    });
  });

  it("opens and closes a log as Zeek does", () => {
    const now = new Date("2026-11-21T09:14:03.120Z");
    const lines = zeekHeader("modbus", now).split("\n");
    expect(lines.slice(0, 6)).toEqual([
      "#separator \\x09",
      "#set_separator\t,",
      "#empty_field\t(empty)",
      "#unset_field\t-",
      "#path\tmodbus",
      "#open\t2026-11-21-09-14-03",
    ]);
    expect(lines[6]).toBe(
      "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\ttid\tunit\tfunc\tpdu_type\texception",
    );
    expect(zeekFooter(now)).toBe("#close\t2026-11-21-09-14-03\n");
    for (const log of zeekLogNames) expect(zeekHeader(log, now).split("\n")).toHaveLength(9);
  });

  it("escapes what would be read as something else", () => {
    expect(["", "-", "(empty)", "a\tb", "\\", "a,b", "\u2028", "\ud800"].map((text) => zeekText(text, true))).toEqual([
      "(empty)",
      "\\x2d",
      "\\x28empty)",
      "a\\x09b",
      "\\\\",
      "a\\x2cb",
      "\\xe2\\x80\\xa8",
      "\\xed\\xa0\\x80",
    ]);
    expect(zeekText("a,b", false)).toBe("a,b");
    expect(zeekValue("vector[count]", [1, null])).toBe("1,-");
    expect(zeekValue("vector[count]", [])).toBe("(empty)");
    expect(zeekValue("bool", false)).toBe("F");
  });
});
