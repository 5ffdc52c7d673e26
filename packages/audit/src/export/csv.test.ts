import { describe, expect, it } from "vitest";
import { parseCsvLine } from "../testing/export-parsers.ts";
import { everyKind, refusedWrite, transactionRecord } from "../testing/export-records.ts";
import { csvHeader, csvLine } from "./csv.ts";
import { columns, rowsOf } from "./rows.ts";

const cells = (line: string): Record<string, string> =>
  Object.fromEntries(parseCsvLine(line).map((cell, index) => [columns[index]!.name, cell]));

describe("CSV", () => {
  it("has a row for each object of a request, with the columns of the header", () => {
    expect(parseCsvLine(csvHeader())).toEqual(columns.map(({ name }) => name));
    const [read] = refusedWrite.accesses;
    const accesses = [{ ...read!, write: false }, refusedWrite.accesses[0]!];
    const before = { exception: 1, latencyUs: 312, before: [70, null] };
    const rows = rowsOf(transactionRecord({ ...refusedWrite, accesses, outcome: before }));
    expect(rows.map((row) => cells(csvLine(row)))).toMatchObject([
      { seq: "1841", access: "0", write: "false", before: "" },
      {
        time: "2026-11-21T09:14:03.120771Z",
        kind: "transaction",
        subject: "hmi-2",
        source: "10.0.0.5:49152",
        access: "1",
        device: "drive",
        address: "50009",
        write: "true",
        points: '["setpoint"]',
        values: "90",
        before: "70 ?",
        permit: "false",
        because: "max",
        exception: "1",
        latency_us: "312",
        detail: "",
      },
    ]);
  });

  it("keeps what a record of another kind says in its last column", () => {
    for (const record of everyKind) {
      const rows = rowsOf(record);
      expect(rows).toHaveLength(1);
      const { detail, kind } = cells(csvLine(rows[0]!));
      expect(kind).toBe(record.kind);
      if (record["epoch"] !== undefined) expect(JSON.parse(detail!)).toEqual({ epoch: 3, clean: true });
      if (record["of"] === "reads") expect(JSON.parse(detail!)).toMatchObject({ digest: "00", latencyUs: { sum: 6 } });
    }
  });

  it("marks a text that a spreadsheet would take for a formula, and a text that begins with the mark", () => {
    for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "'=1", "'"]) {
      const line = csvLine([text]);
      expect(line.replace(/^"/, "")).toMatch(/^'/);
      expect(parseCsvLine(line)).toEqual([text]);
    }
    expect(csvLine(["a", 1, -1, true, null, "", "a,b", 'a"b', " a"])).toBe('a,1,-1,true,,"","a,b","a""b"," a"\r\n');
  });
});
